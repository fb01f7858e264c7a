"""What the others were told and really got, held against our database at the end."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from tests.chaos.driver import Journal
from tests.chaos.stack import ChaosStack

_OPEN = "status IN ('queued', 'sending')"
_ACCOUNT = "JOIN whatsapp_business_accounts a ON a.id = m.account_id"


@dataclass
class Verdict:
    """`faults` says in words what was broken; empty is a pass. `figures` are for people."""

    faults: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    def none_of(self, found: Sequence[Any] | set[Any], what: str) -> None:
        self.figures[what] = len(found)
        if found:
            self.faults.append(f"{len(found)} {what}: {sorted(map(str, found))[:5]}")


@contextmanager
def looking(stack: ChaosStack) -> Iterator[Connection]:
    engine = create_engine(make_url(stack.settings.database_url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def delivered(stack: ChaosStack, accounts: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """What the sandbox has delivered: our reference to Meta's ids, one for each delivery."""
    found: dict[str, list[str]] = {}
    for account in accounts:
        path = f"messages?limit=10000&phone_number_id={account['phone_number_id']}"
        for row in stack.control("GET", path)["data"]:
            if row["direction"] == "outbound":
                found.setdefault(row["biz_opaque_callback_data"], []).append(row["wamid"])
    return found


def settle(stack: ChaosStack, accounts: Sequence[dict[str, Any]], patience_s: float) -> float:
    """Wait until nothing moves any more; how long that took. The judge says what was left over."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience_s:
        stack.control("POST", "deliveries/retry", {})
        waiting = stack.control("GET", "deliveries?state=pending&limit=1")["data"]
        with looking(stack) as connection:
            left = _count(connection, f"SELECT count(*) FROM whatsapp_messages WHERE {_OPEN}")
            left += _count(connection, "SELECT count(*) FROM whatsapp_webhook_events WHERE state = 'pending'")
            unsettled = _unsettled(connection, delivered(stack, accounts)) if not left else {""}
        if not left and not waiting and not unsettled:
            break
        time.sleep(0.5)
    return time.monotonic() - begun


def judge(
    stack: ChaosStack, accounts: Sequence[dict[str, Any]], journal: Journal, began_at: float
) -> Verdict:
    verdict = Verdict()
    sent = delivered(stack, accounts)
    with looking(stack) as connection:
        _judge_incoming(verdict, connection, journal)
        _judge_sends(verdict, connection, journal, sent)
        _judge_leftovers(verdict, connection)
        if stack.settings.is_sqlite:
            result = connection.execute(text("PRAGMA integrity_check")).scalar_one()
            verdict.none_of([] if result == "ok" else [result], "integrity errors")
    verdict.none_of(journal.wrong, "wrong answers")
    verdict.figures["seconds in all"] = round(time.monotonic() - began_at)
    return verdict


def _count(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())


def _judge_incoming(verdict: Verdict, connection: Connection, journal: Journal) -> None:
    verdict.figures["acknowledged posts"] = len(journal.posts)
    verdict.figures["acknowledged events"] = journal.events
    verdict.figures["refused posts (503), posted again"] = journal.refused_posts
    bodies = {
        digest for (digest,) in connection.execute(text("SELECT body_sha256 FROM whatsapp_webhook_events"))
    }
    told = {hashlib.sha256(post.body).hexdigest() for post in journal.posts}
    verdict.none_of(told - bodies, "acknowledged posts lost")
    kept = Counter(
        (meta_id, wamid)
        for meta_id, wamid in connection.execute(
            text(
                f"SELECT a.meta_id, m.wamid FROM whatsapp_messages m {_ACCOUNT} WHERE m.direction = 'inbound'"
            )
        )
    )
    wanted = {(post.waba_id, wamid) for post in journal.posts for wamid in post.messages}
    verdict.figures["acknowledged inbound messages"] = len(wanted)
    verdict.none_of(wanted - kept.keys(), "acknowledged messages lost")
    verdict.none_of({key for key, count in kept.items() if count > 1}, "inbound messages doubled")
    statuses = Counter(
        (meta_id, wamid, status)
        for meta_id, wamid, status in connection.execute(
            text(f"SELECT a.meta_id, m.wamid, m.status FROM message_status_events m {_ACCOUNT}")
        )
    )
    reported = {(post.waba_id, *pair) for post in journal.posts for pair in post.statuses}
    verdict.none_of(reported - statuses.keys(), "acknowledged statuses lost")
    verdict.none_of({key for key, count in statuses.items() if count > 1}, "statuses doubled")
    unread = connection.execute(
        text(
            "SELECT c.id FROM conversations c WHERE c.unread_count <>"
            " (SELECT count(*) FROM whatsapp_messages m WHERE m.conversation_id = c.id"
            " AND m.direction = 'inbound' AND m.message_type <> 'reaction')"
        )
    ).all()
    verdict.none_of(unread, "conversations with a wrong unread count")


def _judge_sends(
    verdict: Verdict, connection: Connection, journal: Journal, sent: dict[str, list[str]]
) -> None:
    rows = connection.execute(
        text(
            "SELECT m.id, c.wa_id, m.client_ref, m.status FROM whatsapp_messages m"
            " JOIN contacts c ON c.id = m.contact_id WHERE m.direction = 'outbound'"
        )
    ).all()
    by_customer = Counter(row.wa_id for row in rows)
    verdict.figures["sends told 202"] = len(journal.sends)
    verdict.figures["sends refused, asked again"] = journal.refused_sends
    verdict.none_of({to for to in journal.sends if by_customer[to] != 1}, "accepted sends lost or doubled")
    known_ids = {row.id for row in rows}
    verdict.none_of(set(journal.sends.values()) - known_ids, "ids that were told and are gone")
    verdict.figures["messages delivered by Meta"] = len(sent)
    verdict.none_of({ref for ref, wamids in sent.items() if len(wamids) > 1}, "messages delivered twice")
    unsettled = _unsettled(connection, sent)
    verdict.figures["delivered, settled by themselves (%)"] = round(
        100 * (1 - len(unsettled) / max(1, len(sent))), 3
    )
    if len(unsettled) > len(sent) * 0.001:
        verdict.faults.append(
            f"{len(unsettled)} delivered messages are not known as sent: {sorted(unsettled)[:5]}"
        )
    for status, count in sorted(Counter(str(row.status) for row in rows).items()):
        verdict.figures[f"messages that ended {status}"] = count
    undelivered = {
        row.id for row in rows if row.client_ref not in sent and row.status not in {"unconfirmed", "failed"}
    }
    verdict.none_of(undelivered, "messages called sent that Meta never had")


def _unsettled(connection: Connection, sent: dict[str, list[str]]) -> set[str]:
    settled = {
        ref
        for (ref,) in connection.execute(
            text(
                "SELECT client_ref FROM whatsapp_messages WHERE direction = 'outbound' AND wamid IS NOT NULL"
                " AND status IN ('sent', 'delivered', 'read', 'played', 'failed')"
            )
        )
    }
    return sent.keys() - settled


def _still_pending(connection: Connection) -> set[Any]:
    """Events that nobody works off; what the sandbox posts just now is another matter."""
    pending: set[Any] | None = None
    for _ in range(40):
        rows = connection.execute(text("SELECT id FROM whatsapp_webhook_events WHERE state = 'pending'"))
        now = {id_ for (id_,) in rows}
        connection.rollback()
        pending = now if pending is None else pending & now
        if not pending:
            break
        time.sleep(0.25)
    return pending or set()


def _judge_leftovers(verdict: Verdict, connection: Connection) -> None:
    def ids(statement: str) -> list[Any]:
        return [row[0] for row in connection.execute(text(statement))]

    verdict.none_of(ids(f"SELECT id FROM whatsapp_messages WHERE {_OPEN}"), "messages stuck")
    verdict.none_of(_still_pending(connection), "events stuck")
    verdict.none_of(
        ids("SELECT id FROM whatsapp_webhook_events WHERE state = 'parked' AND reason = ''"),
        "events parked without a reason",
    )
    verdict.none_of(
        ids(
            "SELECT id FROM whatsapp_messages m WHERE status = 'unconfirmed' AND (next_attempt_at IS NULL"
            " OR NOT EXISTS"
            " (SELECT 1 FROM message_attempts a WHERE a.message_id = m.id AND a.error_text <> ''))"
        ),
        "unconfirmed messages without a reason",
    )
    verdict.none_of(
        ids("SELECT id FROM whatsapp_messages WHERE status = 'failed' AND error_title = ''"),
        "failed messages without a reason",
    )
    verdict.none_of(
        ids(
            "SELECT a.id FROM message_attempts a JOIN whatsapp_messages m ON m.id = a.message_id"
            " WHERE a.outcome = 'started' AND m.status IN ('queued', 'sending', 'unconfirmed')"
        ),
        "tries without an end",
    )

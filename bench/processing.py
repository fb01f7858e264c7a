"""Working off: stored posts until none is left, beside an ORM that goes event by event."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bench import posts
from bench.console import Console
from bench.filling import fill
from bench.report import Report

MESSAGES = 4_000
INBOUND = 2_000
ORM_EVENTS = 300
REPEATED = 0.02
BIG = 1_000
BIG_BYTES = 3_000_000


@dataclass(frozen=True)
class Rate:
    """Posts per second, and this process's share of the work."""

    per_second: float
    cpu_us: float

    def figures(self) -> tuple[str, str]:
        return f"{self.per_second:.0f}/s", f"CPU {self.cpu_us:.0f} us"


@dataclass(frozen=True)
class Processed:
    """What was measured, by what the posts were."""

    statuses: Rate
    inbound: Rate
    searchable: Rate
    orm: Rate
    big_answered_s: float
    big_worked_off_s: float


def run(console: Console, report: Report, intake: float) -> None:
    """`intake`: posts per second that were taken in on this database in this run."""
    accounts = fill(console, MESSAGES, is_finished=False)
    with console.app.app_context():
        _print(report, console.database_name, _measure(console, accounts[0]), intake)


def _print(report: Report, database: str, rates: Processed, intake: float) -> None:
    report.heading(f"Working off, {database}, one worker, {2 * MESSAGES} statuses and {INBOUND} messages")
    report.line("statuses, a post each", *rates.statuses.figures())
    report.line("customers' texts, a post each", *rates.inbound.figures())
    report.line("these texts made searchable", *rates.searchable.figures())
    report.line("the ORM, status by status", *rates.orm.figures())
    report.line("intake on this database", f"{intake:.0f}/s")
    report.ratio("statuses to intake", rates.statuses.per_second / intake, "at least", 2.5)
    report.ratio("statuses to the ORM", rates.statuses.per_second / rates.orm.per_second, "at least", 20.0)
    report.ratio("texts to intake", rates.inbound.per_second / intake, "at least", 1.0)
    report.ratio(f"{BIG} updates, 3 MB: answered, s", rates.big_answered_s, "at most", 1.0)
    report.ratio(f"{BIG} updates, 3 MB: worked off, s", rates.big_worked_off_s, "at most", 5.0)


def store_statuses(account: dict[str, Any]) -> None:
    """The statuses that are measured, as posts that wait. Needs the app context."""
    _store(account, _status_values(account, _wamids()))


def _measure(console: Console, account: dict[str, Any]) -> Processed:
    from app.worker.runner import spare_the_collector

    wamids = _wamids()
    spare_the_collector()
    orm = _orm_rate(account, wamids)
    statuses = _rate(account, _status_values(account, wamids))
    _make_all_searchable()
    inbound = _rate(account, _text_values(account))
    searchable = _timed(INBOUND, _make_all_searchable)
    answered, worked_off = _big(console, account, wamids)
    return Processed(statuses, inbound, searchable, orm, answered, worked_off)


def _wamids() -> list[str]:
    """Of the first account's messages that wait for their statuses."""
    from sqlalchemy import select

    from app.extensions import db
    from app.models import Message

    statement = select(Message.wamid).where(Message.account_id == 1).order_by(Message.id)
    found = [wamid for wamid in db.session.scalars(statement) if wamid]
    db.session.rollback()
    return found


def _status_values(account: dict[str, Any], wamids: list[str]) -> Iterable[dict[str, Any]]:
    """`delivered` and `read` of each message, shuffled within a stretch, and some of them twice."""
    chance = random.Random(5)
    words = [(word, wamid) for wamid in wamids[ORM_EVENTS:] for word in ("delivered", "read")]
    for start in range(0, len(words), 500):
        stretch = words[start : start + 500]
        stretch += chance.sample(stretch, round(REPEATED * len(stretch)))
        chance.shuffle(stretch)
        yield from (_statuses(account, [pair]) for pair in stretch)


def _statuses(account: dict[str, Any], pairs: Iterable[tuple[str, str]], padding: str = "") -> dict[str, Any]:
    more = {"_padding": padding} if padding else {}
    return {
        **posts.metadata(account),
        "statuses": [
            {
                "id": wamid,
                "status": word,
                "timestamp": str(int(time.time())),
                "recipient_id": "447700900118",
                "pricing": {
                    "pricing_model": "PMP",
                    "category": "utility",
                    "type": "regular",
                },
                **more,
            }
            for word, wamid in pairs
        ],
    }


def _text_values(account: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Every second text comes from somebody new."""
    for number in range(INBOUND):
        # Of the known ones only those whose account this is.
        wa_id = f"4477{10_000_000 + number % 160 // 5 * 5}" if number % 2 else f"4479{10_000_000 + number}"
        yield posts.text_value(account, wa_id, f"wamid.TEXT{number}", f"Question number {number}")


def _store(account: dict[str, Any], values: Iterable[dict[str, Any]]) -> int:
    from app.extensions import db
    from app.models import EventState, WebhookEvent, utcnow

    now = utcnow()
    rows = [
        {
            "received_at": now,
            "verified_account_ids": str(account["id"]),
            "body": body,
            "body_sha256": hashlib.sha256(body).hexdigest(),
            "state": EventState.PENDING,
            "next_attempt_at": now,
        }
        for body in (posts.body(account, value) for value in values)
    ]
    db.session.execute(WebhookEvent.__table__.insert(), rows)  # type: ignore[attr-defined]
    db.session.commit()
    return len(rows)


def _rate(account: dict[str, Any], values: Iterable[dict[str, Any]]) -> Rate:
    return _timed(_store(account, values), _work_off_all)


def _work_off_all() -> None:
    """As the worker does: until nothing is left."""
    from app.extensions import db
    from app.services import event_work

    while event_work.work_off():
        db.session.remove()


def _make_all_searchable() -> None:
    """As the worker does, without its rests."""
    from app.services.search_index import Indexer

    indexer = Indexer()
    while indexer.step():
        continue


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _big(console: Console, account: dict[str, Any], wamids: list[str]) -> tuple[float, float]:
    """The largest post Meta makes: how soon it is answered, and worked off. Medians of three."""
    answered, worked_off = [], []
    client = console.app.test_client()
    for word in ("sent", "played", "failed"):
        pairs = [(word, wamid) for wamid in wamids[:BIG]]
        body = posts.body(account, _statuses(account, pairs, padding="x" * (BIG_BYTES // BIG - 300)))
        started = time.perf_counter()
        answer = client.post(
            posts.PATH, data=body, headers=posts.signature(account, body), content_type="application/json"
        )
        answered.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.status_code
        worked_off.append(_seconds(_work_off_all))
    return sorted(answered)[1], sorted(worked_off)[1]


def _timed(count: int, work: Callable[[], None]) -> Rate:
    cpu = time.process_time()
    took = _seconds(work)
    return Rate(count / took, 1e6 * (time.process_time() - cpu) / count)


def _orm_rate(account: dict[str, Any], wamids: list[str]) -> Rate:
    """What a plain application does: one event, its rows as objects, one commit."""
    pairs = [(word, wamid) for wamid in wamids[:ORM_EVENTS] for word in ("delivered", "read")]
    count = _store(account, (_statuses(account, [pair]) for pair in pairs))
    return _timed(count, _orm_work_off)


def _orm_work_off() -> None:
    from sqlalchemy import select

    from app.extensions import db
    from app.graph.webhooks import StatusUpdate, loads, parse
    from app.models import EventState, Message, MessageStatus, MessageStatusEvent, WebhookEvent, utcnow

    pending = (
        select(WebhookEvent)
        .where(WebhookEvent.state == EventState.PENDING)
        .order_by(WebhookEvent.id)
        .limit(1)
    )
    while (event := db.session.scalar(pending)) is not None:
        for item in parse(loads(event.body)).items:
            assert isinstance(item, StatusUpdate)
            message = db.session.scalars(select(Message).where(Message.wamid == item.wamid)).one()
            message.status = MessageStatus(item.status)
            message.conversation.version += 1
            db.session.add(
                MessageStatusEvent(
                    account_id=message.account_id,
                    message_id=message.id,
                    wamid=item.wamid,
                    status=item.status,
                    occurred_at=item.timestamp,
                )
            )
        event.state, event.processed_at = EventState.PROCESSED, utcnow()
        db.session.commit()

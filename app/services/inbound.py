"""What customers send: kept once, in their conversation, with the window it opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from app.extensions import db
from app.graph.webhooks import InboundMessage
from app.models import Account, Direction, Message, MessageStatus, PhoneNumber, utcnow
from app.services import flow_answers
from app.services.bulk import rows_for, stretches
from app.services.conversation_changes import Arrived
from app.services.customers import People, Person, find_or_make_conversations
from app.services.message_text import preview

_MESSAGES = cast(Table, Message.__table__)
_INSERTED_AT_ONCE = 500
_KNOWN = select(_MESSAGES.c.account_id, _MESSAGES.c.wamid).where(
    _MESSAGES.c.account_id.in_(bindparam("accounts", expanding=True)),
    _MESSAGES.c.wamid.in_(bindparam("wamids", expanding=True)),
)


def _insert(dialect: Any) -> Any:
    """Another worker may store the same message at the same moment: then it is his, and not told here."""
    return (
        dialect.insert(_MESSAGES)
        .on_conflict_do_nothing(index_elements=["account_id", "wamid"])
        .returning(_MESSAGES.c.id, _MESSAGES.c.account_id, _MESSAGES.c.wamid)
    )


_INSERT = {"sqlite": _insert(sqlite), "postgresql": _insert(postgresql)}


class Unroutable(Exception):
    """It cannot be told whose it is; the text says why, for the parked event."""


class Inbox:
    """A batch of inbound messages. Which are known is looked up once; the new ones are written by `store`."""

    def __init__(self, items: Iterable[tuple[int, InboundMessage]]) -> None:
        """`items`: (our account id, message)."""
        wanted = [(account_id, item.wamid) for account_id, item in items]
        accounts = list({account_id for account_id, _ in wanted})
        rows = rows_for(_KNOWN, "wamids", {wamid for _, wamid in wanted}, accounts=accounts)
        self._known = {(row.account_id, row.wamid) for row in rows}
        self._new: list[tuple[Account, PhoneNumber, InboundMessage]] = []

    def receive(self, account: Account, item: InboundMessage) -> bool:
        """Take one message in; False when it is already there. Raises Unroutable.

        The row of a message is its dedupe memory: (account, wamid) is unique, whatever body it came in.
        """
        key = (account.id, item.wamid)
        if key in self._known:
            return False
        number = _number_of(account, item)
        if item.wa_id is None and item.user_id is None:
            raise Unroutable("The message names no sender.")
        self._known.add(key)
        self._new.append((account, number, item))
        return True

    def store(self) -> Stored:
        """Write what came in. The caller shows it in the conversations, then commits."""
        if not self._new:
            return Stored()
        people = People((account.id, item) for account, _, item in self._new)
        senders = [people.of(account.id, item) for account, _, item in self._new]
        people.store_new()
        places = find_or_make_conversations(
            (account.id, number.id, person.id)
            for (account, number, _), person in zip(self._new, senders, strict=True)
        )
        rows = [
            _row(account, number, item, person, places[number.id, person.id])
            for (account, number, item), person in zip(self._new, senders, strict=True)
        ]
        return Stored(people, rows, _write(rows))


class Stored:
    """What `Inbox.store` wrote."""

    def __init__(
        self,
        people: People | None = None,
        rows: Iterable[dict[str, Any]] = (),
        ids: Mapping[tuple[int, str], int] | None = None,
    ) -> None:
        self._people = people
        self._rows = rows
        self._ids = ids or {}

    def ids(self, account_ids: set[int]) -> list[int]:
        """The new messages of these accounts, in the order in which they came."""
        return sorted(id_ for (account_id, _), id_ in self._ids.items() if account_id in account_ids)

    def arrived(self) -> Iterable[Arrived]:
        """For the conversations' rows."""
        for row in self._rows:
            id_ = self._ids.get((row["account_id"], row["wamid"]))
            if id_ is not None:
                yield _arrived(row, id_)

    def keep_answers(self) -> None:
        """Write what came with Flows that were sent off; nothing is looked up when there is none."""
        flow_answers.store(self._rows, self._ids)

    def learn(self) -> None:
        """Write what the messages told of known customers. After the conversations: locks have an order."""
        if self._people is not None:
            self._people.store_changes()


def _write(rows: list[dict[str, Any]]) -> dict[tuple[int, str], int]:
    """The new rows' ids by (account id, wamid)."""
    statement = _INSERT[db.session.get_bind().dialect.name]
    # Sorted inserts would keep two workers with the same messages from waiting for each other, but ids tell
    # the order in which messages came; a deadlock is resolved by the database, and the batch comes again.
    return {
        (row.account_id, row.wamid): row.id
        for stretch in stretches(rows, _INSERTED_AT_ONCE)
        for row in db.session.execute(statement, stretch)
    }


def _row(
    account: Account, number: PhoneNumber, item: InboundMessage, person: Person, conversation_id: int
) -> dict[str, Any]:
    return {
        "account_id": account.id,
        "phone_number_id": number.id,
        "contact_id": person.id,
        "conversation_id": conversation_id,
        "direction": Direction.INBOUND,
        "status": MessageStatus.RECEIVED,
        "message_type": item.type,
        "text_content": item.text,
        "content": _content(item),
        "wamid": item.wamid,
        "context_wamid": item.context_wamid,
        "occurred_at": min(item.timestamp, utcnow()),
        "next_attempt_at": None,
    }


def _number_of(account: Account, item: InboundMessage) -> PhoneNumber:
    """The number it was written to must belong to the account that the signed entry names."""
    for number in account.phone_numbers:
        if number.meta_id == item.phone_number_id:
            return number
    raise Unroutable(
        f"The number {item.phone_number_id or 'missing'} is not one of this account's numbers here. "
        "Add the number to the account, then process this event again."
    )


def _content(item: InboundMessage) -> dict[str, Any]:
    """Meta's object of the kind, and what stood beside it that a thread shows."""
    content = dict(item.content)
    if item.referral:
        content["_referral"] = item.referral
    if item.is_forwarded:
        content["_forwarded"] = True
    if item.errors:
        content["_errors"] = [
            {"code": error.code, "title": error.title, "details": error.details} for error in item.errors
        ]
    return content


def _arrived(row: Mapping[str, Any], message_id: int) -> Arrived:
    """Each inbound message opens 24 hours anew, by Meta's clock; a late one never shortens them."""
    return Arrived(
        conversation_id=row["conversation_id"],
        message_id=message_id,
        at=row["occurred_at"],
        opens_window=row["message_type"] != "system",
        is_unread=row["message_type"] != "reaction",
        preview=preview(row["message_type"], row["text_content"]),
    )

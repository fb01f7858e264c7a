"""What customers send: kept once, in their conversation, with the window it opens."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table

from app.graph.webhooks import InboundMessage, PhoneMessage
from app.models import MEDIA_KINDS, Account, Direction, Message, MessageStatus, PhoneNumber, utcnow
from app.services import flow_answers, identity_changes, media_rows, usage_changes
from app.services.bulk import Find, Insert, Row
from app.services.consent_words import could_be_word
from app.services.conversation_changes import Arrived
from app.services.customers import People, Person, find_or_make_conversations
from app.services.message_text import preview

_MESSAGES = cast(Table, Message.__table__)
_KNOWN = Find(_MESSAGES.c.account_id, _MESSAGES.c.wamid, by=(_MESSAGES.c.account_id, _MESSAGES.c.wamid))
# Another worker may store the same message at the same moment: then it is his, and not told here.
_GIVEN = (
    "account_id",
    "phone_number_id",
    "contact_id",
    "conversation_id",
    "message_type",
    "text_content",
    "content",
    "wamid",
    "context_wamid",
    "occurred_at",
    "created_at",
)
_INSERT = Insert(
    _MESSAGES,
    *_GIVEN,
    returning=("id", "account_id", "wamid"),
    constants={
        "direction": Direction.INBOUND,
        "status": MessageStatus.RECEIVED,
        "next_attempt_at": None,
    },
)

Key = tuple[int, str]
"""Our account id and the wamid: a message, whatever body it came in."""


class Unroutable(Exception):
    """It cannot be told whose it is; the text says why, for the parked event."""


class Inbox:
    """A batch of inbound messages. Which are known is looked up once; the new ones are written by `store`."""

    def __init__(self, items: Iterable[tuple[int, InboundMessage]]) -> None:
        """`items`: (our account id, message)."""
        wanted = list(items)
        accounts = {account_id for account_id, _ in wanted}
        self._known: set[Any] = set(map(tuple, _KNOWN.rows(accounts, {item.wamid for _, item in wanted})))
        self._new: list[tuple[Account, PhoneNumber, InboundMessage, int | None]] = []

    def receive(self, account: Account, item: InboundMessage, event_id: int | None = None) -> Key | None:
        """Take one message of an event in; None when it is already there. Raises Unroutable.

        The row of a message is its dedupe memory: (account, wamid) is unique, whatever body it came in.
        Whether it was new is known when it is stored.
        """
        key = (account.id, item.wamid)
        if key in self._known:
            return None
        number = number_of(account, item)
        if item.wa_id is None and item.user_id is None:
            raise Unroutable("The message names no sender.")
        self._known.add(key)
        self._new.append((account, number, item, event_id))
        return key

    def store(self) -> Stored:
        """Write what came in. The caller shows it in the conversations, then commits."""
        if not self._new:
            return Stored()
        people = People((account.id, item) for account, _, item, _ in self._new)
        senders = [people.of(account.id, item, event_id) for account, _, item, event_id in self._new]
        people.store_new()
        places = find_or_make_conversations(
            (account.id, number.id, person.id)
            for (account, number, _, _), person in zip(self._new, senders, strict=True)
        )
        now = utcnow()
        rows = [
            _row(account, number, item, person, places[number.id, person.id], now)
            for (account, number, item, _), person in zip(self._new, senders, strict=True)
        ]
        usage_changes.note((number.id, now) for _, number, _, _ in self._new)
        # Sorted inserts would keep two workers with the same messages from waiting for each other, but ids
        # tell the order in which messages came; a deadlock is resolved by the database, and the batch comes
        # again.
        news = [
            identity_changes.News(account.id, person, item, event_id)
            for (account, _, item, event_id), person in zip(self._new, senders, strict=True)
            if identity_changes.is_news(item)
        ]
        return Stored(people, rows, _INSERT.write(rows), news)


class Stored:
    """What `Inbox.store` wrote."""

    def __init__(
        self,
        people: People | None = None,
        rows: Iterable[Row] = (),
        made: Iterable[Row] = (),
        news: Iterable[identity_changes.News] = (),
    ) -> None:
        self._people = people
        self._news = news
        self._rows = rows
        self._ids: dict[Key, int] = {(account_id, wamid): id_ for id_, account_id, wamid in made}
        self.has_files = media_rows.write_new(self._files()) > 0

    def keys(self) -> Iterable[Key]:
        """Which messages were new."""
        return self._ids.keys()

    def _files(self) -> Iterable[media_rows.NewMessage]:
        for row in self._rows:
            account_id, _, _, _, kind, _, content, wamid, *_ = row
            if kind in MEDIA_KINDS and (id_ := self._ids.get((account_id, wamid))):
                yield account_id, id_, content

    def message_ids(self) -> Collection[int]:
        """The new messages, of all accounts."""
        return self._ids.values()

    def ids(self, account_ids: set[int]) -> list[int]:
        """The new messages of these accounts, in the order in which they came."""
        return sorted(id_ for (account_id, _), id_ in self._ids.items() if account_id in account_ids)

    def consent_ids(self) -> list[int]:
        """The new messages that ask to stop or to start advertising."""
        return [
            id_
            for account_id, _, _, _, kind, text, _, wamid, *_ in self._rows
            if could_be_word(kind, text) and (id_ := self._ids.get((account_id, wamid)))
        ]

    def arrived(self) -> Iterable[Arrived]:
        """For the conversations' rows."""
        for row in self._rows:
            account_id, _, _, conversation_id, kind, text, _, wamid, _, at, _ = row
            id_ = self._ids.get((account_id, wamid))
            if id_ is not None:
                yield _arrived(conversation_id, id_, kind, text, at)

    def keep_answers(self) -> None:
        """Write what came with Flows that were sent off; nothing is looked up when there is none."""
        rows = [dict(zip(_GIVEN, row, strict=True)) for row in self._rows if row[4] == "interactive"]
        flow_answers.store(rows, self._ids)

    def learn(self) -> None:
        """Write what the messages told of known customers. After the conversations: locks have an order."""
        if self._people is not None:
            self._people.store_changes()
            identity_changes.settle(self._people.claims, (one for one in self._news if self._is_new(one)))

    def _is_new(self, news: identity_changes.News) -> bool:
        return (news.account_id, news.item.wamid) in self._ids


def _row(
    account: Account,
    number: PhoneNumber,
    item: InboundMessage,
    person: Person,
    conversation_id: int,
    now: datetime,
) -> Row:
    """As _INSERT takes it."""
    return (
        account.id,
        number.id,
        person.id,
        conversation_id,
        item.type,
        item.text,
        _content(item),
        item.wamid,
        item.context_wamid,
        min(item.timestamp, now),
        now,
    )


def number_of(account: Account, item: InboundMessage | PhoneMessage) -> PhoneNumber:
    """The number must belong to the account that the signed entry names. Raises Unroutable."""
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
    beside = {
        "_forwarded_often": item.is_often_forwarded,
        "_product": item.product,
        "_identity": item.identity,
        "_group": item.group_id,
    }
    content.update({key: value for key, value in beside.items() if value})
    if item.errors:
        content["_errors"] = [
            {"code": error.code, "title": error.title, "details": error.details} for error in item.errors
        ]
    return content


def _arrived(conversation_id: int, message_id: int, kind: str, text: str, at: datetime) -> Arrived:
    """Each inbound message opens 24 hours anew, by Meta's clock; a late one never shortens them."""
    return Arrived(
        conversation_id=conversation_id,
        message_id=message_id,
        at=at,
        opens_window=kind != "system",
        is_unread=kind != "reaction",
        preview=preview(kind, text),
    )

"""What the console's list of conversations can be narrowed to, as conditions that hold all at once.

Each goes along an index, or looks at no more rows than a day, a short list or a page of them has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select

from app.models import BotConversation, ContactTag, Conversation, Message, MessageStatus, utcnow
from app.models.conversations import WINDOW, WINDOW_MARGIN
from app.queries.bot_answering import BotIs, bot_condition
from app.queries.search.who import few_or

IS_UNREAD = Conversation.unread_count > literal(0, literal_execute=True)
"""Not bound: SQLite would not take its index's word for it and look at each row."""
IS_UNANSWERED = Conversation.waiting_since.is_not(None)
_HAS_FAILED = Conversation.last_message_status.in_(
    [
        literal(status, Conversation.last_message_status.type, literal_execute=True)
        for status in (MessageStatus.FAILED, MessageStatus.UNCONFIRMED)
    ]
)
NEVER_AT_META = "none"
"""The word for failures without a code of Meta's, as addresses carry it."""
QUIET = timedelta(days=30)
"""Without a message for so long nobody is waiting any more."""


class Desk(StrEnum):
    """Whose conversations the list shows. `all`: the open ones of everybody."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    CLOSED = "closed"


class Sort(StrEnum):
    """The order. `window`: only those whose window is open, the one that closes soonest first; `waiting`:
    only those that wait for an answer, longest first."""

    LATEST = "latest"
    WINDOW = "window"
    WAITING = "waiting"


class WindowIs(StrEnum):
    """How the 24-hour window stands."""

    OPEN = "open"
    HOUR = "1h"
    FOUR_HOURS = "4h"
    CLOSED = "closed"


_CLOSES_WITHIN = {
    WindowIs.OPEN: WINDOW,
    WindowIs.HOUR: timedelta(hours=1),
    WindowIs.FOUR_HOURS: timedelta(hours=4),
}


@dataclass(frozen=True)
class Failed:
    """The last message failed: for one of Meta's `codes` (None: for whatever reason), before Meta took it, or
    Meta has not confirmed it."""

    codes: frozenset[int] | None = None
    is_without_code: bool = False
    is_unconfirmed: bool = False


@dataclass(frozen=True)
class ConversationFilters:
    """What the list is narrowed to, and its order; `search` looks at names, numbers and messages.

    `person_id`: whose are "mine"; `agent_id`, `team_id`: to whom it is assigned. `asks_person`: the bot
    called for one.
    """

    account_id: int | None = None
    number_id: int | None = None
    search: str = ""
    desk: Desk = Desk.ALL
    person_id: int | None = None
    agent_id: int | None = None
    team_id: int | None = None
    tag: str = ""
    is_unread: bool = False
    is_unanswered: bool = False
    asks_person: bool = False
    is_quiet: bool = False
    bot: BotIs | None = None
    failed: Failed | None = None
    window: WindowIs | None = None
    sort: Sort = Sort.LATEST

    @property
    def order(self) -> Sort:
        """What is searched for stands by its last message, as closed ones do, which wait for nothing."""
        return Sort.LATEST if self.search or self.desk is Desk.CLOSED else self.sort

    @property
    def is_narrowed(self) -> bool:
        return self != ConversationFilters(person_id=self.person_id, sort=self.sort)


def place_conditions(filters: ConversationFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.account_id is not None:
        conditions.append(Conversation.account_id == filters.account_id)
    if filters.number_id is not None:
        conditions.append(Conversation.phone_number_id == filters.number_id)
    return conditions


def desk_conditions(filters: ConversationFilters) -> list[ColumnElement[bool]]:
    """A search and the list of failed ones look into the closed ones too: what they are for may lie there.

    What is unread or unanswered is open anyway: so those go along indexes of their own.
    """
    is_open = Conversation.closed_at.is_(None)
    if filters.desk is Desk.MINE:
        return [Conversation.assigned_to_id == filters.person_id, is_open]
    if filters.desk is Desk.UNASSIGNED:
        return [Conversation.assigned_to_id.is_(None), is_open]
    if filters.desk is Desk.CLOSED:
        return [Conversation.closed_at.is_not(None)]
    goes_without = filters.search or filters.failed or filters.is_unread or filters.is_unanswered
    return [] if goes_without else [is_open]


def narrowing(filters: ConversationFilters, now: datetime | None = None) -> Iterator[ColumnElement[bool]]:
    """All but place, desk and search."""
    now = now or utcnow()
    if filters.agent_id is not None:
        yield Conversation.assigned_to_id == filters.agent_id
    if filters.team_id is not None:
        yield Conversation.assigned_team_id == filters.team_id
    if filters.is_unread:
        yield IS_UNREAD
    if filters.is_unanswered or filters.order is Sort.WAITING:
        yield IS_UNANSWERED
    if filters.is_quiet:
        yield Conversation.last_message_at < now - QUIET
    yield from _bots(filters, now)
    if filters.tag:
        yield _has_tag(filters.tag)
    if filters.failed is not None:
        yield from _failed(filters.failed)
    window = filters.window or (WindowIs.OPEN if filters.order is Sort.WINDOW else None)
    if window is not None:
        yield from _window(window, now)


def _window(window: WindowIs, now: datetime) -> Iterator[ColumnElement[bool]]:
    since = now - WINDOW + WINDOW_MARGIN
    if window is WindowIs.CLOSED:
        yield or_(Conversation.last_inbound_at.is_(None), Conversation.last_inbound_at <= since)
        return
    yield Conversation.last_inbound_at > since
    if window is not WindowIs.OPEN:
        yield Conversation.last_inbound_at <= now - WINDOW + _CLOSES_WITHIN[window]
    # No message of theirs is later than the last one of all: the list need not be looked through any further.
    yield Conversation.last_message_at > since


def _bots(filters: ConversationFilters, now: datetime) -> Iterator[ColumnElement[bool]]:
    if filters.asks_person:
        yield _asks_person()
    if filters.bot is not None:
        yield bot_condition(filters.bot, now)


def _asks_person() -> ColumnElement[bool]:
    waiting = BotConversation.waits_since.is_not(None)
    at_hand = exists().where(BotConversation.conversation_id == Conversation.id, waiting)
    return few_or(Conversation.id, select(BotConversation.conversation_id).where(waiting), at_hand)


def _has_tag(tag: str) -> ColumnElement[bool]:
    at_hand = exists().where(ContactTag.contact_id == Conversation.contact_id, ContactTag.tag == tag)
    tagged = select(ContactTag.contact_id).where(ContactTag.tag == tag)
    return few_or(Conversation.contact_id, tagged, at_hand)


def _failed(failed: Failed) -> Iterator[ColumnElement[bool]]:
    yield _HAS_FAILED
    status = Conversation.last_message_status
    if failed.codes is None:
        return
    codes: list[ColumnElement[bool]] = [Message.error_code.in_(sorted(failed.codes))]
    if failed.is_without_code:
        codes.append(Message.error_code.is_(None))
    why = exists().where(Message.id == Conversation.last_message_id, or_(*codes))
    reasons: list[ColumnElement[bool]] = [and_(status == MessageStatus.FAILED, why)]
    if failed.is_unconfirmed:
        reasons.append(status == MessageStatus.UNCONFIRMED)
    yield or_(*reasons)

"""The passport of a message: all that is known of how it came about and what became of it.

Whoever may see a message may see its passport. What it was told to Meta in, trace ids, and Meta's own posts
are left out for those whose role does not reach so far: `calls` and `events` are None then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from app.models import (
    BotTrace,
    EventState,
    GraphCall,
    MediaFile,
    Message,
    MessageAttempt,
    MessageStatusEvent,
    WebhookEvent,
)
from app.queries import passports as queries
from app.queries.access import Actor
from app.queries.graph_calls import list_attempts, list_message_calls
from app.services.event_words import describe_kinds, waited
from app.services.failures import Failure, explain_code, explain_failure
from app.services.message_marks import PHONE_APP
from app.services.price_words import CHARGED, category_words, type_words


class By(StrEnum):
    """Who wrote a message. PHONE_APP: somebody in the WhatsApp Business app on the business's phone. UNKNOWN:
    their account or key was deleted since, or nobody was noted."""

    CUSTOMER = "customer"
    PERSON = "person"
    BOT = "bot"
    API_KEY = "api_key"
    PHONE_APP = "phone_app"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """`name` of the person or key; `answers`: the message it answers, `answers_wamid`: its id where we do not
    have it; `trace`: what the bot made of it, or why the bot wrote it."""

    by: By
    name: str = ""
    user_id: int | None = None
    api_key_id: int | None = None
    answers: Message | None = None
    answers_wamid: str | None = None
    trace: BotTrace | None = None


@dataclass(frozen=True)
class Price:
    """What Meta says of the price; Meta says no amount. `is_billable` None: not told."""

    category: str
    type: str
    model: str
    is_billable: bool | None

    @property
    def words(self) -> str:
        """`Utility, charged`."""
        if self.type:
            kind = type_words(self.type)
        else:
            kind = "" if self.is_billable is None else "charged" if self.is_billable else "free"
        return ", ".join(part for part in (category_words(self.category), kind) if part)


@dataclass(frozen=True)
class StatusLine:
    """One status: Meta's time, ours, and between them the delay; `is_of_earlier_try`: from before it was sent
    again."""

    row: MessageStatusEvent
    delay: timedelta
    price: Price | None
    failure: Failure | None
    is_of_earlier_try: bool


@dataclass(frozen=True)
class EventLine:
    """A post of Meta's that speaks of the message. `waited`: until it was worked off; None: it waits."""

    row: WebhookEvent
    words: str
    kinds: tuple[str, ...]
    waited: timedelta | None


@dataclass(frozen=True)
class Passport:
    """All of it. `reported`: what Meta found wrong with a customer's message (a kind that it does not pass
    on, a file that it could not load); `sees_traces`: whether trace ids and workers may be shown."""

    message: Message
    cause: Cause
    statuses: list[StatusLine]
    price: Price | None
    attempts: list[MessageAttempt]
    media: MediaFile | None
    failure: Failure | None
    reported: list[Failure]
    calls: list[GraphCall] | None
    events: list[EventLine] | None
    sees_traces: bool

    @property
    def trace_ids(self) -> list[str]:
        """Those that Meta's support asks for, each once, in the order of the tries."""
        ids = [attempt.trace_id for attempt in self.attempts]
        ids += [self.message.error_trace_id, *(call.trace_id for call in self.calls or ())]
        return list(dict.fromkeys(id_ for id_ in ids if id_)) if self.sees_traces else []

    @property
    def arrival_delay(self) -> timedelta:
        """Of an inbound message: from when it was written until it was here."""
        return self.message.created_at - self.message.occurred_at


def read_passport(message: Message, actor: Actor) -> Passport:
    """The caller has found the message within the actor's scope."""
    statuses = [_status(row, message) for row in queries.list_statuses(message)]
    sees_calls = actor.may("graph_calls.view", message.account_id)
    return Passport(
        message=message,
        cause=_cause(message, actor),
        statuses=statuses,
        price=_price_of_message(message, statuses),
        attempts=list_attempts(message) if message.is_outbound else [],
        media=message.media_file,
        failure=explain_failure(message),
        reported=[] if message.is_outbound else _reported(message.content.get("_errors")),
        calls=list_message_calls(message) if sees_calls else None,
        events=_events(message, statuses, actor),
        sees_traces=sees_calls,
    )


def _cause(message: Message, actor: Actor) -> Cause:
    sees_bot = actor.may("bot.view", message.account_id)
    answers = queries.find_answered(message)
    common: dict[str, Any] = {
        "answers": answers,
        "answers_wamid": answers.wamid if answers else message.context_wamid,
        "trace": queries.find_trace(message) if sees_bot else None,
    }
    if not message.is_outbound:
        return Cause(By.CUSTOMER, message.contact.display_name, **common)
    if message.is_bot:
        return Cause(By.BOT, "", **common)
    if PHONE_APP in message.content:
        return Cause(By.PHONE_APP, **common)
    person, key = queries.find_sender(message), queries.find_api_key(message)
    if person is not None:
        return Cause(By.PERSON, person.display_name, user_id=person.id, **common)
    if key is not None:
        return Cause(By.API_KEY, key.name, api_key_id=key.id, **common)
    return Cause(By.UNKNOWN, **common)


def _reported(errors: Any) -> list[Failure]:
    """As intake keeps them beside the message's content."""
    found = errors if isinstance(errors, list) else []
    codes = (error.get("code") for error in found if isinstance(error, dict))
    return [explain_code(code) for code in codes if isinstance(code, int)]


def _status(row: MessageStatusEvent, message: Message) -> StatusLine:
    error = row.details.get("error")
    return StatusLine(
        row=row,
        delay=row.received_at - row.occurred_at,
        price=_price(row.details.get("pricing")),
        failure=explain_code(error["code"]) if error and error.get("code") is not None else None,
        is_of_earlier_try=row.wamid != message.wamid,
    )


def _price(found: dict[str, Any] | None) -> Price | None:
    if not found:
        return None
    type_, told = found.get("type") or "", found.get("billable")
    # Rows of earlier versions have no flag; it follows from the type.
    is_billable = told if told is not None or not type_ else type_ == CHARGED
    return Price(found.get("category") or "", type_, found.get("model") or "", is_billable)


def _price_of_message(message: Message, statuses: list[StatusLine]) -> Price | None:
    """Meta's last word on it, else what is kept with the message."""
    told = [line.price for line in statuses if line.price is not None and not line.is_of_earlier_try]
    if told:
        return told[-1]
    if not message.pricing_category and not message.pricing_type:
        return None
    return _price({"category": message.pricing_category, "type": message.pricing_type})


def _events(message: Message, statuses: list[StatusLine], actor: Actor) -> list[EventLine] | None:
    if not actor.may("webhook_events.view", message.account_id):
        return None
    wamids = dict.fromkeys(
        wamid for wamid in (message.wamid, *(line.row.wamid for line in statuses)) if wamid
    )
    rows, keys = queries.list_events(wamids, actor.scope("webhook_events.view"))
    return [_event(row, keys.get(row.id, [])) for row in rows]


def _event(row: WebhookEvent, keys: list[str]) -> EventLine:
    kinds = tuple(key[2:] for key in keys if key.startswith("k:"))
    is_waiting = row.state is EventState.PENDING
    return EventLine(row, describe_kinds(keys), kinds, None if is_waiting else waited(row))

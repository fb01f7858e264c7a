"""Messages planned for later: checked when they are planned, and once more when they leave.

What is due becomes a row of `whatsapp_messages` in the transaction that says so: killed at any moment, a
worker has neither lost it nor sent it twice. What may not leave any more is held for a person and says why;
nothing is dropped by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from app.errors import (
    DomainError,
    FieldProblem,
    InvalidFields,
    KeyReused,
    NotReady,
    TooMany,
    Unavailable,
    WindowClosed,
)
from app.extensions import db
from app.graph.errors import GraphAuthError, GraphError, GraphUnconfirmed
from app.log_fields import about
from app.models import (
    ApiKey,
    Conversation,
    Direction,
    Message,
    OutgoingFile,
    PlannedMessage,
    PlannedState,
    User,
    utcnow,
)
from app.models.time_zones import zone_or_utc
from app.queries.access import Actor, actor_of_api_key, actor_of_user
from app.services import bell, pacing
from app.services.attachments import planned as files
from app.services.message_keys import cleaned, digest_of
from app.services.message_text import outbound_text
from app.services.messages import check_sending, find_by_key, queue_message
from app.services.meta_refusals import refused

log = logging.getLogger(__name__)

LONGEST_AHEAD = timedelta(days=365)
STILL_FITTING = timedelta(hours=2)
"""So late it may leave: a good evening is not wished at breakfast because a server stood still."""
_LOOK_AGAIN = timedelta(minutes=1)
_AT_A_TIME = 50
_FIELD = "send_at"


@dataclass(frozen=True)
class When:
    """`holds_if_answered`: a person looks first if the customer has written meanwhile."""

    send_at: datetime
    holds_if_answered: bool


def plan(
    *,
    conversation: Conversation,
    message_type: str,
    content: dict[str, Any],
    actor: Actor,
    when: When,
    kept: Sequence[OutgoingFile] = (),
    client_key: str | None = None,
    client_key_digest: str | None = None,
    context_wamid: str | None = None,
    resends_unconfirmed: bool = False,
    commits: bool = True,
) -> PlannedMessage:
    """Keep it until then; `content` is Meta's object of the kind, `kept` the files that it names.

    The same `client_key` is the same planned message. Raises what `queue_message` raises, WindowClosed when
    free text would come too late, and InvalidFields on `send_at`.
    """
    content = cleaned(content)
    digest = client_key_digest or digest_of(
        message_type, content, conversation.id, context_wamid, when.send_at.isoformat()
    )
    if client_key and (existing := find_planned(conversation.account_id, client_key, digest)):
        return existing
    if client_key:
        find_by_key(conversation.account_id, client_key, digest)
    check_time(when.send_at)
    message_template = check_sending(conversation, message_type, content, actor)
    _check_window(conversation, message_type, when.send_at)
    components = message_template.components if message_template else None
    planned = PlannedMessage(
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        message_type=message_type,
        content=content,
        text_content=outbound_text(message_type, content, components),
        context_wamid=context_wamid,
        send_at=when.send_at,
        next_look_at=when.send_at,
        holds_if_answered=when.holds_if_answered,
        resends_unconfirmed=resends_unconfirmed,
        user_id=actor.user.id if actor.user else None,
        api_key_id=actor.api_key.id if actor.api_key else None,
        actor_name=actor.name,
        client_key=client_key,
        client_key_digest=digest if client_key else None,
    )
    if not commits:
        return _put(planned, conversation, kept)
    account_id = conversation.account_id
    try:
        _put(planned, conversation, kept)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        twin = find_planned(account_id, client_key, digest) if client_key else None
        if twin is None:
            raise
        return twin
    return planned


def _put(planned: PlannedMessage, conversation: Conversation, kept: Sequence[OutgoingFile]) -> PlannedMessage:
    db.session.add(planned)
    conversation.version = Conversation.version + 1
    db.session.flush()
    files.adopt(planned, kept)
    return planned


def find_planned(account_id: int, client_key: str, digest: str) -> PlannedMessage | None:
    """What this key already stands for. Raises KeyReused when it was another one."""
    statement = select(PlannedMessage).where(
        PlannedMessage.account_id == account_id, PlannedMessage.client_key == client_key
    )
    planned = db.session.scalar(statement)
    if planned is not None and planned.client_key_digest != digest:
        raise KeyReused(
            "This idempotency key was already used for another message. Nothing was planned. Use a new key."
        )
    return planned


def change(
    *, planned: PlannedMessage, body: str | None, send_at: datetime, holds_if_answered: bool, actor: Actor
) -> None:
    """Another time, and for a text another text (None: the same). Raises as `plan`; NotReady once it left."""
    planned = _hold_open(planned)
    content = planned.content if body is None else {"body": body, "preview_url": "://" in body}
    content = cleaned(content)
    check_time(send_at)
    check_sending(planned.conversation, planned.message_type, content, actor)
    _check_window(planned.conversation, planned.message_type, send_at)
    if body is not None:
        planned.content, planned.text_content = content, outbound_text(planned.message_type, content)
    planned.state, planned.reason = PlannedState.PLANNED, ""
    planned.send_at = planned.next_look_at = send_at
    planned.holds_if_answered, planned.decided_at = holds_if_answered, utcnow()
    _conclude(planned)


def cancel(*, planned: PlannedMessage, actor: Actor) -> None:
    """It is not sent. Raises NotReady once it left."""
    planned = _hold_open(planned)
    planned.state, planned.reason = PlannedState.CANCELLED, f"Cancelled by {actor.name}."
    files.let_go(planned)
    _conclude(planned)


def send_now(*, planned: PlannedMessage, actor: Actor) -> None:
    """Without waiting, or though it was held. Raises as `queue_message`, RefusedByMeta for a file, and
    NotReady once it left."""
    try:
        files.renew(planned.id)
    except GraphError as error:
        raise refused(error) from error
    planned = _hold_open(planned)
    _queue(planned, actor)
    _conclude(planned)
    bell.ring(bell.MESSAGES)


def work_off() -> int:
    """Let go what is due. Returns how many there were."""
    now = pacing.database_now()
    due = (
        select(PlannedMessage.id)
        .where(PlannedMessage.state == PlannedState.PLANNED, PlannedMessage.next_look_at <= now)
        .order_by(PlannedMessage.next_look_at, PlannedMessage.id)
        .limit(_AT_A_TIME)
    )
    ids = list(db.session.scalars(due))
    db.session.rollback()
    for id_ in ids:
        try:
            if _has_files_at_meta(id_, now):
                _let_go(id_, now)
        except Exception:
            db.session.rollback()
            log.exception("planned message %d could not be worked off", id_)
            _decide(id_, lambda planned: _hold(planned, "It failed here; the log of the worker says why."))
    return len(ids)


def _has_files_at_meta(id_: int, now: datetime) -> bool:
    """Where they cannot be handed over just now, it waits a little; where they never can be, it is held."""
    try:
        files.renew(id_)
    except (GraphError, DomainError) as error:
        db.session.rollback()
        is_passing = isinstance(error, Unavailable | GraphAuthError | GraphUnconfirmed) or (
            isinstance(error, GraphError) and error.retryable
        )
        told = refused(error) if isinstance(error, GraphError) else error
        _decide(id_, lambda planned: _put_off(planned, now, told.message, is_passing=is_passing))
        return False
    return True


def _put_off(planned: PlannedMessage, now: datetime, why: str, *, is_passing: bool) -> None:
    if is_passing and now - planned.send_at <= STILL_FITTING:
        planned.next_look_at = now + _LOOK_AGAIN
    else:
        _hold(planned, f"Its file could not be handed to WhatsApp. {why}")


def _let_go(id_: int, now: datetime) -> None:
    def decide(planned: PlannedMessage) -> None:
        if reason := _why_not(planned, now):
            _hold(planned, reason)
            return
        try:
            with db.session.begin_nested():
                _queue(planned, _sender(planned))
        except TooMany:
            planned.next_look_at = now + _LOOK_AGAIN
        except WindowClosed:
            _hold(
                planned,
                "The 24-hour window closed before it was due. It was not sent. Send a message template, or "
                "plan it again once the customer has written.",
            )
        except DomainError as error:
            _hold(planned, error.message)

    _decide(id_, decide)
    bell.ring(bell.MESSAGES)


def _decide(id_: int, decide: Callable[[PlannedMessage], None]) -> None:
    """One transaction; another worker that has it in hand, or had it, is let alone."""
    planned = db.session.scalar(
        select(PlannedMessage)
        .where(PlannedMessage.id == id_, PlannedMessage.state == PlannedState.PLANNED)
        .with_for_update(of=PlannedMessage, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if planned is None:
        db.session.rollback()
        return
    decide(planned)
    _conclude(planned)
    fields = about(account_id=planned.account_id, message_id=planned.message_id)
    log.info("planned message %d: %s", id_, planned.state.value, extra=fields)


def _why_not(planned: PlannedMessage, now: datetime) -> str:
    if now - planned.send_at > STILL_FITTING:
        return "It could not leave at its time, and over two hours have passed. Does it still fit?"
    if planned.holds_if_answered and _has_written(planned):
        return "The customer has written since it was planned. Does it still fit?"
    return ""


def _has_written(planned: PlannedMessage) -> bool:
    """A reaction asks for nothing."""
    wrote = exists().where(
        Message.conversation_id == planned.conversation_id,
        Message.direction == Direction.INBOUND,
        Message.message_type != "reaction",
        Message.occurred_at > planned.decided_at,
    )
    return bool(db.session.scalar(select(wrote)))


def _sender(planned: PlannedMessage) -> Actor:
    """Whoever planned it, with the rights of now. Raises NotReady when they have none any more."""
    actor = _actor(planned)
    if actor is None or not actor.may("messages.send", planned.account_id):
        raise NotReady(f"{planned.actor_name or 'Who planned it'} may no longer send in this account.")
    return actor


def _actor(planned: PlannedMessage) -> Actor | None:
    user = db.session.get(User, planned.user_id) if planned.user_id else None
    if user is not None:
        return actor_of_user(user) if user.is_active else None
    key = db.session.get(ApiKey, planned.api_key_id) if planned.api_key_id else None
    return actor_of_api_key(key) if key is not None and key.opens_at(utcnow()) else None


def _queue(planned: PlannedMessage, actor: Actor) -> None:
    message = queue_message(
        conversation=planned.conversation,
        message_type=planned.message_type,
        content=planned.content,
        actor=actor,
        client_key=f"planned-{planned.id}",
        context_wamid=planned.context_wamid,
        resends_unconfirmed=planned.resends_unconfirmed,
        commits=False,
    )
    planned.message_id, planned.state, planned.reason = message.id, PlannedState.SENT, ""
    files.hand_on(planned, message)


def _hold(planned: PlannedMessage, reason: str) -> None:
    planned.state, planned.reason = PlannedState.HELD, reason


def _hold_open(planned: PlannedMessage) -> PlannedMessage:
    """As it is now, and nobody else's until the commit."""
    db.session.refresh(planned, with_for_update={"of": PlannedMessage})
    if not planned.is_open:
        left = "It has left already." if planned.state is PlannedState.SENT else "It was cancelled already."
        raise NotReady(f"{left} Nothing was changed.")
    return planned


def _conclude(planned: PlannedMessage) -> None:
    planned.conversation.version = Conversation.version + 1
    db.session.commit()


def check_time(send_at: datetime) -> None:
    """Raises InvalidFields on `send_at`."""
    now = utcnow()
    if send_at <= now:
        raise InvalidFields([FieldProblem(_FIELD, "This time is over. Choose one in the future.")])
    if send_at > now + LONGEST_AHEAD:
        raise InvalidFields([FieldProblem(_FIELD, "Choose a time within a year.")])


def _check_window(conversation: Conversation, message_type: str, send_at: datetime) -> None:
    closes_at = conversation.window_closes_at
    if message_type == "template" or closes_at is None or conversation.window_is_open(send_at):
        return
    name = conversation.account.time_zone
    there = closes_at.astimezone(zone_or_utc(name))
    raise WindowClosed(
        f"By then the 24-hour window will have closed ({there:%-d %b, %H:%M}, {name}), unless the customer "
        "writes again. Nothing was planned. Choose an earlier time, or plan a message template."
    )

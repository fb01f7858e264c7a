"""Who answers in a conversation: the bot or a person. Knows nothing of sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from app.extensions import db
from app.models import (
    BotConversation,
    BotOutcome,
    BotSettings,
    BotTrace,
    Conversation,
    Direction,
    Message,
    MessagePriority,
    utcnow,
)
from app.queries.access import Actor
from app.queries.bot_answering import USUAL_QUIET_H
from app.services import audit

_CANCELLED = "A person took over before the language model had answered."


def lock(conversation_id: int) -> Conversation:
    """The conversation's row is the lock for all that the bot keeps about it. The caller commits."""
    statement = (
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).one()


def state_of(conversation: Conversation) -> BotConversation:
    """Its row, made when there is none. The caller holds the lock, and commits."""
    state = db.session.get(BotConversation, conversation.id)
    if state is None:
        state = BotConversation(conversation_id=conversation.id, account_id=conversation.account_id)
        # What reads it before it is stored needs the columns' defaults.
        state.fallbacks, state.language, state.hand_over_reason, state.offered = 0, "", "", []
        db.session.add(state)
    return state


def note_hand_over(
    state: BotConversation, reason: str, *, quiet: timedelta, now: datetime, waits: bool
) -> None:
    """The bot gives the conversation to people."""
    state.handed_over_at = now
    state.handed_over_by_id = None
    state.hand_over_reason = reason
    state.quiet_until = now + quiet
    state.waits_since = (state.waits_since or now) if waits else state.waits_since


@dataclass(frozen=True)
class Quiet:
    """Why the bot keeps quiet, and until when."""

    reason: str
    until: datetime


def find_quiet(conversation: Conversation, state: BotConversation | None, now: datetime) -> Quiet | None:
    """As a decision would see it now; None: the bot answers."""
    back = state.given_back_at if state is not None else None
    if state is not None and state.handed_over_at is not None and state.quiet_until is not None:
        is_given_back = back is not None and state.handed_over_at <= back
        if not is_given_back and now < state.quiet_until:
            return Quiet(state.hand_over_reason, state.quiet_until)
    quiet = _quiet(conversation)
    wrote = person_wrote_at(conversation.id, now - quiet)
    if wrote is not None and (back is None or wrote > back):
        return Quiet("A person is writing here.", wrote + quiet)
    return None


def person_wrote_at(conversation_id: int, since: datetime) -> datetime | None:
    """A message template sent by a program is a notice, not somebody who has taken over."""
    statement = (
        select(Message.occurred_at)
        .where(
            Message.conversation_id == conversation_id,
            Message.occurred_at > since,
            Message.direction == Direction.OUTBOUND,
            Message.priority == MessagePriority.PERSON,
            or_(Message.api_key_id.is_(None), Message.message_type != "template"),
        )
        .order_by(Message.occurred_at.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def take_over(*, conversation: Conversation, actor: Actor) -> None:
    """A person answers here from now on; the bot keeps quiet for the account's quiet time."""
    conversation = lock(conversation.id)
    keep_quiet(conversation, actor)
    _changed(conversation, actor, "bot.taken_over")


def keep_quiet(conversation: Conversation, actor: Actor) -> None:
    """As `take_over`. The caller holds the lock, and commits."""
    state = state_of(conversation)
    quiet = _quiet(conversation)
    note_hand_over(state, f"{actor.name} took over.", quiet=quiet, now=utcnow(), waits=False)
    state.handed_over_by_id = actor.user.id if actor.user else None
    state.waits_since = None
    _cancel_waiting(conversation.id)


def give_back(*, conversation: Conversation, actor: Actor) -> None:
    """The bot answers again, from the next message on."""
    conversation = lock(conversation.id)
    answer_again(conversation)
    _changed(conversation, actor, "bot.given_back")


def answer_again(conversation: Conversation) -> None:
    """As `give_back`. The caller holds the lock, and commits."""
    state = state_of(conversation)
    state.given_back_at = utcnow()
    state.handed_over_at = state.quiet_until = state.waits_since = None
    state.handed_over_by_id, state.hand_over_reason = None, ""
    state.fallbacks = 0


def person_wrote(message: Message) -> None:
    """A person answered: nobody waits any more, and no model answers in between. The caller commits.

    That the bot keeps quiet follows from the message itself.
    """
    if message.api_key_id is not None and message.message_type == "template":
        return
    db.session.execute(
        update(BotConversation)
        .where(BotConversation.conversation_id == message.conversation_id)
        .values(waits_since=None, fallbacks=0)
    )
    _cancel_waiting(message.conversation_id)


def _cancel_waiting(conversation_id: int) -> None:
    db.session.execute(
        update(BotTrace)
        .where(BotTrace.conversation_id == conversation_id, BotTrace.outcome == BotOutcome.WAITING)
        .values(outcome=BotOutcome.SILENT, reason=_CANCELLED)
    )


def _quiet(conversation: Conversation) -> timedelta:
    hours = db.session.scalar(
        select(BotSettings.quiet_h).where(BotSettings.account_id == conversation.account_id)
    )
    return timedelta(hours=USUAL_QUIET_H if hours is None else hours)


def _changed(conversation: Conversation, actor: Actor, action: str) -> None:
    conversation.version = Conversation.version + 1
    audit.record(
        actor,
        action,
        account_id=conversation.account_id,
        object_type="conversation",
        object_id=conversation.id,
    )
    db.session.commit()

"""What a decision needs to know of a message and its conversation, read from the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from app.extensions import db
from app.models import BotConversation, Direction, Message, MessagePriority
from app.services.bot.decisions import Facts, Line, Offered
from app.services.bot.hand_over import person_wrote_at
from app.services.bot.plan import Plan

_MOST_LINES = 60


@dataclass(frozen=True)
class Choice:
    """What the customer tapped: its id, and the words on it."""

    id: str = ""
    text: str = ""


def load_states(conversation_ids: Iterable[int]) -> dict[int, BotConversation]:
    """Where the bot stands in these conversations; those it never touched are missing."""
    statement = select(BotConversation).where(BotConversation.conversation_id.in_(set(conversation_ids)))
    return {state.conversation_id: state for state in db.session.scalars(statement)}


def read_facts(message: Message, plan: Plan, state: BotConversation | None, now: datetime) -> Facts:
    """As it stood when this message came: later ones of the customer do not count."""
    choice = _choice(message.content) if message.message_type in {"interactive", "button"} else Choice()
    is_flow_answer = message.message_type == "interactive" and not choice.id
    earlier_at = _earlier_inbound_at(message)
    return Facts(
        kind="answer to a Flow" if is_flow_answer else message.message_type,
        text=choice.text or message.text_content,
        occurred_at=message.occurred_at,
        choice_id=choice.id,
        is_first=earlier_at is None and not _has_earlier(message),
        earlier_inbound_at=earlier_at,
        person_wrote_at=person_wrote_at(message.conversation_id, now - plan.quiet),
        lines=_lines(message, plan, now),
        **_of_state(state),
    )


def _of_state(state: BotConversation | None) -> dict[str, Any]:
    if state is None:
        return {}
    return {
        "handed_over_at": state.handed_over_at,
        "hand_over_reason": state.hand_over_reason,
        "quiet_until": state.quiet_until,
        "given_back_at": state.given_back_at,
        "fallbacks": state.fallbacks,
        "fallback_said_at": state.fallback_said_at,
        "away_until": state.away_until,
        "language": state.language,
        "offered": [Offered(**row) for row in state.offered],
    }


def _choice(content: Mapping[str, Any]) -> Choice:
    """Of `{"type": "list_reply", "list_reply": {…}}`, or a message template's `{"payload", "text"}`."""
    inner = content.get(str(content.get("type")), content)
    if not isinstance(inner, Mapping):
        return Choice()
    return Choice(
        str(inner.get("id") or inner.get("payload") or ""), str(inner.get("title") or inner.get("text") or "")
    )


def _earlier_inbound_at(message: Message) -> datetime | None:
    statement = (
        select(Message.occurred_at)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.direction == Direction.INBOUND,
            Message.id < message.id,
        )
        .order_by(Message.occurred_at.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def _has_earlier(message: Message) -> bool:
    statement = (
        select(Message.id)
        .where(Message.conversation_id == message.conversation_id, Message.id < message.id)
        .limit(1)
    )
    return db.session.scalar(statement) is not None


def _lines(message: Message, plan: Plan, now: datetime) -> list[Line]:
    """This message's own line stands last, whatever clock the others went by."""
    statement = (
        select(Message.occurred_at, Message.text_content, Message.direction)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.occurred_at > now - plan.loop_span,
            or_(Message.priority == MessagePriority.BOT, Message.id < message.id),
            or_(Message.priority == MessagePriority.BOT, Message.direction == Direction.INBOUND),
        )
        .order_by(Message.occurred_at.desc(), Message.id.desc())
        .limit(max(_MOST_LINES, 2 * plan.loop_replies))
    )
    rows = list(db.session.execute(statement))[::-1]
    lines = [Line(row.occurred_at, row.text_content, row.direction is Direction.OUTBOUND) for row in rows]
    return [*lines, Line(message.occurred_at, message.text_content, is_bot=False)]

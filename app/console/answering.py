"""Who answers in a conversation: the bot, a person, or nobody yet; in words for the bar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.models import BotConversation, Conversation, utcnow
from app.queries import bot as bot_queries
from app.services.bot import hand_over
from app.web.filters import clock, day_label


@dataclass(frozen=True)
class Answering:
    """`kind`: "bot", "person", or "waiting" for one; with the message at which the bot handed over."""

    kind: str
    title: str
    text: str
    trace_message_id: int | None = None

    @property
    def is_bots(self) -> bool:
        return self.kind == "bot"


def answering(conversation: Conversation, state: BotConversation | None) -> Answering | None:
    """`state`: what is kept of it, if anything. None where the account has no bot and nobody waits."""
    is_on = conversation.account.auto_reply_enabled and conversation.account.is_live
    if not is_on and (state is None or state.waits_since is None):
        return None
    now = utcnow()
    quiet = hand_over.find_quiet(conversation, state, now)
    if state is not None and state.waits_since is not None:
        return Answering(
            "waiting",
            "A person is asked for.",
            _until(state.hand_over_reason, quiet.until if quiet else None, now),
            bot_queries.find_hand_over_message_id(conversation.id),
        )
    if quiet is None:
        return Answering("bot", "The bot is answering.", "It keeps quiet as soon as a person writes.")
    return Answering("person", "The bot keeps quiet.", _until(quiet.reason, quiet.until, now))


def _until(reason: str, until: datetime | None, now: datetime) -> str:
    if until is None or until <= now:
        return reason
    label = day_label(until, now)
    when = clock(until) if label == "Today" else f"{label}, {clock(until)}"
    return f"{reason} The bot is quiet until {when}.".strip()

"""The bot of step 5: greets a new customer, answers from the knowledge base, else says the fallback.

It answers a message at most once (unique `bot_reply_to_id`), and keeps quiet for a day once a
person has written in the conversation. The fallback comes at most once a day.
"""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import exists, select

from app.errors import DomainError
from app.extensions import db
from app.models import Direction, Message, MessagePriority, utcnow
from app.queries.access import SYSTEM
from app.services.messages import queue_message

QUIET_AFTER_PERSON = timedelta(hours=24)
FALLBACK_EVERY = timedelta(hours=24)
STALE_AFTER = timedelta(hours=1)
_ANSWERED_KINDS = frozenset({"text", "button", "interactive"})
_WORD = re.compile(r"\w{3,}")
_ENOUGH = 0.6


def answer(message: Message) -> Message | None:
    """Queue the bot's reply to an inbound message, if it has one.

    The caller commits it together with the message, so that neither is there without the other, and rings.
    """
    text = choose_reply(message)
    if not text:
        return None
    try:
        return queue_message(
            conversation=message.conversation,
            message_type="text",
            content={"body": text[:4096]},
            actor=SYSTEM,
            client_key=f"bot-{message.id}",
            priority=MessagePriority.BOT,
            bot_reply_to_id=message.id,
            commits=False,
        )
    except DomainError:
        return None


def choose_reply(message: Message) -> str:
    """The bot's words for this message; empty when it keeps quiet."""
    account = message.account
    if not account.auto_reply_enabled or not account.is_live or message.message_type not in _ANSWERED_KINDS:
        return ""
    if utcnow() - message.occurred_at > STALE_AFTER or _person_has_written(message):
        return ""
    if account.greeting_message and _is_first(message):
        return account.greeting_message
    found = find_answer(account.knowledge_base, message.text_content)
    if found:
        return found
    if account.fallback_message and not _said_lately(message, account.fallback_message):
        return account.fallback_message
    return ""


def find_answer(knowledge_base: str, question: str) -> str:
    """The entry whose first line shares the most words with the question, if enough of them.

    Entries are blocks with a blank line between them: the first line is the question or its key
    words, the rest is the answer.
    """
    asked = _words(question)
    best, best_score = "", 0.0
    for block in re.split(r"\n\s*\n", knowledge_base.strip()):
        heading, _, reply = block.strip().partition("\n")
        words = _words(heading)
        if not words or not reply.strip():
            continue
        score = len(words & asked) / len(words)
        if score > best_score:
            best, best_score = reply.strip(), score
    return best if best_score >= _ENOUGH else ""


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _is_first(message: Message) -> bool:
    earlier = exists().where(Message.conversation_id == message.conversation_id, Message.id < message.id)
    return not db.session.scalar(select(earlier))


def _person_has_written(message: Message) -> bool:
    written = exists().where(
        Message.conversation_id == message.conversation_id,
        Message.direction == Direction.OUTBOUND,
        Message.priority == MessagePriority.PERSON,
        Message.created_at > utcnow() - QUIET_AFTER_PERSON,
    )
    return bool(db.session.scalar(select(written)))


def _said_lately(message: Message, text: str) -> bool:
    said = exists().where(
        Message.conversation_id == message.conversation_id,
        Message.priority == MessagePriority.BOT,
        Message.text_content == text,
        Message.created_at > utcnow() - FALLBACK_EVERY,
    )
    return bool(db.session.scalar(select(said)))

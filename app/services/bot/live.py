"""The bot at work: what it decides about new messages, carried out and kept with its trace.

All of it belongs to the transaction that stores the messages: a worker that dies has forgotten nothing
and doubled nothing. A message is answered at most once (unique `bot_reply_to_id`, unique trace).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.errors import DomainError
from app.extensions import db
from app.log_fields import about
from app.models import (
    BotConversation,
    BotOutcome,
    BotTrace,
    Conversation,
    Message,
    MessagePriority,
    utcnow,
)
from app.queries.access import SYSTEM
from app.services.bot import hand_over, model_queue
from app.services.bot.decide import MOST_FOUND, decide
from app.services.bot.decisions import Decision
from app.services.bot.facts import load_states, read_facts
from app.services.bot.knowledge import knowledge_of
from app.services.bot.plan import Plan, load_plans
from app.services.messages import queue_message

log = logging.getLogger(__name__)

_KEPT_OFFERS = 30
_ANSWERING = (BotOutcome.ANSWERED, BotOutcome.OFFERED, BotOutcome.GREETED)
"""After these the customer waits for nothing. "We are away" and "I did not understand" answer nothing."""


def answer_all(message_ids: Sequence[int]) -> bool:
    """Look at these new messages, in their order. True when something is to be sent.

    The caller commits. What fails here harms neither the messages nor each other.
    """
    if not message_ids:
        return False
    try:
        with db.session.begin_nested():
            desk = _Desk(message_ids)
    except OperationalError:
        raise
    except Exception:
        log.exception("the bot could not begin; the messages themselves are stored")
        return False
    queued = [_answer_one(desk, message_id) for message_id in message_ids]
    return any(queued)


def _answer_one(desk: _Desk, message_id: int) -> bool:
    try:
        with db.session.begin_nested():
            return desk.answer(message_id)
    except OperationalError:
        raise
    except Exception:
        log.exception(
            "the bot failed on message %d; the message itself is stored",
            message_id,
            extra=about(message_id=message_id),
        )
        return False


class _Desk:
    """What a batch of messages has in common is read once."""

    def __init__(self, message_ids: Sequence[int]) -> None:
        rows = db.session.scalars(select(Message).where(Message.id.in_(message_ids)))
        self._messages = {message.id: message for message in rows}
        accounts = {message.account_id: message.account for message in self._messages.values()}
        self._plans = load_plans(accounts.values())
        self._knowledge = {id_: knowledge_of(account) for id_, account in accounts.items()}
        load_states(message.conversation_id for message in self._messages.values())

    def answer(self, message_id: int) -> bool:
        message, now = self._messages[message_id], utcnow()
        plan = self._plans[message.account_id]
        knowledge = self._knowledge[message.account_id]
        # Out of the session's memory: the states were all read at the beginning.
        state = db.session.get(BotConversation, message.conversation_id)
        facts = read_facts(message, plan, state, now)
        decision = decide(plan, facts, lambda: knowledge.search(facts.text, limit=MOST_FOUND), now)
        return keep(message, plan, decision, now)


def keep(message: Message, plan: Plan, decision: Decision, now: datetime) -> bool:
    """Write down the decision, and carry it out unless the language model is asked first.

    True when something is to be sent. The caller holds the conversation's lock, and commits.
    """
    trace = BotTrace(
        account_id=message.account_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
        created_at=now,
        steps=[step.as_json() for step in decision.steps],
    )
    if decision.passages:
        model_queue.put(trace, decision, message.text_content)
        db.session.add(trace)
        return False
    carry_out(trace, message, plan, decision, now)
    db.session.add(trace)
    return trace.reply_message_id is not None


def carry_out(trace: BotTrace, message: Message, plan: Plan, decision: Decision, now: datetime) -> None:
    """Queue the reply, move the conversation's state, and say in the trace what came of it."""
    trace.outcome, trace.reason = decision.outcome, decision.reason
    trace.rule_id, trace.article_id, trace.score = decision.rule_id, decision.article_id, decision.score
    trace.is_unanswered = decision.is_unanswered
    problem = _send(trace, message, decision)
    if problem:
        trace.outcome = BotOutcome.FAILED
        trace.reason = f"{decision.reason} The reply could not be sent: {problem}"
        reason = "The bot's reply could not be sent."
        _move(
            message, plan, Decision(BotOutcome.FAILED, reason, hand_over=reason, waits_for_person=True), now
        )
    else:
        _move(message, plan, decision, now)
        if decision.outcome in _ANSWERING:
            message.conversation.waiting_since = None


def _send(trace: BotTrace, message: Message, decision: Decision) -> str:
    """What stood in the way, in words for people; empty when all is well."""
    if decision.reply is None:
        return ""
    try:
        reply = queue_message(
            conversation=message.conversation,
            message_type=decision.reply.message_type,
            content=dict(decision.reply.content),
            actor=SYSTEM,
            client_key=f"bot-{message.id}",
            priority=MessagePriority.BOT,
            bot_reply_to_id=message.id,
            commits=False,
        )
    except DomainError as error:
        return error.message
    trace.reply_message_id = reply.id
    return ""


def _move(message: Message, plan: Plan, decision: Decision, now: datetime) -> None:
    """What the decision changes in the conversation's state; most messages change nothing."""
    changed = {
        name: value
        for name, value in (
            ("fallbacks", decision.fallbacks),
            ("fallback_said_at", now if decision.says_fallback else None),
            ("greeted_at", now if decision.greets else None),
            ("away_until", decision.away_until),
            ("language", decision.language or None),
        )
        if value is not None
    }
    moves = bool(decision.hand_over or decision.offered or any(changed.values()))
    if not moves and db.session.get(BotConversation, message.conversation_id) is None:
        return
    conversation = message.conversation
    state = hand_over.state_of(conversation)
    for name, value in changed.items():
        setattr(state, name, value)
    if decision.offered:
        rows = [vars(offered) for offered in decision.offered]
        fresh = {row["row_id"] for row in rows}
        state.offered = [*(row for row in state.offered if row["row_id"] not in fresh), *rows][-_KEPT_OFFERS:]
    if decision.hand_over:
        hand_over.note_hand_over(
            state, decision.hand_over, quiet=plan.quiet, now=now, waits=decision.waits_for_person
        )
        conversation.version = Conversation.version + 1

"""Working off the questions that wait for the language model, outside of every transaction.

A trace is claimed for one worker by a lease and committed; the address is asked; then reply and trace are
committed together. A killed worker's lease runs out and the question is asked once more: the answer goes
out once all the same, because the trace waits only until the first reply is kept.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, func, or_, select, update

from app import failpoints
from app.extensions import db
from app.log_fields import about
from app.models import BotConversation, BotOutcome, BotTrace, Conversation, utcnow
from app.services import bell
from app.services.bot import hand_over, model_queue
from app.services.bot.decisions import Decision, Reply
from app.services.bot.knowledge import FoundArticle
from app.services.bot.live import carry_out
from app.services.bot.model import Model, ask, model_of
from app.services.bot.plan import load_plan
from app.services.bot.settings import settings_of
from app.services.guarded_http import Unanswered

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
"""Longer than the longest time-out (60 s) and the keeping after it."""
MOST_TRIES = 2
TOO_LATE = timedelta(minutes=2)
"""Who has waited this long is told what the articles say."""

_TRACES = cast(Table, BotTrace.__table__)


@dataclass(frozen=True)
class _Claim:
    """A question in hand. `obstacle`: why the model is not asked at all."""

    trace_id: int
    owner: str
    model: Model
    question: str
    passages: list[FoundArticle]
    obstacle: str = ""


def work_off() -> int:
    """Ask about one waiting message, if there is one. Returns how many there were."""
    trace_id = _peek()
    claim = _claim(trace_id) if trace_id is not None else None
    if claim is None:
        return 0
    text, why = "", claim.obstacle
    if not why:
        failpoints.reach("model-before-asking")
        try:
            text = ask(claim.model, claim.question, claim.passages)
        except Unanswered as error:
            why = str(error)
            log.info("the language model gave no answer: %s", why, extra=about(trace_id=claim.trace_id))
    failpoints.reach("model-before-keeping")
    if _settle(claim, text, why):
        bell.ring(bell.MESSAGES)
    return 1


def _is_free(now: Any) -> Any:
    lease = _TRACES.c.lease_until
    return (_TRACES.c.outcome == BotOutcome.WAITING, or_(lease.is_(None), lease < now))


def _peek() -> int | None:
    """Nearly always nothing waits: a look that takes no write lock."""
    statement = select(_TRACES.c.id).where(*_is_free(utcnow())).order_by(_TRACES.c.id).limit(1)
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.scalar(statement)


def _claim(trace_id: int) -> _Claim | None:
    """None when another worker was faster, or it waits no more."""
    now, owner = utcnow(), uuid.uuid4().hex
    taken = db.session.execute(
        update(_TRACES)
        .where(_TRACES.c.id == trace_id, *_is_free(now))
        .values(lease_owner=owner, lease_until=now + LEASE, model_tries=_TRACES.c.model_tries + 1)
    )
    if cast(Any, taken).rowcount != 1:
        db.session.rollback()
        return None
    trace = db.session.get_one(BotTrace, trace_id, populate_existing=True)
    account = trace.message.account
    row, is_asked = settings_of(account), load_plan(account).asks_model
    obstacle = _obstacle(trace, row.model_daily_budget, is_asked=is_asked)
    if not obstacle:
        trace.model_asked_at = now
    claim = _Claim(
        trace_id, owner, model_of(row), model_queue.question(trace), model_queue.passages(trace), obstacle
    )
    # With the commit the connection goes back, before the network is asked.
    db.session.commit()
    return claim


def _obstacle(trace: BotTrace, budget: int, *, is_asked: bool) -> str:
    now = utcnow()
    if not is_asked:
        return "It was switched off meanwhile."
    if trace.model_tries > MOST_TRIES:
        return f"It was asked {MOST_TRIES} times, and no answer was kept."
    if now - trace.created_at > TOO_LATE:
        return "It has too much to do, and the customer has waited for long enough."
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = select(func.count()).where(
        BotTrace.account_id == trace.account_id,
        BotTrace.created_at >= midnight - TOO_LATE,
        BotTrace.model_asked_at >= midnight,
    )
    if (db.session.scalar(asked) or 0) >= budget:
        return f"Today's budget of {budget:,} questions is used up."
    return ""


def _settle(claim: _Claim, text: str, why: str) -> bool:
    """Keep the reply and the trace together. True when something is to be sent."""
    conversation_id = db.session.scalar(select(BotTrace.conversation_id).where(BotTrace.id == claim.trace_id))
    if conversation_id is None:
        db.session.rollback()
        return False
    conversation = hand_over.lock(conversation_id)
    trace = db.session.get_one(BotTrace, claim.trace_id, populate_existing=True)
    if trace.outcome is not BotOutcome.WAITING or trace.lease_owner != claim.owner:
        # A person took over, or the lease ran out and another worker was faster.
        db.session.rollback()
        return False
    decision, plan = _decided(trace, conversation, text, why), load_plan(conversation.account)
    carry_out(trace, trace.message, plan, decision, utcnow())
    trace.pending, trace.lease_owner, trace.lease_until = {}, None, None
    is_sent = trace.reply_message_id is not None
    db.session.commit()
    return is_sent


def _decided(trace: BotTrace, conversation: Conversation, text: str, why: str) -> Decision:
    """With the model's answer, or what holds without it; nothing when a person answers by now."""
    state = db.session.get(BotConversation, conversation.id)
    quiet = hand_over.find_quiet(conversation, state, utcnow())
    account = conversation.account
    if quiet is not None or not (account.auto_reply_enabled and account.is_live):
        reason = f"By now the bot keeps quiet. {quiet.reason}" if quiet else "The bot was switched off."
        _add_step(trace, reason)
        return Decision(BotOutcome.SILENT, reason)
    decision = model_queue.unpack(trace)
    if not text:
        _add_step(trace, f"The language model gave no answer: {why} The answer comes without it.")
        return decision
    reason = "The language model wrote the answer from the passages found."
    _add_step(trace, reason)
    answered = replace(
        decision,
        outcome=BotOutcome.ANSWERED,
        reason=reason,
        reply=Reply.of_text(text),
        fallbacks=0,
        offered=(),
    )
    return answered.in_frame(decision.frame)


def _add_step(trace: BotTrace, text: str) -> None:
    trace.steps = [*trace.steps, {"kind": "model", "result": "decided", "text": text}]

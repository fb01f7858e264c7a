"""Trying the bot without sending anything: the very decision it would make, on made-up facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.extensions import db
from app.models import Account, utcnow
from app.services.bot.decide import MOST_FOUND, decide
from app.services.bot.decisions import Decision, Facts, Line, Reply
from app.services.bot.knowledge import knowledge_of
from app.services.bot.model import ask, model_of
from app.services.bot.plan import load_plan
from app.services.bot.settings import settings_of
from app.services.guarded_http import Unanswered


@dataclass(frozen=True)
class Trial:
    """What somebody tries. `at` None: now. `fallbacks`: messages without an answer just before."""

    text: str
    is_first: bool = False
    at: datetime | None = None
    language: str = ""
    fallbacks: int = 0


@dataclass(frozen=True)
class Written:
    """What the language model made of it: its reply, or why there is none."""

    reply: Reply | None
    text: str


def ask_model(account: Account, trial: Trial, decision: Decision) -> Written:
    """Really asks; the caller's transaction ends before. Not counted against the day's budget."""
    model = model_of(settings_of(account))
    db.session.rollback()
    try:
        text = ask(model, trial.text, decision.passages)
    except Unanswered as error:
        return Written(None, f"The language model gave no answer: {error} The answer comes without it.")
    answer = replace(decision, reply=Reply.of_text(text)).in_frame(decision.frame)
    return Written(answer.reply, "The language model wrote the answer from the passages found.")


def try_bot(account: Account, trial: Trial) -> Decision:
    """As if the bot were on and the account connected: it is tried before it goes live. Writes nothing."""
    at = trial.at or utcnow()
    plan = replace(load_plan(account), is_live=True, is_on=True)
    knowledge = knowledge_of(account)
    facts = Facts(
        kind="text",
        text=trial.text,
        occurred_at=at,
        is_first=trial.is_first,
        earlier_inbound_at=None if trial.is_first else at - timedelta(minutes=1),
        fallbacks=trial.fallbacks,
        language=trial.language,
        lines=(Line(at, trial.text, is_bot=False),),
    )
    return decide(plan, facts, lambda: knowledge.search(trial.text, limit=MOST_FOUND), at)

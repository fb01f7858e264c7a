"""Trying the bot without sending anything: the very decision it would make, on made-up facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.models import Account, utcnow
from app.services.bot.decide import MOST_FOUND, decide
from app.services.bot.decisions import Decision, Facts, Line
from app.services.bot.knowledge import knowledge_of
from app.services.bot.plan import load_plan


@dataclass(frozen=True)
class Trial:
    """What somebody tries. `at` None: now. `fallbacks`: messages without an answer just before."""

    text: str
    is_first: bool = False
    at: datetime | None = None
    language: str = ""
    fallbacks: int = 0


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

"""Another machine at the other end: two bots that answer each other would go on for ever, at our cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from app.services.bot.decisions import Facts, Line
from app.services.bot.plan import Plan
from app.services.bot.words import count_words, fold

SAME_TEXTS = 4
"""So many times the same words in a row are no person's doing."""
QUICK_ANSWERS = 5
QUICK = timedelta(seconds=2)
"""So many answers in a row, each within this time of ours, are no person's doing either."""
_ECHO_WORDS = 3


@dataclass(frozen=True)
class Loop:
    """What gave it away. An echo of our own words is passed over; the rest goes to a person."""

    reason: str
    hands_over: bool = True


def find_loop(plan: Plan, facts: Facts, text: str, now: datetime) -> Loop | None:
    """`text` is the message, folded."""
    since = max(filter(None, (now - plan.loop_span, facts.given_back_at)))
    lines = [line for line in facts.lines if line.at >= since]
    replies = sum(line.is_bot for line in lines)
    minutes = int(plan.loop_span.total_seconds() // 60)
    if replies >= plan.loop_replies:
        text = f"The bot has answered {replies} times in {minutes} minutes, which is its limit."
        return Loop(f"{text} Perhaps another machine is writing.")
    if text and _same_in_a_row(lines, text) >= SAME_TEXTS:
        return Loop(f"The same text came {SAME_TEXTS} times in a row.")
    if _quick_in_a_row(lines) >= QUICK_ANSWERS:
        return Loop(f"{QUICK_ANSWERS} answers in a row came within seconds of the bot's.")
    if not facts.choice_id and _is_echo(plan, lines, text):
        return Loop("The message repeats the bot's own words.", hands_over=False)
    return None


def _same_in_a_row(lines: list[Line], text: str) -> int:
    count = 0
    for line in reversed(lines):
        if line.is_bot:
            continue
        if fold(line.text) != text:
            break
        count += 1
    return count


def _quick_in_a_row(lines: list[Line]) -> int:
    """Meta tells the time of a message in whole seconds, so one may seem to come a second before ours."""
    count = 0
    for before, line in reversed(list(pairwise(lines))):
        if line.is_bot:
            continue
        if not before.is_bot or not timedelta(seconds=-1) <= line.at - before.at <= QUICK:
            break
        count += 1
    return count


def _is_echo(plan: Plan, lines: list[Line], text: str) -> bool:
    if count_words(text) < _ECHO_WORDS:
        return False
    ours = [line.text for line in lines if line.is_bot]
    ours += [plan.greeting, plan.fallback, plan.away, plan.hand_over]
    return any(fold(own) == text for own in ours)

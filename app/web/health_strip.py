"""Arithmetic of the strip that shows how an account has been: one rectangle per hour or day.

The drawing itself is in accounts/_health.html.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.models import CheckState
from app.web.filters import clock, day, day_time

SLOT, BAR, HEIGHT = 10, 8, 40
_RANKS = {CheckState.PASSED: 0, CheckState.WAITING: 0, CheckState.WARNING: 1, CheckState.FAILED: 2}
_LOOKS = {
    None: ("is-none", "Not checked"),
    0: ("is-ok", "In order"),
    1: ("is-warn", "Warning"),
    2: ("is-bad", "Failed"),
}


@dataclass(frozen=True)
class Slot:
    """One hour or day: its worst state, where it stands in the drawing, and its words."""

    x: int
    css: str
    word: str
    label: str


@dataclass(frozen=True)
class Strip:
    """Oldest first. `first_label` and `last_label` stand under its ends; `summary` says it in a sentence."""

    slots: tuple[Slot, ...]
    width: int
    first_label: str
    last_label: str
    summary: str
    height: int = HEIGHT
    bar: int = BAR


def build_strip(
    states: Sequence[tuple[datetime, CheckState]], *, first: datetime, step: timedelta, count: int
) -> Strip:
    """`states`: when each check was made and what it came to, oldest first. What a check found stands until
    the next one."""
    is_daily = step >= timedelta(days=1)
    slots, standing, position = [], None, 0
    for number in range(count):
        begin, end = first + number * step, first + (number + 1) * step
        worst = standing
        while position < len(states) and states[position][0] < end:
            at, state = states[position]
            standing = _RANKS[state]
            worst = standing if worst is None or at < begin else max(worst, standing)
            position += 1
        css, word = _LOOKS[worst]
        label = day(begin) if is_daily else f"{day_time(begin)} to {clock(end)}"
        slots.append(Slot(number * SLOT, css, word, label))
    ends = (day(first), "today") if is_daily else (clock(first), "now")
    return Strip(tuple(slots), count * SLOT - (SLOT - BAR), *ends, summary=_summary(slots, is_daily=is_daily))


def _summary(slots: Sequence[Slot], *, is_daily: bool) -> str:
    unit = "days" if is_daily else "hours"
    found = {word: sum(slot.word == word for slot in slots) for _css, word in _LOOKS.values()}
    told = ", ".join(f"{number} {word.lower()}" for word, number in found.items() if number)
    return f"The last {len(slots)} {unit}: {told}."

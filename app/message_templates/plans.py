"""What an import or a copy would do, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import Account
from app.services.message_templates.importing import Fate, Plan, Planned

_MOST_SHOWN = 300
_MOST_PROBLEMS = 8
WORDS = {
    Fate.NEW: ("ok", "New draft", "plus"),
    Fate.SAME: ("mute", "As it is here", "check"),
    Fate.DIFFERS: ("warn", "Differs from the draft here", "pencil"),
    Fate.TAKEN: ("warn", "Name is taken at Meta", "lock"),
    Fate.TWICE: ("bad", "Twice, with different texts", "copy"),
    Fate.UNUSABLE: ("bad", "Cannot be taken", "ban"),
}
"""Kind of badge, words, icon."""
OVERWRITTEN = ("info", "Draft gets this text", "pencil")


@dataclass(frozen=True)
class Line:
    """An entry; `more`: problems that are not shown."""

    planned: Planned
    badge: tuple[str, str, str]
    more: int

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """(severity, where, what)"""
        found = sorted(self.planned.problems, key=lambda problem: problem.severity)
        return [(each.severity, each.field, each.message) for each in found[:_MOST_PROBLEMS]]


@dataclass(frozen=True)
class Shown:
    """Entries with something to say first; `more`: entries that are not shown."""

    account: Account
    plan: Plan
    lines: list[Line]
    more: int


def show_plan(account: Account, plan: Plan) -> Shown:
    ordered = sorted(plan.planned, key=lambda one: not one.problems and one.fate in (Fate.NEW, Fate.SAME))
    lines = [
        Line(one, _badge(one, overwrite=plan.overwrite), max(0, len(one.problems) - _MOST_PROBLEMS))
        for one in ordered[:_MOST_SHOWN]
    ]
    return Shown(account, plan, lines, max(0, len(ordered) - _MOST_SHOWN))


def _badge(one: Planned, *, overwrite: bool) -> tuple[str, str, str]:
    if one.fate is Fate.DIFFERS and overwrite:
        return OVERWRITTEN
    return WORDS[one.fate]

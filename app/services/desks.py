"""How people work on an account's conversations, and what each chose for their own work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import Account, AccountDesk, AgentsSee, AssignBy, DeskSettings, Role
from app.queries.access import Actor
from app.queries.desks import desk_of, settings_of
from app.services import audit
from app.services.account_cleaners import Unfit
from app.services.bot import cleaners

LONGEST_TARGET_MIN = 30 * 24 * 60
NUMBERS_FROM = (Role.VIEWER, Role.AGENT, Role.MANAGER)
"""A manager reads Meta's posts themselves, so numbers are never kept from one."""
OWN_SWITCHES = (
    "tells_browser",
    "tells_sound",
    "tells_content",
    "tells_assigned",
    "tells_mentions",
    "tells_own",
    "tells_unassigned",
    "has_shortcuts",
)


def _one_of(words: tuple[StrEnum, ...]) -> Callable[[object], StrEnum]:
    def clean(value: object) -> StrEnum:
        for word in words:
            if value == word:
                return word
        raise Unfit(f"This must be one of: {', '.join(words)}.")

    return clean


def _target(value: object) -> int | None:
    """Minutes, also as they are typed; nothing: no target."""
    if value is None or value == "":
        return None
    return cleaners.number(1, LONGEST_TARGET_MIN)(value)


def _number_ids(value: object) -> list[int]:
    if not isinstance(value, list) or not all(type(one) is int for one in value):
        raise Unfit("This must be a list of numbers, by their ids.")
    return sorted(set(value))


FIELDS: dict[str, Callable[[object], Any]] = {
    "assign_by": _one_of(tuple(AssignBy)),
    "assign_number_ids": _number_ids,
    "agents_see": _one_of(tuple(AgentsSee)),
    "numbers_from": _one_of(NUMBERS_FROM),
    "answer_target_min": _target,
    "resolution_target_min": _target,
}


def change_desk(*, account: Account, values: Mapping[str, Any], actor: Actor) -> AccountDesk:
    """Change those that are given. Raises InvalidFields naming each that cannot be taken."""
    cleaned, problems = _cleaned(values)
    own = {number.id for number in account.phone_numbers}
    strange = set(cleaned.get("assign_number_ids", ())) - own
    if strange:
        text = f"The account has no number with the id {min(strange)}."
        problems.append(FieldProblem("assign_number_ids", text))
    if problems:
        raise InvalidFields(problems)
    row = desk_of(account.id)
    before = {name: getattr(row, name) for name in cleaned}
    changed = [name for name, value in cleaned.items() if before[name] != value]
    for name in changed:
        setattr(row, name, cleaned[name])
    if changed:
        db.session.add(row)
        details = audit.differences(changed, before, cleaned)
        audit.record(actor, "account.teamwork_changed", account_id=account.id, details=details)
    db.session.commit()
    return row


def _cleaned(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldProblem]]:
    cleaned: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, value in values.items():
        try:
            cleaned[name] = FIELDS[name](value)
        except Unfit as error:
            problems.append(FieldProblem(name, str(error)))
    return cleaned, problems


def change_own(*, user_id: int, switches: Mapping[str, bool]) -> DeskSettings:
    """What a person wants to be told, and how. Names are those of OWN_SWITCHES."""
    row = settings_of(user_id)
    for name in OWN_SWITCHES:
        if name in switches:
            setattr(row, name, bool(switches[name]))
    db.session.add(row)
    db.session.commit()
    return row


def set_away(*, user_id: int, is_away: bool) -> None:
    """Who is away gets no conversation by itself; what they have they keep."""
    row = settings_of(user_id)
    row.is_away = is_away
    db.session.add(row)
    db.session.commit()

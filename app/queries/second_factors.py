"""Reads about who needs a second factor."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, select

from app.extensions import db
from app.models import ConsoleRules, Role, SecondFactor, SecondFactorFor, User
from app.models.roles import NEED_SECOND_FACTOR

THE_ROW = 1


def get_requirement() -> SecondFactorFor:
    """From which role on a second factor is required."""
    statement = select(ConsoleRules.second_factor_for).where(ConsoleRules.id == THE_ROW)
    return db.session.scalar(statement) or SecondFactorFor.NOBODY


def is_needed_by(user: User, requirement: SecondFactorFor) -> bool:
    """By their role, or the one they have in some account."""
    return bool(_roles_of(user) & NEED_SECOND_FACTOR[requirement])


def must_set_one_up(user: User) -> bool:
    """A second factor is required of this person, and there is none."""
    return is_needed_by(user, db.session.scalar(unmet_requirement(user.id)) or SecondFactorFor.NOBODY)


def unmet_requirement(user_id: Any) -> Select[SecondFactorFor]:
    """The requirement, of somebody who has no second factor; no row otherwise. `user_id`: or its column."""
    has_one = exists().where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    return select(ConsoleRules.second_factor_for).where(ConsoleRules.id == THE_ROW, ~has_one)


def _roles_of(user: User) -> set[Role]:
    return {user.role, *(membership.role for membership in user.memberships)}

"""What owners decide for the whole console."""

from __future__ import annotations

from app.errors import DomainError
from app.extensions import db
from app.models import ConsoleRules, SecondFactorFor
from app.queries.access import Actor
from app.queries.second_factors import THE_ROW
from app.services import audit, second_factor
from app.services.conversations import insert_ignoring_conflict


class SecondFactorMissing(DomainError):
    """Whoever requires a second factor of others has one."""

    code = "second_factor_missing"
    status = 422


def require_second_factor(*, of: SecondFactorFor, actor: Actor) -> None:
    """From this role on; it holds from everybody's next click on. Raises SecondFactorMissing."""
    is_without = actor.user is not None and not second_factor.is_on(actor.user.id)
    if of is not SecondFactorFor.NOBODY and is_without:
        raise SecondFactorMissing(
            "You have no second factor yourself. Set one up first, so that you cannot lock yourself out."
        )
    rules = _rules()
    before, rules.second_factor_for = rules.second_factor_for, of
    if before is not of:
        audit.record(actor, "second_factor.required", details={"from": before.value, "to": of.value})
    db.session.commit()


def _rules() -> ConsoleRules:
    """The row, locked: of two owners who decide at once, one comes second and knows what was before."""
    insert_ignoring_conflict(ConsoleRules, [{"id": THE_ROW}])
    return db.session.get_one(ConsoleRules, THE_ROW, with_for_update=True)

"""The time zone in which an account's days begin."""

from __future__ import annotations

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import Account
from app.models.time_zones import zones
from app.queries.access import Actor
from app.services import audit, usage


def set_time_zone(*, account: Account, name: str, actor: Actor) -> None:
    """From now on, and for all days that were counted before: they are counted anew within minutes.

    Raises InvalidFields on `time_zone`.
    """
    if name not in zones():
        problem = "This machine knows no such time zone. Write it as in Europe/London or America/Sao_Paulo."
        raise InvalidFields([FieldProblem("time_zone", problem)])
    if name == account.time_zone:
        return
    before, account.time_zone = account.time_zone, name
    usage.recount_account(account, before)
    audit.record(
        actor,
        "account.time_zone_changed",
        account_id=account.id,
        object_type="account",
        object_id=account.id,
        details={"before": before, "after": name},
    )
    db.session.commit()

"""An account's own limits."""

from __future__ import annotations

from typing import Any

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.schemas.limits import LimitsIn, LimitsOut
from app.models import Account
from app.queries.accounts import get_account
from app.services import quotas
from app.web.identity import current_actor

_TAGS = ["Accounts"]


@blueprint.get("/accounts/<int:account_id>/limits/")
@allowed("accounts.view", account=get_account)
@blueprint.output(LimitsOut)
@blueprint.doc(tags=_TAGS)
def show_limits(account: Account) -> dict[str, Any]:
    """Show an account's limits

    How many messages it may queue in a minute, a day and a month, and how many of them are used.
    """
    return {"limits": quotas.standings(account)}


@blueprint.put("/accounts/<int:account_id>/limits/")
@allowed("accounts.manage", account=get_account)
@blueprint.input(LimitsIn, location="json")
@blueprint.output(LimitsOut)
@blueprint.doc(tags=_TAGS)
def set_limits(account: Account, json_data: dict[str, Any]) -> dict[str, Any]:
    """Set an account's limits

    They hold from the next message on, whoever sends it: a person, the bot, a program.
    """
    limits = {window: json_data[name] for window, name in quotas.COLUMNS.items()}
    quotas.set_limits(account=account, limits=limits, actor=current_actor())
    return {"limits": quotas.standings(account)}

"""Figures: of one account, and of all that the key may see."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.schemas.analytics import (
    AccountAnalyticsOut,
    AnalyticsQuery,
    DashboardOut,
    ServiceQuery,
    ServiceTimesOut,
    days_of,
)
from app.models import Account, utcnow
from app.models.time_zones import latest_day
from app.queries.accounts import get_account, list_accounts
from app.queries.analytics import Figures, Overview, get_overview
from app.queries.cases import get_service_times
from app.services.failures import explain_code, failure_title
from app.web.identity import current_actor

_TAGS = ["Analytics"]


@blueprint.get("/accounts/<int:account_id>/analytics/")
@allowed("analytics.view", account=get_account)
@blueprint.input(AnalyticsQuery, location="query", unknown=RAISE)
@blueprint.output(AccountAnalyticsOut)
@blueprint.doc(tags=_TAGS)
def show_account_analytics(account: Account, query_data: dict[str, Any]) -> dict[str, Any]:
    """Show an account's figures

    Sums, one entry per day in the account's time zone, and failures by reason. A message counts on the
    day it was created.
    """
    scope = current_actor().scope("analytics.view")
    start, end = days_of(query_data, latest_day(utcnow(), [account.time_zone]))
    overview = get_overview(scope, start=start, end=end, account_id=account.id)
    return {**_shown(overview), "waba_account_id": account.id}


@blueprint.get("/analytics/dashboard/")
@allowed("analytics.view")
@blueprint.input(AnalyticsQuery, location="query", unknown=RAISE)
@blueprint.output(DashboardOut)
@blueprint.doc(tags=_TAGS)
def show_dashboard(query_data: dict[str, Any]) -> dict[str, Any]:
    """Show the figures of all accounts

    Those that the key may see, summed and one by one.
    """
    scope = current_actor().scope("analytics.view")
    zones = [account.time_zone for account in list_accounts(scope)]
    start, end = days_of(query_data, latest_day(utcnow(), zones))
    overview = get_overview(scope, start=start, end=end)
    active = [(account.account_id, account.name, account.figures) for account in overview.accounts]
    silent = [
        (account.id, account.name, Figures())
        for account in list_accounts(scope)
        if account.id not in {account_id for account_id, *_ in active}
    ]
    accounts = [
        {"waba_account_id": account_id, "name": name, **_totals(figures)}
        for account_id, name, figures in (*active, *silent)
    ]
    return {**_shown(overview), "accounts": accounts}


@blueprint.get("/analytics/service_times/")
@allowed("accounts.manage")
@blueprint.input(ServiceQuery, location="query", unknown=RAISE)
@blueprint.output(ServiceTimesOut)
@blueprint.doc(tags=_TAGS)
def show_service_times(query_data: dict[str, Any]) -> dict[str, Any]:
    """Show how soon people answered

    First answers and closed conversations of cases that began on these days, over all, by person and by
    team. What the bot and programs say counts as nobody's answer.
    """
    scope = current_actor().scope("accounts.manage")
    zones = [account.time_zone for account in list_accounts(scope)]
    start, end = days_of(query_data, latest_day(utcnow(), zones))
    found = get_service_times(scope, start=start, end=end, account_id=query_data.get("account"))
    return {**vars(found), "since": start, "until": end}


def _shown(overview: Overview) -> dict[str, Any]:
    return {
        "since": overview.start,
        "until": overview.end,
        "totals": _totals(overview.total),
        "days": [{"day": entry.day, **asdict(entry.figures)} for entry in overview.days],
        "failures": [
            {
                "code": failure.code,
                "title": failure_title(failure.code),
                "whose_side": explain_code(failure.code).side,
                "count": failure.count,
            }
            for failure in overview.failures
        ],
    }


def _totals(figures: Figures) -> dict[str, Any]:
    rates = ("delivery_rate", "read_rate", "failure_rate")
    return {**asdict(figures), **{name: round(getattr(figures, name), 4) for name in rates}}

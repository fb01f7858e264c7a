"""What an account used day by day, how its health was, and having both looked at anew."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.analytics import days_of
from app.api.schemas.usage import (
    HealthLogList,
    HealthLogQuery,
    SyncIn,
    SyncOut,
    TimeZoneIn,
    TimeZoneOut,
    UsageOut,
    UsageQuery,
    day_of_usage,
)
from app.models import Account, utcnow
from app.models.time_zones import latest_day
from app.queries.accounts import get_account
from app.queries.health import slice_logs
from app.queries.usage_days import list_number_days
from app.services import message_templates, numbers
from app.services.account_zones import set_time_zone
from app.web.identity import current_actor

_TAGS = ["Accounts"]


@blueprint.get("/accounts/<int:account_id>/usage/")
@allowed("analytics.view", account=get_account)
@blueprint.input(UsageQuery, location="query", unknown=RAISE)
@blueprint.output(UsageOut)
@blueprint.doc(tags=["Analytics"])
def show_usage(account: Account, query_data: dict[str, Any]) -> dict[str, Any]:
    """Show what an account used

    An entry for each number and day with anything in it: messages by kind and by Meta's pricing category,
    replies of the bot, people, calls to Meta. As the messages stand at this moment.
    """
    start, end = days_of(query_data, latest_day(utcnow(), [account.time_zone]))
    rows = list_number_days(account, start, end, phone_number_id=query_data.get("phone_number_id"))
    shown = [day_of_usage(row) for row in sorted(rows, key=lambda row: (row.usage.day, row.phone_number_id))]
    quiet = {"day", "phone_number_id"}
    return {
        "waba_account_id": account.id,
        "time_zone": account.time_zone,
        "results": [day for day in shown if any(value for name, value in day.items() if name not in quiet)],
    }


@blueprint.put("/accounts/<int:account_id>/time_zone/")
@allowed("accounts.manage", account=get_account)
@blueprint.input(TimeZoneIn, location="json")
@blueprint.output(TimeZoneOut, description="Its earlier days are counted anew within minutes.")
@blueprint.doc(tags=_TAGS)
def set_account_time_zone(account: Account, json_data: dict[str, Any]) -> Account:
    """Set where an account's days begin"""
    set_time_zone(account=account, name=json_data["time_zone"], actor=current_actor())
    return account


@blueprint.get("/accounts/<int:account_id>/health-logs/")
@allowed("accounts.view", account=get_account)
@blueprint.input(HealthLogQuery, location="query", unknown=RAISE)
@blueprint.output(HealthLogList)
@blueprint.doc(tags=_TAGS)
def list_health_logs(account: Account, query_data: dict[str, Any]) -> dict[str, Any]:
    """List the checks of an account's health

    Newest first, kept for 90 days.
    """
    return page_of(slice_logs(account.id, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/templates/sync/")
@allowed("message_templates.manage")
@blueprint.input(SyncIn, location="json")
@blueprint.output(SyncOut)
@blueprint.doc(tags=["Message templates"])
def sync_templates(json_data: dict[str, Any]) -> dict[str, Any]:
    """Fetch an account's message templates from Meta

    Drafts of this console stay; one whose name Meta has given away meanwhile gets another.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope("message_templates.manage"))
    found = message_templates.sync(account=account, actor=current_actor())
    return {
        "created": found.created,
        "updated": found.updated,
        "gone": found.gone,
        "left_out": found.set_aside,
    }


@blueprint.post("/phone-numbers/sync/")
@allowed("accounts.manage")
@blueprint.input(SyncIn, location="json")
@blueprint.output(SyncOut)
@blueprint.doc(tags=["Phone numbers"])
def sync_phone_numbers(json_data: dict[str, Any]) -> dict[str, Any]:
    """Fetch an account's numbers from Meta

    `left_out`: numbers that are connected in another account of this console.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope("accounts.manage"))
    found = numbers.sync_numbers(account=account, actor=current_actor())
    return {
        "created": found.added,
        "updated": found.updated,
        "gone": found.gone,
        "left_out": list(found.refused),
    }

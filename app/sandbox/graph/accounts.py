"""WhatsApp Business accounts and the portfolio above them.

Source: Meta docs, "WhatsApp Business Account" reference, read 2026-03.
"""

from dataclasses import replace
from typing import Any

from ..database import Database, Row
from ..store import accounts, phone_numbers, portfolio, subscriptions
from . import conditions, errors, filtering, health, phone_number_fields
from .fields import Field, parse
from .nodes import column, computed, constant, read, stored
from .paging import page
from .registry import BUSINESS, MANAGEMENT, NODE_TYPES, Answer, Call, Node, NodeType, edge, finder

OWNED_DEFAULT = ("name", "currency", "timezone_id", "message_template_namespace")


def _health_status(call: Call, _field: Field) -> dict[str, Any]:
    return health.describe(call, call.node.id)


def _owner(call: Call, _field: Field) -> dict[str, Any] | None:
    owner = accounts.find_business(call.db, call.node.row["business_id"])
    return None if owner is None else {"name": owner["name"], "id": owner["id"]}


def _status(call: Call, _field: Field) -> str:
    return conditions.account_status(call.db, call.node.id)


def _verification(call: Call, _field: Field) -> str:
    return "not_verified" if conditions.business_limit(call, call.node.id) else "verified"


def _messaging_limit(call: Call, _field: Field) -> str:
    return portfolio.tier(call.db, call.node.row["business_id"])


NODE_TYPES["waba"] = NodeType(
    graph_name="WhatsAppBusinessAccount",
    readers={
        "name": column("name"),
        "currency": column("currency"),
        "country": column("country"),
        "timezone_id": column("timezone_id"),
        "message_template_namespace": column("namespace"),
        "creation_time": computed(lambda row: int(row["created_at"])),
        accounts.REVIEW_STATUS: stored(accounts.REVIEW_STATUS, "APPROVED"),
        "business_verification_status": _verification,
        "status": _status,
        "ownership_type": constant("SELF_OWNED"),
        "is_enabled_for_insights": stored("is_enabled_for_insights", False),
        "disable_marketing_messages_on_cloud_api": stored("disable_marketing_messages_on_cloud_api", False),
        "template_auto_archival_enabled": stored("template_auto_archival_enabled", False),
        "marketing_messages_onboarding_status": constant("ELIGIBLE"),
        "marketing_messages_lite_api_status": constant("ELIGIBLE"),
        "is_shared_with_partners": constant(False),
        "whatsapp_business_manager_messaging_limit": _messaging_limit,
        "primary_business_location": column("country"),
        "owner_business_info": _owner,
        "owner_business": _owner,
        # Retired in September 2025: readable, and blank.
        "on_behalf_of_business_info": constant(None),
        "health_status": _health_status,
    },
    default=("name", "timezone_id", "message_template_namespace"),
    scope=MANAGEMENT,
)
NODE_TYPES["business"] = NodeType(
    graph_name="Business",
    readers={"name": column("name"), "verification_status": constant("verified")},
    default=("name",),
    scope=BUSINESS,
)


@finder
def find_waba(db: Database, node_id: str) -> Node | None:
    row = accounts.find_waba(db, node_id)
    return None if row is None else Node("waba", node_id, row, waba_id=node_id)


@finder
def find_business(db: Database, node_id: str) -> Node | None:
    row = accounts.find_business(db, node_id)
    return None if row is None else Node("business", node_id, row)


@edge("waba", "", "GET", scope=MANAGEMENT)
def get_waba(call: Call) -> Answer:
    return read(call)


def _number_fields(call: Call) -> dict[str, filtering.Value]:
    """What the list of numbers may be filtered and sorted by."""
    return {
        "account_mode": lambda row: row["account_mode"],
        "last_onboarded_time": lambda row: phone_numbers.onboarded_at(call.db, row),
    }


@edge("waba", "phone_numbers", "GET", scope=MANAGEMENT)
def list_phone_numbers(call: Call) -> Answer:
    rows = filtering.select(call, phone_numbers.list_of(call.db, call.node.id), _number_fields(call))
    asked = phone_number_fields.asked(call)
    return page(call, rows, [phone_number_fields.show(call, row, asked) for row in rows])


@edge("business", "", "GET", scope=BUSINESS)
def get_business(call: Call) -> Answer:
    _refuse_foreign(call)
    return read(call)


@edge("business", "owned_whatsapp_business_accounts", "GET", scope=BUSINESS)
def list_owned(call: Call) -> Answer:
    rows = filtering.select(call, _refuse_foreign(call), {"creation_time": lambda row: row["created_at"]})
    asked = parse(call.params.text("fields")) or tuple(Field(name) for name in OWNED_DEFAULT)
    return page(call, rows, [_shown(call, row, asked) for row in rows])


def _shown(call: Call, row: Row, fields: tuple[Field, ...]) -> Answer:
    """One account as an item of a list."""
    return read(replace(call, node=Node("waba", row["id"], row, row["id"])), fields)


def _refuse_foreign(call: Call) -> list[Row]:
    """The accounts of the portfolio that the token sees; none means the portfolio is not visible either."""
    rows = [row for row in accounts.list_wabas_of(call.db, call.node.id) if call.token.can_see(row["id"])]
    if not rows:
        raise errors.unsupported(call.method, call.node.id)
    return rows


def list_subscribed(call: Call) -> Answer:
    return {"data": [_subscribed(row) for row in subscriptions.list_apps_on(call.db, call.node.id)]}


def _subscribed(row: Row) -> dict[str, Any]:
    app = {
        "link": f"https://www.facebook.com/games/?app_id={row['id']}",
        "name": row["name"],
        "id": row["id"],
    }
    shown: dict[str, Any] = {"whatsapp_business_api_data": app}
    if row["override_callback_uri"]:
        shown["override_callback_uri"] = row["override_callback_uri"]
    return shown

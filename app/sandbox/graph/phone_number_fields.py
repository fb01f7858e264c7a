"""What can be read of a phone number. Source: Meta docs, "Phone number" reference, read 2026-03."""

import base64
from dataclasses import replace
from typing import Any

from .. import clock, ids
from ..database import Row
from ..store import node_settings, phone_numbers, subscriptions
from . import health, names
from .fields import Field, parse
from .message_template_texts import refuse
from .nodes import column, computed, constant, read
from .registry import MANAGEMENT, NODE_TYPES, Answer, Call, Node, NodeType

APPROVED_NAMES = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")
LIMITED_STATUSES = ("FLAGGED", "RESTRICTED", "RATE_LIMITED")


def _webhook_configuration(call: Call, _field: Field) -> dict[str, str]:
    """The callbacks of the token's app, from the most specific to the general."""
    row, app_id = call.node.row, call.token.app_id
    app_wide = subscriptions.find_app_callback(call.db, app_id)
    urls = {
        "phone_number": row["override_callback_uri"] if row["override_app_id"] == app_id else None,
        "whatsapp_business_account": subscriptions.find_override(call.db, row["waba_id"], app_id),
        "application": app_wide["callback_url"] if app_wide else None,
    }
    return {name: url for name, url in urls.items() if url}


def _automation(call: Call, _field: Field) -> dict[str, Any] | None:
    """With an id of its own, the number's, as pywa 4.5.0 reads it (unverified)."""
    kept = node_settings.get(call.db, call.node.id, "conversational_automation")
    return None if kept is None else {**kept, "id": call.node.id}


def _health_status(call: Call, _field: Field) -> dict[str, Any]:
    row = call.node.row
    return health.describe(call, row["waba_id"], ("PHONE_NUMBER", row["id"], trouble(row)))


def trouble(row: Row) -> health.Trouble:
    """What keeps a number from sending everything to everybody."""
    if not phone_numbers.is_registered(row):
        return "The phone number is not registered."
    if row["name_status"] not in APPROVED_NAMES:
        return health.Limited("Display name not approved yet.")
    if row["status"] in LIMITED_STATUSES:
        return health.Limited(f"The status of the phone number is {row['status']}.")
    return None


def _certificate(call: Call, _field: Field) -> str:
    """Of the display name; 2388001 until it is known whose number it is."""
    row = call.node.row
    if row["code_verification_status"] != "VERIFIED":
        raise refuse(2388001, "No certificate yet", "Verify first that the phone number is yours.")
    named = f"{row['id']}:{row['verified_name']}".encode()
    return base64.b64encode(named).decode()


def _platform(row: Row) -> str:
    return "CLOUD_API" if phone_numbers.is_registered(row) else "NOT_APPLICABLE"


NODE_TYPES["phone_number"] = NodeType(
    graph_name="WhatsAppBusinessPhoneNumber",
    readers={
        "display_phone_number": column("display_phone_number"),
        "verified_name": column("verified_name"),
        "status": column("status"),
        "quality_rating": column("quality_rating"),
        "quality_score": computed(lambda row: {"score": row["quality_rating"]}),
        "code_verification_status": column("code_verification_status"),
        "name_status": column("name_status"),
        "new_display_name": column("new_display_name"),
        "new_name_status": lambda call, _: names.status(call, call.node.row),
        "conversational_automation": _automation,
        "platform_type": computed(_platform),
        "throughput": computed(lambda row: {"level": row["throughput_level"]}),
        "account_mode": column("account_mode"),
        "messaging_limit_tier": column("messaging_limit"),
        "whatsapp_business_manager_messaging_limit": column("messaging_limit"),
        "is_pin_enabled": computed(lambda row: row["pin"] is not None),
        "is_official_business_account": constant(False),
        "is_on_biz_app": lambda call, _: phone_numbers.is_on_app(call.db, call.node.id),
        "certificate": _certificate,
        "is_preverified_number": constant(False),
        "search_visibility": constant("NON_VISIBLE"),
        "country_code": computed(lambda row: ids.country_of(row["wa_id"])),
        "country_dial_code": computed(lambda row: ids.dial_code_of(row["wa_id"])),
        # These exist, but what stands in them is not documented: readable, and blank.
        "new_certificate": constant(None),
        "eligibility_for_api_business_global_search": constant(None),
        "last_onboarded_time": lambda call, _: clock.graph_date(
            phone_numbers.onboarded_at(call.db, call.node.row)
        ),
        "webhook_configuration": _webhook_configuration,
        "health_status": _health_status,
    },
    default=(
        "verified_name",
        "code_verification_status",
        "display_phone_number",
        "quality_rating",
        "platform_type",
        "throughput",
        "webhook_configuration",
        "last_onboarded_time",
    ),
    scope=MANAGEMENT,
)


def asked(call: Call) -> tuple[Field, ...]:
    return parse(call.params.text("fields"))


def show(call: Call, row: Row, fields: tuple[Field, ...]) -> Answer:
    """One number as an item of a list."""
    return read(replace(call, node=Node("phone_number", row["id"], row, row["waba_id"])), fields)

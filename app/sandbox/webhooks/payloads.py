"""Bodies of webhooks, exactly as Meta shapes them.

Source: Meta docs, "Webhooks" pages, read 2026-03 to 2026-09.
"""

import hashlib
import hmac
import json
from typing import Any

from .. import ids
from ..database import Row


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def meta_json(value: Any) -> str:
    """Meta's escaped form: no blanks, non-ASCII as \\u00e9, slashes as \\/."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/")


def envelope(waba_id: str, field: str, value: dict[str, Any], at: float | None = None) -> dict[str, Any]:
    """`at` only for account, template and flow fields: those entries carry a time."""
    entry: dict[str, Any] = {"id": waba_id}
    if at is not None:
        entry["time"] = int(at)
    entry["changes"] = [{"value": value, "field": field}]
    return {"object": "whatsapp_business_account", "entry": [entry]}


def messages_value(number: Row, **parts: list[Any]) -> dict[str, Any]:
    metadata = {
        "display_phone_number": ids.digits_of(number["display_phone_number"]),
        "phone_number_id": number["id"],
    }
    return {"messaging_product": "whatsapp", "metadata": metadata, **parts}


def contact(customer: Row, *, hide_phone: bool = False, with_username: bool = True) -> dict[str, Any]:
    profile = {"name": customer["name"]}
    if customer["username"] and with_username:
        profile["username"] = customer["username"]
    found: dict[str, Any] = {"profile": profile}
    if not hide_phone:
        found["wa_id"] = customer["wa_id"]
    return found | {"user_id": customer["user_id"]}


def status(message: Row, customer: Row, name: str, at: float) -> dict[str, Any]:
    """One entry of statuses[]; pricing and errors are added by who knows them."""
    by_user_id = message["to_user_id"] is not None
    entry: dict[str, Any] = {"id": message["wamid"], "status": name, "timestamp": str(int(at))}
    if not by_user_id:
        entry["recipient_id"] = message["wa_id"]
    if name != "failed" or by_user_id:
        entry["recipient_user_id"] = customer["user_id"]
    if message["callback_data"] is not None:
        entry["biz_opaque_callback_data"] = message["callback_data"]
    return entry


def message_template_status(template: Row, event: str, reason: str | None) -> dict[str, Any]:
    value = {
        "event": event,
        "message_template_id": int(template["id"]),
        "message_template_name": template["name"],
        "message_template_language": template["language"],
        "message_template_category": template["category"],
        "reason": reason,
    }
    if event == "PAUSED":
        value["other_info"] = {
            "title": "FIRST_PAUSE",
            "description": "Paused for 3 hours after negative feedback from customers.",
        }
    if event == "REJECTED":
        value["rejection_info"] = {
            "reason": "The sandbox was told to reject this message template.",
            "recommendation": "Change the message template and submit it again.",
        }
    return value

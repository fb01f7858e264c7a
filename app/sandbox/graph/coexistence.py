"""A number that stays in the phone app too: contacts and old messages are fetched once, soon after its start.

Source: Meta docs, "Onboarding WhatsApp Business app users", read 2026-09. A number of this kind cannot be
registered, deregistered or given a PIN through the API; which code Meta answers then is unverified.
"""

import secrets
from typing import Any

from .. import clock, error_codes
from ..database import Row
from ..store import accounts, customers, messages, node_settings, phone_numbers
from ..webhooks import outbox, payloads
from . import errors
from .errors import GraphError
from .registry import MESSAGING, Answer, Call, edge

SYNC_WITHIN_S = 24 * 3600.0
CONTACTS, HISTORY = "smb_app_state_sync", "history"
# An operator says that the business did not want to share its history.
DECLINED = "history_declined"
MOST_MESSAGES = 200
SHOWN_STATUS = {"accepted": "PENDING", "failed": "ERROR", "received": "READ"}


@edge("phone_number", "smb_app_data", "POST", scope=MESSAGING)
def synchronise(call: Call) -> Answer:
    """2593108: later than 24 hours after onboarding; 2593107: asked for a second time."""
    if call.params.required_text("messaging_product") != "whatsapp":
        raise errors.one_of("messaging_product", ("whatsapp",), call.params.get("messaging_product"))
    kind = call.params.required_text("sync_type")
    if kind not in (CONTACTS, HISTORY):
        raise errors.one_of("sync_type", (CONTACTS, HISTORY), kind)
    if not phone_numbers.is_on_app(call.db, call.node.id):
        raise errors.invalid("The number is not used in the WhatsApp Business app.")
    if clock.now() - phone_numbers.onboarded_at(call.db, call.node.row) > SYNC_WITHIN_S:
        raise GraphError(2593108)
    asked = f"synchronised:{kind}"
    with call.db.write():
        if node_settings.get(call.db, call.node.id, asked):
            raise GraphError(2593107)
        node_settings.put(call.db, call.node.id, asked, True)
        _tell(call, kind, _contacts(call) if kind == CONTACTS else _history(call))
    return {"messaging_product": "whatsapp", "request_id": secrets.token_hex(8)}


def refuse(call: Call) -> None:
    """What the phone app decides and the API does not. Raises GraphError 100."""
    if phone_numbers.is_on_app(call.db, call.node.id):
        raise errors.invalid("Not for a number that is also used in the WhatsApp Business app.")


def _business(call: Call) -> str:
    waba = accounts.find_waba(call.db, call.node.waba_id)
    return waba["business_id"] if waba else ""


def _contacts(call: Call) -> dict[str, Any]:
    rows = customers.list_of(call.db, _business(call))
    return {"state_sync": [_contact(row) for row in rows]}


def _contact(row: Row) -> dict[str, Any]:
    contact = {"full_name": row["name"], "phone_number": row["wa_id"], "user_id": row["user_id"]}
    moment = {"timestamp": str(int(clock.now()))}
    return {"type": "contact", "contact": contact, "action": "add", "metadata": moment}


def _history(call: Call) -> dict[str, Any]:
    """One chunk with all that is known; or the business's refusal to share it."""
    if DECLINED in node_settings.conditions_of(call.db, call.node.id, call.node.waba_id):
        return {"history": [{"errors": [error_codes.webhook_error(2593109)]}]}
    rows = messages.list_filtered(call.db, phone_number_id=call.node.id, wa_id=None, limit=MOST_MESSAGES)
    by_person: dict[str, list[Row]] = {}
    for row in reversed(rows):
        by_person.setdefault(row["wa_id"], []).append(row)
    threads = [_thread(call, wa_id, thread) for wa_id, thread in by_person.items()]
    progress = {"phase": 2, "chunk_order": 1, "progress": 100}
    return {"history": [{"metadata": progress, "threads": threads}]}


def _thread(call: Call, wa_id: str, thread: list[Row]) -> dict[str, Any]:
    customer = customers.get_or_add(call.db, _business(call), wa_id)
    return {
        "id": wa_id,
        "context": {"wa_id": wa_id, "user_id": customer["user_id"]},
        "messages": [_past(call.node.row["wa_id"], row) for row in thread],
    }


def _past(number: str, row: Row) -> dict[str, Any]:
    is_inbound = row["direction"] == "inbound"
    sides = {"from": row["wa_id"]} if is_inbound else {"from": number, "to": row["wa_id"]}
    return sides | {
        "id": row["wamid"],
        "timestamp": str(int(row["created_at"])),
        "type": row["type"],
        row["type"]: row["payload"].get(row["type"], {}),
        "history_context": {"status": SHOWN_STATUS.get(row["status"], row["status"].upper())},
    }


def _tell(call: Call, field: str, parts: dict[str, Any]) -> None:
    outbox.send(
        call.sandbox,
        outbox.Event(
            waba_id=call.node.waba_id,
            field=field,
            value=payloads.messages_value(call.node.row, **parts),
            summary=field.replace("_", " "),
            key=call.node.id,
            phone_number_id=call.node.id,
        ),
    )

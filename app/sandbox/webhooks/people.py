"""What follows when something changes about a customer: a wish about marketing, a phone on again, a number.

Source: Meta docs, webhooks "user_preferences" and "messages" (system messages), read 2026-09.
"""

from typing import Any

from .. import clock, ids
from ..context import Sandbox
from ..database import Row
from ..store import customers, node_settings
from . import events, outbox, statuses


def follow_up(sandbox: Sandbox, number: Row, old: Row, new: Row) -> None:
    """old, new: the customer before and after. A changed wish is told; what waited for a phone arrives."""
    if bool(old["is_opted_out"]) != bool(new["is_opted_out"]):
        _tell_preference(sandbox, number, new)
    if old["is_offline"] and not new["is_offline"]:
        statuses.phone_is_back(sandbox, new["business_id"], new["wa_id"])


def _tell_preference(sandbox: Sandbox, number: Row, customer: Row) -> None:
    value = events.build("user_preferences", {}, events.Subject(sandbox, number, customer=customer))
    event = outbox.Event(
        waba_id=number["waba_id"],
        field="user_preferences",
        value=value,
        summary="marketing " + ("stopped" if customer["is_opted_out"] else "resumed"),
        key=customer["wa_id"],
        phone_number_id=number["id"],
        wa_id=customer["wa_id"],
    )
    outbox.send(sandbox, event)


def new_identity(sandbox: Sandbox, number: Row, customer: Row) -> dict[str, Any] | None:
    """A new phone: another key. Answers the system message, if the number wants to know of it."""
    where = (customer["business_id"], customer["wa_id"])
    changed = customers.change(sandbox.db, *where, {"identity": customer["identity"] + 1})
    wanted = node_settings.get(sandbox.db, number["id"], "user_identity_change", {})
    if not wanted.get("enable_identity_key_check"):
        return None
    hash_ = ids.identity_key_hash(customer["wa_id"], changed["identity"])
    return {
        "type": "system",
        "system": {
            "body": f"{customer['name']}'s security code changed.",
            "identity": hash_,
            "type": "customer_identity_changed",
            "customer": customer["wa_id"],
        },
        "identity": {"acknowledged": False, "created_timestamp": str(int(clock.now())), "hash": hash_},
    }


def new_number(sandbox: Sandbox, customer: Row, wa_id: str) -> dict[str, Any]:
    """The same person elsewhere: nobody answers at the old number any more. Answers the system message."""
    customers.move(sandbox.db, customer, wa_id)
    return {
        "type": "system",
        "system": {
            "body": f"{customer['name']} changed from +{customer['wa_id']} to +{wa_id}",
            "wa_id": wa_id,
            "type": "user_changed_number",
        },
    }

"""The life of an outbound message after it was accepted: planned at the send, played by the clock."""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import clock, error_codes, ids, magic
from ..context import Sandbox
from ..database import Row, to_json
from ..settings import Settings
from ..store import customers, messages, node_settings, phone_numbers, timers
from . import outbox, payloads

DAY_S = 86_400.0
# Since v24 statuses name no conversation. Source: Meta docs, Graph "Changelog", read 2026-09.
WITHOUT_CONVERSATION = 24
RANKS = {"accepted": 0, "sent": 1, "delivered": 2, "read": 3, "played": 4}


@dataclass(frozen=True)
class Step:
    """One status to come; `failure` only with `failed`; `again` repeats a status on purpose."""

    name: str
    delay_s: float
    failure: "Failure | None" = None
    again: bool = False


class Failure(NamedTuple):
    """Why a message fails: Meta's code, and other words than the usual ones if there are any."""

    code: int
    title: str | None = None
    details: str | None = None


NO_FAILURE = Failure(0)


def plan(message_type: str, wa_id: str, failure: Failure | None, settings: Settings) -> list[Step]:
    """What will happen to a message. `failure`: known at the send (window closed, bad link …)."""
    script = magic.script_for(wa_id)
    if script is not None and script.is_held and message_type != "template":
        script = None  # only message templates are ever held
    if failure is None and script is not None and script.failure is not None:
        failure = Failure(script.failure)
    if failure is not None:
        return [Step("failed", settings.sent_delay_s, failure)]
    delays = {
        "sent": settings.sent_delay_s,
        "delivered": settings.delivered_delay_s,
        "read": settings.read_delay_s,
        "played": settings.read_delay_s * 1.5,
    }
    if script is not None:
        slower = {name: delay * script.slowness for name, delay in delays.items()}
        return _timed(script.statuses, slower)
    return _timed(_usual(message_type), delays)


def _usual(message_type: str) -> tuple[str, ...]:
    # Of a reaction only `sent` is reported. Source: Meta docs, "Reaction messages", read 2026-03.
    if message_type == "reaction":
        return ("sent",)
    return (
        ("sent", "delivered", "read", "played") if message_type == "voice" else ("sent", "delivered", "read")
    )


def _timed(names: tuple[str, ...], delays: dict[str, float]) -> list[Step]:
    """Each no earlier than the one before it, so that a script's order is kept."""
    steps: list[Step] = []
    at = 0.0
    for name in names:
        at = max(at + 0.001, delays[name])
        steps.append(Step(name, at, again=any(step.name == name for step in steps)))
    return steps


def schedule(sandbox: Sandbox, wamid: str, steps: list[Step]) -> None:
    settings = sandbox.settings
    for step in steps:
        failure = step.failure or NO_FAILURE
        payload = {"wamid": wamid, "status": step.name, "again": step.again}
        payload |= {"code": failure.code or None, "title": failure.title, "details": failure.details}
        timers.add(sandbox.db, timers.STATUS, settings.after(step.delay_s), payload)
    if steps:
        sandbox.wake_for(clock.now() + settings.after(min(step.delay_s for step in steps)))


def play(sandbox: Sandbox, payload: dict[str, Any]) -> None:
    """Apply one due status and tell the apps. Unread while the customer reads no messages."""
    message = messages.find(sandbox.db, payload["wamid"])
    name = payload["status"]
    if message is None or message["status"] == "failed":
        return
    customer = _customer(sandbox, message)
    if name != "failed" and (code := _refusal(customer, message)) is not None:
        if message["delivered_at"] is not None:
            # It lies on that phone; nobody reads it any more.
            return
        name, payload = "failed", payload | {"status": "failed", "code": code}
    if _never_happens(sandbox, customer, name) and not payload.get("by_hand"):
        return
    if customer["is_offline"] and name not in {"sent", "failed"} and not payload.get("by_hand"):
        messages.set_status(sandbox.db, message["wamid"], waits_for_phone=1)
        # They are planned anew when the phone is back.
        timers.forget(sandbox.db, timers.STATUS, "wamid", message["wamid"])
        return
    at = clock.now()
    _keep(sandbox, message, name, at, payload)
    _tell(sandbox, message, name, at, payload)


def play_by_hand(sandbox: Sandbox, wamid: str, name: str) -> None:
    """The person at the page reads (`read`) or plays (`played`) a message now."""
    play(sandbox, {"wamid": wamid, "status": name, "code": None, "again": False, "by_hand": True})


def phone_is_back(sandbox: Sandbox, business_id: str, wa_id: str) -> None:
    """What waited for a phone that was off arrives, but what is older than its time to live is dropped.

    Source: Meta docs, "Template time-to-live" page, read 2026-03: of what is dropped no webhook tells.
    """
    settings = sandbox.settings
    for message in messages.take_waiting(sandbox.db, business_id, wa_id):
        if clock.now() - message["created_at"] > settings.after(message["ttl_s"] or messages.LONGEST_TTL_S):
            continue
        left = [name for name in _usual(message["type"]) if RANKS[name] > RANKS[message["status"]]]
        first_s = settings.delivered_delay_s
        steps = [Step(name, first_s + index * settings.read_delay_s) for index, name in enumerate(left)]
        schedule(sandbox, message["wamid"], steps)


def _customer(sandbox: Sandbox, message: Row) -> Row:
    business_id = sandbox.db.value(
        "SELECT business_id FROM wabas JOIN phone_numbers ON waba_id = wabas.id WHERE phone_numbers.id = ?",
        message["phone_number_id"],
    )
    return customers.get_or_add(sandbox.db, business_id or "", message["wa_id"])


def _refusal(customer: Row, message: Row) -> int | None:
    """Why this customer gets nothing. Source: Meta docs, "Error codes" page, read 2026-09."""
    if not customer["is_on_whatsapp"]:
        return 131026
    is_marketing = (message["pricing"] or {}).get("category") == "marketing"
    return 131050 if customer["is_opted_out"] and is_marketing else None


def _never_happens(sandbox: Sandbox, customer: Row, name: str) -> bool:
    """Of a customer who blocked the business only `sent` is ever told (unverified)."""
    if customer["has_blocked"] and name not in {"sent", "failed"}:
        return True
    is_reading = sandbox.settings.reads_messages and customer["reads_messages"]
    return name in {"read", "played"} and not is_reading


def _keep(sandbox: Sandbox, message: Row, name: str, at: float, payload: dict[str, Any]) -> None:
    """The stored status only moves forward; times are those of the first report."""
    changes: dict[str, Any] = {}
    if name == "failed" or RANKS[name] > RANKS[message["status"]]:
        changes["status"] = name
    column = f"{name}_at"
    if column in message and message[column] is None:
        changes[column] = at
    if payload["code"] is not None:
        changes["error"] = to_json(_error(payload))
    if changes:
        messages.set_status(sandbox.db, message["wamid"], **changes)


def _tell(sandbox: Sandbox, message: Row, name: str, at: float, payload: dict[str, Any]) -> None:
    number = phone_numbers.find(sandbox.db, message["phone_number_id"])
    if number is None:
        return
    value = _value(sandbox, message, number, name, at, payload)
    code = payload["code"]
    event = outbox.Event(
        waba_id=number["waba_id"],
        field="messages",
        value=value,
        summary=f"status {name}" + (f" {code}" if code else ""),
        key=message["wa_id"],
        phone_number_id=number["id"],
        wa_id=message["wa_id"],
    )
    outbox.send(sandbox, event)


def _value(
    sandbox: Sandbox, message: Row, number: Row, name: str, at: float, payload: dict[str, Any]
) -> dict[str, Any]:
    business_id = sandbox.db.value("SELECT business_id FROM wabas WHERE id = ?", number["waba_id"])
    customer = customers.get_or_add(sandbox.db, business_id, message["wa_id"])
    status = payloads.status(message, customer, name, at)
    if name == "failed":
        status["errors"] = [_error(payload)]
        return payloads.messages_value(number, **_contacts_of_failed(sandbox, message), statuses=[status])
    if message["pricing"] and _carries_pricing(message, name, payload["again"]):
        status["pricing"] = message["pricing"]
        if sandbox.settings.webhook_version < WITHOUT_CONVERSATION:
            status["conversation"] = _conversation(message, name)
    identity = node_settings.get(sandbox.db, number["id"], "user_identity_change", {})
    if identity.get("enable_identity_key_check"):
        hash_ = ids.identity_key_hash(message["wa_id"], customer["identity"])
        status["recipient_identity_key_hash"] = hash_
    hide_phone = message["to_user_id"] is not None
    contact = payloads.contact(customer, hide_phone=hide_phone, with_username=name != "sent")
    return payloads.messages_value(number, contacts=[contact], statuses=[status])


def _conversation(message: Row, name: str) -> dict[str, Any]:
    """As webhooks before v24 carry it: one of 24 hours per person and category (the id is made up)."""
    category = message["pricing"]["category"]
    day = int(message["created_at"] // DAY_S)
    named = f"{message['phone_number_id']}:{message['wa_id']}:{category}:{day}"
    conversation: dict[str, Any] = {
        "id": hashlib.md5(named.encode(), usedforsecurity=False).hexdigest(),
        "origin": {"type": category.replace("-", "_")},
    }
    if name == "sent":
        conversation["expiration_timestamp"] = str(int((day + 1) * DAY_S))
    return conversation


def _error(payload: dict[str, Any]) -> dict[str, object]:
    return error_codes.webhook_error(payload["code"], payload.get("title"), payload.get("details"))


def _contacts_of_failed(sandbox: Sandbox, message: Row) -> dict[str, list[Any]]:
    """None, says Meta's page; a bare number, says what came in production in August 2026.

    So it stands in issue 227 of pywa, which cannot read a failure without; the setting chooses.
    """
    if not sandbox.settings.contacts_with_failed or message["to_user_id"] is not None:
        return {}
    return {"contacts": [{"wa_id": message["wa_id"]}]}


def _carries_pricing(message: Row, name: str, again: bool) -> bool:
    """On `sent` and on one of `delivered` and `read`; a repeated webhook repeats it."""
    if name in {"sent", "delivered"}:
        return name == "sent" or again or message["read_at"] is None
    return name == "read" and message["delivered_at"] is None

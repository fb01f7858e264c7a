"""The business's own phone: what is written in its WhatsApp Business app, and the chats it had before.

Source: Meta docs, webhooks `smb_message_echoes` and `history`, read 2026-09.
"""

from typing import Any

from . import clock, ids
from .context import Sandbox
from .database import Row
from .graph import coexistence
from .inbound import MEDIA_TYPES, InvalidInbound, checked, timestamp, with_media
from .store import customers, messages
from .webhooks import outbox, payloads

WRITTEN = ("DELIVERED", "ERROR", "PENDING", "PLAYED", "READ", "SENT")
"""What `history_context` may say of a message."""


def echo(sandbox: Sandbox, number: Row, wa_id: str, message: dict[str, Any], base_url: str) -> str:
    """Somebody writes to a customer on the phone; the app gets an echo. The wamid. Raises InvalidInbound."""
    kind, content = checked(message)
    with sandbox.db.write():
        customer = _customer(sandbox, number, wa_id)
        if kind in MEDIA_TYPES:
            content = with_media(sandbox, number, kind, content, base_url)
        entry = _ours(number, customer, message, kind, content)
        _keep(sandbox, number, customer, entry, is_ours=True)
        who = {"wa_id": customer["wa_id"], "user_id": customer["user_id"]}
        if customer["username"]:
            who["profile"] = {"username": customer["username"]}
        _tell(sandbox, number, "smb_message_echoes", contacts=[who], message_echoes=[entry])
    return str(entry["id"])


def history(
    sandbox: Sandbox, number: Row, wa_id: str, past: list[dict[str, Any]], base_url: str
) -> list[str]:
    """An old chat with a customer, told as one chunk. Each message may have `is_ours` and `status` (one of
    WRITTEN) beside what `echo` takes. The wamids. Raises InvalidInbound."""
    with sandbox.db.write():
        customer = _customer(sandbox, number, wa_id)
        told = [_past(sandbox, number, customer, dict(message), base_url) for message in past]
        context = {"wa_id": customer["wa_id"], "user_id": customer["user_id"]}
        thread = {"id": customer["wa_id"], "context": context, "messages": told}
        progress = {"phase": 2, "chunk_order": 1, "progress": 100}
        _tell(sandbox, number, coexistence.HISTORY, history=[{"metadata": progress, "threads": [thread]}])
    return [str(entry["id"]) for entry in told]


def _past(
    sandbox: Sandbox, number: Row, customer: Row, message: dict[str, Any], base_url: str
) -> dict[str, Any]:
    is_ours, status = message.pop("is_ours", False), message.pop("status", "READ")
    if status not in WRITTEN or not isinstance(is_ours, bool):
        raise InvalidInbound(f"'status' must be one of {', '.join(WRITTEN)}, 'is_ours' true or false.")
    kind, content = checked(message)
    if kind in MEDIA_TYPES:
        content = with_media(sandbox, number, kind, content, base_url)
    entry = _ours(number, customer, message, kind, content)
    if not is_ours:
        entry |= {"from": customer["wa_id"]}
        del entry["to"], entry["to_user_id"]
    _keep(sandbox, number, customer, entry, is_ours=is_ours)
    return entry | {"history_context": {"status": status}}


def _customer(sandbox: Sandbox, number: Row, wa_id: str) -> Row:
    business_id = sandbox.db.value("SELECT business_id FROM wabas WHERE id = ?", number["waba_id"])
    return customers.get_or_add(sandbox.db, str(business_id), wa_id)


def _ours(number: Row, customer: Row, message: dict[str, Any], kind: str, content: Any) -> dict[str, Any]:
    entry = {
        "from": number["wa_id"],
        "to": customer["wa_id"],
        "to_user_id": customer["user_id"],
        "id": str(message.get("id") or ids.wamid(customer["wa_id"])),
        "timestamp": str(timestamp(message)),
        "type": kind,
        kind: content,
    }
    return entry | {"context": message["context"]} if "context" in message else entry


def _keep(sandbox: Sandbox, number: Row, customer: Row, entry: dict[str, Any], *, is_ours: bool) -> None:
    """On both phones."""
    if messages.find(sandbox.db, entry["id"]) is not None:
        return
    messages.insert(
        sandbox.db,
        messages.NewMessage(
            wamid=entry["id"],
            phone_number_id=number["id"],
            wa_id=customer["wa_id"],
            direction="outbound" if is_ours else "inbound",
            type=entry["type"],
            status="delivered" if is_ours else "received",
            payload=entry,
            created_at=min(float(entry["timestamp"]), clock.now()),
        ),
    )


def _tell(sandbox: Sandbox, number: Row, field: str, **parts: list[Any]) -> None:
    outbox.send(
        sandbox,
        outbox.Event(
            waba_id=number["waba_id"],
            field=field,
            value=payloads.messages_value(number, **parts),
            summary=field.replace("_", " "),
            key=number["id"],
            phone_number_id=number["id"],
        ),
    )

"""A customer writes: store the message, open the window, tell the app (control API and page)."""

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any

from . import clock, ids, sample_media
from .context import Sandbox
from .database import Row
from .graph.media import signed_url
from .store import block_list, customers, media, messages
from .webhooks import outbox, payloads

MEDIA_TYPES = ("image", "audio", "video", "document", "sticker")
# Source: Meta docs, webhook "messages" page, read 2026-09.
TYPES = (
    "text", *MEDIA_TYPES, "location", "contacts", "button", "interactive", "order", "reaction", "system",
    "unsupported", "edit", "revoke", "request_welcome",
)  # fmt: skip
# Beside the object of its type a message may bring these.
COMPANIONS = ("context", "referral", "errors", "identity", "group_id")
MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
WITHOUT_OBJECT = ("unsupported", "request_welcome")


class InvalidInbound(ValueError):
    """The text says what is wrong with the message."""


@dataclass(frozen=True)
class Sender:
    """Who writes. `hide_phone`: a person with a username whose number the business does not get.

    None: as the table of customers says.
    """

    wa_id: str
    name: str | None = None
    username: str | None = None
    hide_phone: bool | None = None


def receive(sandbox: Sandbox, number: Row, sender: Sender, message: dict[str, Any], base_url: str) -> str:
    """Answers the wamid. Raises InvalidInbound."""
    kind, content = checked(message)
    business_id = sandbox.db.value("SELECT business_id FROM wabas WHERE id = ?", number["waba_id"])
    with sandbox.db.write():
        customer = customers.rename(sandbox.db, business_id, sender.wa_id, sender.name, sender.username)
        if sender.hide_phone is None:
            sender = replace(sender, hide_phone=bool(customer["hides_phone"]))
        if kind in MEDIA_TYPES:
            content = with_media(sandbox, number, kind, content, base_url)
        entry = _entry(message, kind, content, customer, sender)
        if block_list.has(sandbox.db, number["id"], sender.wa_id):
            _keep(sandbox, number, sender, kind, entry)
            return str(entry["id"])
        _store(sandbox, number, sender, kind, entry)
        sandbox.limiter.note_received(number["id"], clock.now())
        _tell(sandbox, number, customer, sender, entry)
    return str(entry["id"])


def checked(message: dict[str, Any]) -> tuple[str, Any]:
    """(type, object of that type). Raises InvalidInbound."""
    kind = message.get("type")
    if kind not in TYPES:
        raise InvalidInbound(f"'message.type' must be one of {', '.join(TYPES)}.")
    content = message.get(kind)
    if content is None and kind in (*WITHOUT_OBJECT, *MEDIA_TYPES):
        content = {}
    if kind != "contacts" and not isinstance(content, dict):
        raise InvalidInbound(f"'message.{kind}' must be an object.")
    if kind == "contacts" and not isinstance(content, list):
        raise InvalidInbound("'message.contacts' must be a list.")
    if kind == "text" and not isinstance(message["text"].get("body"), str):
        raise InvalidInbound("'message.text.body' must be a text.")
    known = {"type", kind, "id", "timestamp", *COMPANIONS}
    unknown = sorted(set(message) - known)
    if unknown:
        raise InvalidInbound(f"Unknown in 'message': {', '.join(unknown)}.")
    return kind, content


def with_media(
    sandbox: Sandbox, number: Row, kind: str, content: dict[str, Any], base_url: str
) -> dict[str, Any]:
    """Fill id, type, hash and url. Without `data` (base64) a small sample file is made up."""
    if "id" in content:
        return content
    sample = sample_media.sample(kind)
    data = _decoded(content["data"]) if "data" in content else sample.data
    mime_type = str(content.get("mime_type") or sample.mime_type)
    if not MIME_TYPE.fullmatch(mime_type.split(";")[0].strip()):
        raise InvalidInbound("'mime_type' must be a media type like image/png.")
    if not isinstance(content.get("filename") or "", str):
        raise InvalidInbound("'filename' must be a text.")
    filename = content.get("filename") or (sample.filename if kind == "document" else None)
    stored_type = mime_type.split(";")[0].strip()
    media_id = media.insert(
        sandbox.db, number, data, stored_type, filename=filename, life_s=media.INBOUND_LIFE_S
    )
    row = sandbox.db.one("SELECT id, sha256 FROM media WHERE id = ?", media_id)
    filled = {key: value for key, value in content.items() if key != "data"} | {
        "id": media_id,
        "mime_type": mime_type,
        "sha256": base64.b64encode(hashlib.sha256(data).digest()).decode(),
        "url": signed_url(base_url, row, sandbox.settings.media_url_life_s),
    }
    if filename:
        filled["filename"] = filename
    return ({"voice": True} if kind == "audio" else {}) | filled


def _decoded(data: Any) -> bytes:
    try:
        return base64.b64decode(str(data), validate=True)
    except ValueError as error:
        raise InvalidInbound("'data' must be base64.") from error


def _entry(message: dict[str, Any], kind: str, content: Any, customer: Row, sender: Sender) -> dict[str, Any]:
    entry: dict[str, Any] = {} if sender.hide_phone else {"from": sender.wa_id}
    entry["from_user_id"] = customer["user_id"]
    entry["id"] = str(message.get("id") or ids.wamid(sender.wa_id))
    entry["timestamp"] = str(timestamp(message))
    entry["type"] = kind
    if content or kind not in WITHOUT_OBJECT:
        entry[kind] = content
    if kind == "unsupported" and "errors" not in message:
        entry["errors"] = [_unsupported_error()]
    return entry | {key: message[key] for key in COMPANIONS if key in message}


def timestamp(message: dict[str, Any]) -> int:
    """UNIX seconds; now if it says none. Raises InvalidInbound."""
    given = str(message.get("timestamp") or int(clock.now()))
    if not given.isascii() or not given.isdigit() or len(given) > 13:
        raise InvalidInbound("'message.timestamp' must be UNIX seconds.")
    return int(given)


def _unsupported_error() -> dict[str, Any]:
    title = "Message type unknown"
    return {
        "code": 131051,
        "title": title,
        "message": title,
        "error_data": {"details": "Message type is not supported."},
    }


def _store(sandbox: Sandbox, number: Row, sender: Sender, kind: str, entry: dict[str, Any]) -> None:
    _keep(sandbox, number, sender, kind, entry)
    if kind == "system":
        return  # nobody wrote
    at = min(float(entry["timestamp"]), clock.now())
    messages.open_window(sandbox.db, number["id"], sender.wa_id, at)


def _keep(sandbox: Sandbox, number: Row, sender: Sender, kind: str, entry: dict[str, Any]) -> None:
    """On the customer's phone. That is all there is of what somebody writes whom the number has blocked."""
    if messages.find(sandbox.db, entry["id"]) is None:
        messages.insert(
            sandbox.db,
            messages.NewMessage(
                wamid=entry["id"],
                phone_number_id=number["id"],
                wa_id=sender.wa_id,
                direction="inbound",
                type=kind,
                status="received",
                payload=entry,
            ),
        )


def _tell(sandbox: Sandbox, number: Row, customer: Row, sender: Sender, entry: dict[str, Any]) -> None:
    value = payloads.messages_value(number)
    if entry["type"] != "system":
        value["contacts"] = [payloads.contact(customer, hide_phone=bool(sender.hide_phone))]
    value["messages"] = [entry]
    event = outbox.Event(
        waba_id=number["waba_id"],
        field="messages",
        value=value,
        summary=f"message {entry['type']}",
        key=sender.wa_id,
        phone_number_id=number["id"],
        wa_id=sender.wa_id,
    )
    outbox.send(sandbox, event)

"""QR codes and short links that open a chat. Source: Meta docs, "QR codes" page, read 2026-03."""

import secrets
import string
from typing import Any

from .. import clock
from ..database import Row
from . import errors
from .fields import Field, parse
from .paging import page
from .registry import MANAGEMENT, Answer, Call, edge

FORMATS = ("SVG", "PNG")
LONGEST_MESSAGE = 140
MOST_CODES = 2000
# Source: Meta's OpenAPI description v23.0, read 2026-09: 14 of these.
LETTERS = string.ascii_uppercase + "234567"
DEFAULT = ("code", "prefilled_message", "deep_link_url")
FIELDS = (*DEFAULT, "qr_image_url")


@edge("phone_number", "message_qrdls", "GET", scope=MANAGEMENT)
def list_codes(call: Call) -> Answer:
    rows = _codes(call)
    wanted = call.params.text("code")
    if wanted:
        rows = [row for row in rows if row["id"] == wanted]
    fields = _asked(call)
    return page(call, rows, [_shown(call, row, fields) for row in rows])


@edge("phone_number", "message_qrdls", "POST", scope=MANAGEMENT)
def save_code(call: Call) -> Answer:
    """A new code; with `code` that one is changed."""
    text = call.params.required_text("prefilled_message")
    if not text.strip():
        raise errors.required("prefilled_message")
    if len(text) > LONGEST_MESSAGE:
        raise errors.invalid(f"prefilled_message has at most {LONGEST_MESSAGE} characters.")
    form = call.params.text("generate_qr_image")
    if form is not None and form not in FORMATS:
        raise errors.one_of("generate_qr_image", FORMATS, form)
    code = call.params.text("code")
    row = _find(call, code) if code else _insert(call)
    call.db.execute("UPDATE qr_codes SET prefilled_message = ? WHERE id = ?", text, row["id"])
    fields = tuple(Field(name) for name in DEFAULT)
    image = (Field("qr_image_url", {"format": form}),) if form else ()
    return _shown(call, row | {"prefilled_message": text}, fields + image)


@edge("phone_number", "message_qrdls/*", "GET", scope=MANAGEMENT)
def get_code(call: Call) -> Answer:
    """A list with one; of a code that is not there an empty list, as pywa 4.5.0 reads it (unverified)."""
    fields = _asked(call)
    return {"data": [_shown(call, row, fields) for row in _codes(call) if row["id"] == call.tail]}


@edge("phone_number", "message_qrdls/*", "DELETE", scope=MANAGEMENT)
def delete_code(call: Call) -> Answer:
    row = _find(call, call.tail)
    call.db.execute("DELETE FROM qr_codes WHERE id = ?", row["id"])
    return {"success": True}


def _codes(call: Call) -> list[Row]:
    sql = "SELECT * FROM qr_codes WHERE phone_number_id = ? ORDER BY created_at DESC, rowid DESC"
    return call.db.rows(sql, call.node.id)


def _insert(call: Call) -> Row:
    sql = "SELECT count(*) FROM qr_codes WHERE phone_number_id = ?"
    if call.db.value(sql, call.node.id) >= MOST_CODES:
        raise errors.invalid(f"A phone number has at most {MOST_CODES} QR codes.")
    code = "".join(secrets.choice(LETTERS) for _ in range(14))
    call.db.insert(
        "qr_codes", id=code, phone_number_id=call.node.id, prefilled_message="", created_at=clock.now()
    )
    return {"id": code}


def _find(call: Call, code: str) -> Row:
    row = call.db.row("SELECT * FROM qr_codes WHERE id = ? AND phone_number_id = ?", code, call.node.id)
    if row is None:
        raise errors.unsupported(call.method, code)
    return row


def _asked(call: Call) -> tuple[Field, ...]:
    fields = parse(call.params.text("fields")) or tuple(Field(name) for name in DEFAULT)
    for field in fields:
        if field.name not in FIELDS:
            raise errors.unknown_field(field.name, "WhatsAppBusinessMessageQRDL")
    return fields


def _shown(call: Call, row: Row, fields: tuple[Field, ...]) -> dict[str, Any]:
    """The picture's address names the form; the sandbox draws none behind it."""
    link = f"https://wa.me/message/{row['id']}"
    values = {"code": row["id"], "prefilled_message": row["prefilled_message"], "deep_link_url": link}
    shown: dict[str, Any] = {}
    for field in fields:
        form = field.arguments.get("format", "SVG").upper()
        image = f"{call.sandbox.base_url()}/static/picture.svg?code={row['id']}&format={form}"
        shown[field.name] = image if field.name == "qr_image_url" else values[field.name]
    return shown

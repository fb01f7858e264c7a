"""What is read of a message template is not what was written.

Source: Meta docs, "Templates" reference, read 2026-03.
"""

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from ..context import current_sandbox
from ..store import uploads
from .fields import Field
from .registry import Call

Part = dict[str, Any]
# Where the button of a login code leads; the app on the phone takes the code out of it (unverified).
CODE_ADDRESS = "https://www.whatsapp.com/otp/code/"
DEFAULT_LABEL = "Copy code"


def read_components(call: Call, _field: Field) -> list[Part]:
    """The sample of a header comes back as an address, the button of a login code as a link of Meta's own."""
    return _as_read(call, call.node.row["components"])


def _as_read(call: Call, components: list[Part]) -> list[Part]:
    minutes = next((part["code_expiration_minutes"] for part in components if _expires(part)), None)
    return [_part_as_read(call, part, minutes) for part in components]


def _part_as_read(call: Call, part: Part, minutes: int | None) -> Part:
    if handles := (part.get("example") or {}).get("header_handle"):
        shown = [_sample_address(call, str(handle)) for handle in handles]
        return part | {"example": part["example"] | {"header_handle": shown}}
    if part.get("cards"):
        cards = [card | {"components": _as_read(call, card["components"])} for card in part["cards"]]
        return part | {"cards": cards}
    if part["type"] == "BUTTONS":
        return part | {"buttons": [_button_as_read(button, minutes) for button in part["buttons"]]}
    return part


def _sample_address(call: Call, handle: str) -> str:
    """Anybody may read it, as with Meta's own store of files; what no upload ended in stays as it is."""
    upload = uploads.find_by_handle(call.db, handle)
    if upload is None:
        return handle
    return f"{call.sandbox.base_url()}/_samples/?{urlencode({'id': upload['id'].removeprefix('upload:')})}"


def answer_sample() -> Response:
    """The view behind the address of a sample."""
    db = current_sandbox().db
    upload = uploads.find(db, "upload:" + request.args.get("id", ""))
    if upload is None or upload["handle"] is None:
        return Response("Not found", 404, content_type="text/plain")
    data = uploads.read_bytes(db, upload["handle"])
    return Response(data, content_type=upload["file_type"], headers={"Content-Disposition": "attachment"})


def _expires(part: Part) -> bool:
    return part["type"] == "FOOTER" and part.get("code_expiration_minutes") is not None


def _button_as_read(button: Part, minutes: int | None) -> Part:
    if button["type"] != "OTP":
        return button
    query = {"otp_type": str(button["otp_type"]).upper()}
    if minutes is not None:
        query["code_expiration_minutes"] = str(minutes)
    address = f"{CODE_ADDRESS}?{urlencode(query)}&code=otp"
    return {
        "type": "URL",
        "text": button.get("text") or DEFAULT_LABEL,
        "url": address + "{{1}}",
        "example": [address + "123456"],
    }

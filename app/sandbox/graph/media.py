"""Media of a number: upload, look-up, bytes, delete. Source: Meta docs, "Media" page, read 2026-03."""

import hashlib
import hmac
import time
from collections.abc import Iterator

from flask import Response, request

from .. import clock
from ..connection import cut_after_body
from ..context import Sandbox, current_sandbox
from ..database import Database, Row
from ..store import faults, media
from . import errors
from .authentication import authenticate
from .errors import GraphError
from .registry import MESSAGING, NODE_TYPES, Answer, Call, Node, NodeType, edge, finder

MEGABYTE = 1024 * 1024
SLOW_S = 8.0
LONGEST_STILL_STICKER = 100 * 1024
# MIME type → longest file. Source: Meta docs, "Supported media types", read 2026-03.
LONGEST = (
    dict.fromkeys(("image/jpeg", "image/png"), 5 * MEGABYTE)
    | dict.fromkeys(
        ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "video/mp4", "video/3gpp"),
        16 * MEGABYTE,
    )
    | {"image/webp": 500 * 1024}
    | dict.fromkeys(
        (
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        100 * MEGABYTE,
    )
)

NODE_TYPES["media"] = NodeType("WhatsAppBusinessMedia", {}, (), MESSAGING)


@finder
def find_media(db: Database, node_id: str) -> Node | None:
    row = media.find(db, node_id)
    return None if row is None else Node("media", node_id, row, row["waba_id"])


@edge("phone_number", "media", "POST", scope=MESSAGING)
def upload(call: Call) -> Answer:
    if call.params.required_text("messaging_product") != "whatsapp":
        raise errors.one_of("messaging_product", ("whatsapp",), call.params.get("messaging_product"))
    file = call.params.files.get("file")
    if file is None:
        raise errors.required("file")
    mime_type = (call.params.text("type") or file.mimetype or "").split(";")[0].strip().lower()
    if mime_type not in LONGEST:
        kinds = ", ".join(sorted(LONGEST))
        raise GraphError(100, f"Param file must be a file with one of the following types: {kinds}.")
    data = file.read()
    most = _longest(mime_type, data)
    if not data or len(data) > most:
        raise errors.invalid(f"file must have 1 to {most} bytes, it has {len(data)}.")
    media_id = media.insert(
        call.db, call.node.row, data, mime_type, filename=file.filename, life_s=media.UPLOADED_LIFE_S
    )
    return {"id": media_id}


def _longest(mime_type: str, data: bytes) -> int:
    """A sticker that does not move has less room: an animated WebP names it in its first chunks."""
    is_still = mime_type == "image/webp" and b"ANIM" not in data[:64]
    return LONGEST_STILL_STICKER if is_still else LONGEST[mime_type]


@edge("media", "", "GET", scope=MESSAGING)
def get_media(call: Call) -> Answer:
    _check_number(call)
    row = call.node.row
    return {
        "messaging_product": "whatsapp",
        "url": signed_url(call.sandbox.base_url(), row, call.sandbox.settings.media_url_life_s),
        "mime_type": row["mime_type"],
        "sha256": row["sha256"],
        "file_size": row["size"],
        "id": row["id"],
    }


@edge("media", "", "DELETE", scope=MESSAGING)
def delete_media(call: Call) -> Answer:
    _check_number(call)
    media.delete(call.db, call.node.id)
    return {"success": True}


def signed_url(base_url: str, row: Row, life_s: float) -> str:
    """Short-lived address of the bytes, Meta's lasts five minutes; for tokens that may see the account."""
    expires_at = int(clock.now() + life_s)
    return f"{base_url}/_media/?mid={row['id']}&ext={expires_at}&hash={_hash(row, str(expires_at))}"


def answer_bytes() -> Response:
    """The view behind signed_url: 404 when too old, 401 without a good token."""
    sandbox = current_sandbox()
    row = media.find(sandbox.db, request.args.get("mid", ""))
    expires_at = request.args.get("ext", "")
    if row is None or not _is_fresh(row, expires_at, request.args.get("hash", "")):
        return Response("Not found", 404, content_type="text/plain")
    if not _may_see(sandbox, row):
        return Response("Unauthorized", 401, content_type="text/plain")
    response = _with_bytes(sandbox, row)
    # A browser that is led here must show or run nothing of it: the type is what a stranger said.
    response.headers["Content-Disposition"] = "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _with_bytes(sandbox: Sandbox, row: Row) -> Response:
    """The file, or what a fault makes of it."""
    subject = faults.Subject(
        path="_media", method="GET", waba_id=row["waba_id"], phone_number_id=row["phone_number_id"]
    )
    struck = {fault["kind"]: fault for fault in faults.take(sandbox.db, faults.MEDIA_KINDS, subject)}
    if "media_expired" in struck:
        return Response("Not found", 404, content_type="text/plain")
    data = media.read_bytes(sandbox.db, row["id"])
    if "media_changed" in struck and data:
        data = data[:-1] + bytes([data[-1] ^ 1])
    if "media_cut" in struck:
        return cut_after_body(Response(data[: len(data) // 2], 200, content_type=row["mime_type"]))
    slow = struck.get("media_slow")
    seconds = float(slow["options"].get("seconds", SLOW_S)) if slow else 0
    body = _haltingly(data, seconds) if slow else data
    response = Response(body, 200, content_type=row["mime_type"])
    response.headers["Content-Length"] = str(len(data))
    return response


def _haltingly(data: bytes, seconds: float) -> Iterator[bytes]:
    half = len(data) // 2
    yield data[:half]
    time.sleep(seconds)
    yield data[half:]


def _check_number(call: Call) -> None:
    wanted = call.params.text("phone_number_id")
    if wanted and wanted != call.node.row["phone_number_id"]:
        raise errors.unsupported(call.method, call.node.id)


def _is_fresh(row: Row, expires_at: str, given: str) -> bool:
    is_right = hmac.compare_digest(_hash(row, expires_at).encode(), given.encode())
    return is_right and expires_at.isdigit() and int(expires_at) > clock.now()


def _hash(row: Row, expires_at: str) -> str:
    return hmac.new(row["sha256"].encode(), f"{row['id']}:{expires_at}".encode(), hashlib.sha256).hexdigest()[
        :32
    ]


def _may_see(sandbox: Sandbox, row: Row) -> bool:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        token = authenticate(sandbox.db, value.strip() if scheme.lower() == "bearer" else "", None)
    except GraphError:
        return False
    return token.can_see(row["waba_id"])

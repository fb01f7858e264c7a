"""The resumable upload, whose handles message templates and profile pictures want.

Source: Meta docs, "Resumable Upload API" page, read 2026-03; answers to a wrong offset (unverified).
"""

from flask import request

from ..database import Database, Row
from ..digits import whole_number
from ..store import uploads
from . import errors
from .registry import NODE_TYPES, Answer, Call, Node, NodeType, edge, finder

TYPES = ("application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4")
LARGEST = 100 * 1024 * 1024
# What a header of a message template may show. Source: Meta docs, "Template components", read 2026-03.
HEADER_TYPES = {
    "IMAGE": ("image/jpeg", "image/jpg", "image/png"),
    "VIDEO": ("video/mp4",),
    "GIF": ("video/mp4",),
    "DOCUMENT": ("application/pdf",),
}

NODE_TYPES["upload"] = NodeType("UploadSession", {}, (), None)


@finder
def find_upload(db: Database, node_id: str) -> Node | None:
    row = uploads.find(db, node_id) if node_id.startswith("upload:") else None
    return None if row is None else Node("upload", node_id, row)


@edge("app", "uploads", "POST")
def open_session(call: Call) -> Answer:
    file_type = call.params.required_text("file_type")
    if file_type not in TYPES:
        raise errors.one_of("file_type", TYPES, file_type)
    length = whole_number(call.params.required_text("file_length")) or 0
    if not 1 <= length <= LARGEST:
        raise errors.invalid(f"file_length must be the number of bytes, 1 to {LARGEST}.")
    name = call.params.text("file_name")
    return {"id": uploads.open_session(call.db, call.node.id, name, file_type, length)}


@edge("upload", "", "GET")
def get_offset(call: Call) -> Answer:
    """Where to go on."""
    row = _own(call)
    return {"id": row["id"], "file_offset": row["file_offset"]}


@edge("upload", "", "POST")
def append(call: Call) -> Answer:
    """The handle, once all bytes are there; until then where to go on."""
    row = _own(call)
    # Some servers drop names with an underscore: without the header the bytes go to the end.
    offset = request.environ.get("HTTP_FILE_OFFSET", str(row["file_offset"]))
    if offset != str(row["file_offset"]) or row["handle"] is not None:
        raise errors.invalid(f"file_offset must be {row['file_offset']}: that many bytes have come.")
    data = request.get_data(cache=True, parse_form_data=False)
    if not data or row["file_offset"] + len(data) > row["file_length"]:
        raise errors.invalid(f"The file must have {row['file_length']} bytes, as file_length said.")
    row = uploads.append(call.db, call.node.id, data)
    if row["handle"] is None:
        return {"id": row["id"], "file_offset": row["file_offset"]}
    return {"h": row["handle"]}


def check_handle(call: Call, handle: str, types: tuple[str, ...], name: str) -> Row:
    """A handle that the token's app uploaded. Raises GraphError 100, for a media id or a link too."""
    row = uploads.find_by_handle(call.db, handle)
    if row is None or row["app_id"] != call.token.app_id:
        raise errors.invalid(f"{name} must be a handle of a resumable upload, not a media id or a link.")
    if row["file_type"] not in types:
        raise errors.invalid(f"{name} must be a file of type {', '.join(types)}, it is {row['file_type']}.")
    return row


def _own(call: Call) -> Row:
    if call.node.row["app_id"] != call.token.app_id:
        raise errors.unsupported(call.method, call.node.id)
    return call.node.row

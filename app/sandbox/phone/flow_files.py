"""Photos and documents picked in a Flow: kept as media of the number, and given on in the two forms Meta has.

Source: Meta docs, "Components" and "Data endpoint" pages, read 2026-05.
"""

import base64
import hmac
from typing import Any

from flask import Response, url_for
from werkzeug.datastructures import FileStorage

from ..context import Sandbox, current_sandbox
from ..database import Row
from ..flow_player.sealing import seal_file
from ..sample_media import sample
from ..store import media

Part = dict[str, Any]
# Marks an entry as a picked file, wherever a Flow carries it.
MARK = "picked_file"
NAMES = ("file_name", "mime_type", "sha256", "id")
ENCRYPTED = "application/octet-stream"


def keep(sandbox: Sandbox, number: Row, file: FileStorage) -> Part:
    """One uploaded file as the entry of a field."""
    name = (file.filename or "file").replace("/", "_")[:240]
    return _kept(sandbox, number, file.read(), file.mimetype or ENCRYPTED, name)


def keep_sample(sandbox: Sandbox, number: Row, kind: str) -> Part:
    """A small file of our own, for somebody without one at hand. kind: photos or documents."""
    made = sample("image" if kind == "photos" else "document")
    return _kept(sandbox, number, made.data, made.mime_type, made.filename)


def as_media_ids(value: Any) -> Any:
    """For the reply: each file by its media id. The names beside the id are (unverified)."""
    return _replaced(value, lambda file: {name: file[name] for name in NAMES})


def as_encrypted(sandbox: Sandbox, number: Row, base_url: str, value: Any) -> Any:
    """For the endpoint: each file encrypted with a key of its own, to be fetched from `cdn_url`."""

    def encrypted(file: Part) -> Part:
        row = media.find(sandbox.db, file["id"])
        if row is None or row["waba_id"] != number["waba_id"]:
            return file  # a Flow JSON that only looks like a picked file
        whole, metadata = seal_file(media.read_bytes(sandbox.db, file["id"]))
        media_id = media.insert(
            sandbox.db, number, whole, ENCRYPTED, filename=None, life_s=media.INBOUND_LIFE_S
        )
        address = url_for("phone.show_flow_file", media_id=media_id, key=_key(sandbox, media_id))
        return {
            "media_id": file["id"],
            "cdn_url": base_url + address,
            "file_name": file["file_name"],
            "encryption_metadata": metadata,
        }

    return _replaced(value, encrypted)


def answer_file(media_id: str, key: str) -> Response:
    """The view behind `cdn_url`: who has the address has the file, which only the endpoint can decrypt."""
    sandbox = current_sandbox()
    row = media.find(sandbox.db, media_id)
    is_right = hmac.compare_digest(_key(sandbox, media_id).encode(), key.encode())
    if row is None or row["mime_type"] != ENCRYPTED or not is_right:
        return Response("Not found", 404, content_type="text/plain")
    return Response(media.read_bytes(sandbox.db, media_id), content_type=ENCRYPTED)


def _kept(sandbox: Sandbox, number: Row, data: bytes, mime_type: str, name: str) -> Part:
    media_id = media.insert(sandbox.db, number, data, mime_type, filename=name, life_s=media.INBOUND_LIFE_S)
    row = sandbox.db.one("SELECT sha256 FROM media WHERE id = ?", media_id)
    digest = base64.b64encode(bytes.fromhex(row["sha256"])).decode()
    return {
        MARK: True,
        "id": media_id,
        "file_name": name,
        "mime_type": mime_type,
        "sha256": digest,
        "size": len(data),
    }


def _replaced(value: Any, shape: Any) -> Any:
    if isinstance(value, list):
        return [_replaced(item, shape) for item in value]
    if isinstance(value, dict):
        if value.get(MARK) is True and all(isinstance(value.get(name), str) for name in NAMES):
            return shape(value)
        return {key: _replaced(item, shape) for key, item in value.items()}
    return value


def _key(sandbox: Sandbox, media_id: str) -> str:
    """Of the bytes' own hash, which nobody outside knows."""
    row = media.find(sandbox.db, media_id)
    return "" if row is None else str(row["sha256"])[:32]

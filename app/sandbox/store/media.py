"""Uploaded and inbound files, bytes included."""

import hashlib

from .. import clock, ids
from ..database import Database, Row

# Source: Meta docs, "Media" page, read 2026-03.
UPLOADED_LIFE_S = 30 * 86_400.0
INBOUND_LIFE_S = 7 * 86_400.0

COLUMNS = "id, waba_id, phone_number_id, mime_type, sha256, size, filename, created_at, expires_at"


def insert(
    db: Database, number: Row, data: bytes, mime_type: str, *, filename: str | None, life_s: float
) -> str:
    """Keep a file for a number; answers the media id."""
    media_id = ids.node_id()
    at = clock.now()
    db.insert(
        "media",
        id=media_id,
        waba_id=number["waba_id"],
        phone_number_id=number["id"],
        mime_type=mime_type,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        filename=filename,
        data=data,
        created_at=at,
        expires_at=at + life_s,
    )
    return media_id


def find(db: Database, media_id: str) -> Row | None:
    """Without the bytes; None too when its life is over."""
    return db.row(
        f"SELECT {COLUMNS} FROM media WHERE id = ? AND expires_at > ?",  # noqa: S608 (constant)
        media_id,
        clock.now(),
    )


def read_bytes(db: Database, media_id: str) -> bytes:
    return bytes(db.value("SELECT data FROM media WHERE id = ?", media_id) or b"")


def set_end(db: Database, media_id: str, expires_at: float) -> None:
    db.execute("UPDATE media SET expires_at = ? WHERE id = ?", expires_at, media_id)


def delete(db: Database, media_id: str) -> None:
    db.execute("DELETE FROM media WHERE id = ?", media_id)

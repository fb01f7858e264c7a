"""Resumable uploads: a session takes bytes from an offset on; a complete one ends in a handle.

Handles stand apart from media ids: one never passes for the other.
"""

import base64
import secrets

from .. import clock
from ..database import Database, Row

COLUMNS = "id, app_id, file_name, file_type, file_length, length(data) AS file_offset, handle, created_at"


def open_session(db: Database, app_id: str, file_name: str | None, file_type: str, file_length: int) -> str:
    """Answers the session's id, `upload:…`."""
    session_id = "upload:" + base64.urlsafe_b64encode(secrets.token_bytes(30)).decode()
    db.insert(
        "uploads",
        id=session_id,
        app_id=app_id,
        file_name=file_name,
        file_type=file_type,
        file_length=file_length,
        data=b"",
        created_at=clock.now(),
    )
    return session_id


def find(db: Database, session_id: str) -> Row | None:
    """Without the bytes; `file_offset` is how many have come."""
    return db.row(f"SELECT {COLUMNS} FROM uploads WHERE id = ?", session_id)  # noqa: S608 (constant)


def append(db: Database, session_id: str, data: bytes) -> Row:
    """Add bytes at the end; the last ones make the handle."""
    with db.write():
        kept = bytes(db.value("SELECT data FROM uploads WHERE id = ?", session_id) or b"")
        # Joined here: SQLite's || makes text of blobs.
        db.execute("UPDATE uploads SET data = ? WHERE id = ?", kept + data, session_id)
        row = db.one(f"SELECT {COLUMNS} FROM uploads WHERE id = ?", session_id)  # noqa: S608 (constant)
        if row["file_offset"] == row["file_length"]:
            row["handle"] = _handle(row["file_type"])
            db.execute("UPDATE uploads SET handle = ? WHERE id = ?", row["handle"], session_id)
    return row


def find_by_handle(db: Database, handle: str) -> Row | None:
    return db.row(f"SELECT {COLUMNS} FROM uploads WHERE handle = ?", handle)  # noqa: S608 (constant)


def insert_handle(db: Database, app_id: str, data: bytes, file_type: str, file_name: str | None) -> str:
    """A finished upload in one go; answers its handle."""
    session_id = open_session(db, app_id, file_name, file_type, len(data))
    return str(append(db, session_id, data)["handle"])


def read_bytes(db: Database, handle: str) -> bytes:
    return bytes(db.value("SELECT data FROM uploads WHERE handle = ?", handle) or b"")


def _handle(file_type: str) -> str:
    kind = base64.b64encode(file_type.encode()).decode()
    return f"4::{kind}:AR{secrets.token_urlsafe(60)}"

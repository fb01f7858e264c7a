"""Flows of a WABA. `json` is the draft, `published_json` what customers get."""

import secrets
from typing import Any

from .. import clock, ids
from ..database import Database, Row, from_json, to_json

PREVIEW_LIFE_S = 30 * 86_400.0


def insert(db: Database, waba_id: str, name: str, categories: list[str], endpoint_uri: str | None) -> str:
    """A DRAFT; answers its id."""
    flow_id, at = ids.node_id(), clock.now()
    db.insert(
        "flows",
        id=flow_id,
        waba_id=waba_id,
        name=name,
        status="DRAFT",
        categories=to_json(categories),
        endpoint_uri=endpoint_uri,
        validation_errors="[]",
        preview_key=secrets.token_hex(16),
        preview_expires_at=at + PREVIEW_LIFE_S,
        created_at=at,
        updated_at=at,
    )
    return flow_id


def find(db: Database, flow_id: str) -> Row | None:
    row = db.row("SELECT * FROM flows WHERE id = ?", flow_id)
    return None if row is None else _opened(row)


def find_named(db: Database, waba_id: str, name: str) -> Row | None:
    row = db.row("SELECT * FROM flows WHERE waba_id = ? AND name = ?", waba_id, name)
    return None if row is None else _opened(row)


def list_of(db: Database, waba_id: str) -> list[Row]:
    """Newest first."""
    rows = db.rows("SELECT * FROM flows WHERE waba_id = ? ORDER BY created_at DESC, rowid DESC", waba_id)
    return [_opened(row) for row in rows]


def update(db: Database, flow_id: str, **columns: Any) -> None:
    """Lists are stored as JSON."""
    columns["updated_at"] = clock.now()
    values = [to_json(value) if isinstance(value, list) else value for value in columns.values()]
    changes = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE flows SET {changes} WHERE id = ?", *values, flow_id)  # noqa: S608 (literals)


def renew_preview(db: Database, flow_id: str) -> Row:
    """A new link; the old one is void."""
    at = clock.now() + PREVIEW_LIFE_S
    db.execute(
        "UPDATE flows SET preview_key = ?, preview_expires_at = ? WHERE id = ?",
        secrets.token_hex(16),
        at,
        flow_id,
    )
    return _opened(db.one("SELECT * FROM flows WHERE id = ?", flow_id))


def delete(db: Database, flow_id: str) -> None:
    db.execute("DELETE FROM flows WHERE id = ?", flow_id)


def _opened(row: Row) -> Row:
    for column in ("categories", "validation_errors"):
        row[column] = from_json(row[column])
    return row

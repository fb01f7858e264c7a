"""Rows that somebody takes along are written down before the first of them leaves."""

from __future__ import annotations

from collections.abc import Mapping

from app.extensions import db
from app.queries.access import Actor
from app.services import audit


def note_export(*, table: str, filters: Mapping[str, str], actor: Actor) -> None:
    """Who takes rows of which table, and which ones."""
    audit.record(
        actor,
        "records.exported",
        object_type="table",
        object_id=table,
        details={"filters": dict(filters)},
    )
    db.session.commit()

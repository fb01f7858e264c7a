"""Values kept at a node by name: what callers set at Meta, and what an operator of the sandbox decided."""

from typing import Any

from .. import clock
from ..database import Database, from_json, to_json

# Name under which an operator's conditions are kept (see graph/conditions.py).
CONDITIONS = "conditions"
# Under this one a number keeps the key that Flows are encrypted with (see graph/number_settings.py).
PUBLIC_KEY = "business_public_key"


def get(db: Database, node_id: str, name: str, default: Any = None) -> Any:
    stored = db.value("SELECT value FROM node_settings WHERE node_id = ? AND name = ?", node_id, name)
    return default if stored is None else from_json(stored)


def all_of(db: Database, node_id: str) -> dict[str, Any]:
    rows = db.rows("SELECT name, value FROM node_settings WHERE node_id = ?", node_id)
    return {row["name"]: from_json(row["value"]) for row in rows}


def put(db: Database, node_id: str, name: str, value: Any) -> None:
    db.execute(
        "INSERT OR REPLACE INTO node_settings (node_id, name, value) VALUES (?, ?, ?)",
        node_id,
        name,
        to_json(value),
    )


def remove(db: Database, node_id: str, name: str) -> None:
    db.execute("DELETE FROM node_settings WHERE node_id = ? AND name = ?", node_id, name)


def conditions_of(db: Database, *node_ids: str) -> set[str]:
    """The conditions of all these nodes together."""
    marks = ", ".join("?" * len(node_ids))
    rows = db.rows(
        f"SELECT value FROM node_settings WHERE name = ? AND node_id IN ({marks})",  # noqa: S608 (marks)
        CONDITIONS,
        *node_ids,
    )
    return {condition for row in rows for condition in from_json(row["value"])}


def find_holder(db: Database, name: str, value: Any) -> str | None:
    """The node that has this value under that name."""
    held: str | None = db.value(
        "SELECT node_id FROM node_settings WHERE name = ? AND value = ?", name, to_json(value)
    )
    return held


def note_event(db: Database, node_id: str, kind: str) -> None:
    db.insert("node_events", node_id=node_id, kind=kind, at=clock.now())


def count_events(db: Database, node_id: str, kind: str, window_s: float) -> int:
    """How often it happened within the last `window_s` seconds."""
    since = clock.now() - window_s
    sql = "SELECT count(*) FROM node_events WHERE node_id = ? AND kind = ? AND at > ?"
    return int(db.value(sql, node_id, kind, since))


def forget_events(db: Database, node_id: str, kind: str) -> None:
    db.execute("DELETE FROM node_events WHERE node_id = ? AND kind = ?", node_id, kind)

"""Message templates of a WABA, deleted ones included (their names stay locked for a while)."""

from typing import Any

from .. import clock, ids
from ..database import Database, Row, from_json, to_json

# A deleted approved name cannot be created again so soon. Source: Meta docs, "Templates" page, read 2026-03.
NAME_LOCK_S = 30 * 86_400

# What a creation may carry beside the columns of its own, and a read may ask for.
EXTRA_KEYS = (
    "message_send_ttl_seconds",
    "cta_url_link_tracking_opted_out",
    "sub_category",
    "display_format",
    "library_template_name",
    "degrees_of_freedom_spec",
    "product_set_id",
)


def find(db: Database, template_id: str) -> Row | None:
    row = db.row("SELECT * FROM message_templates WHERE id = ? AND deleted_at IS NULL", template_id)
    return None if row is None else _opened(row)


def find_version(db: Database, waba_id: str, name: str, language: str) -> Row | None:
    row = db.row(
        "SELECT * FROM message_templates WHERE waba_id = ? AND name = ? AND language = ?"
        " AND deleted_at IS NULL",
        waba_id,
        name,
        language,
    )
    return None if row is None else _opened(row)


def list_of(db: Database, waba_id: str) -> list[Row]:
    """Newest first, as Meta lists them."""
    rows = db.rows(
        "SELECT * FROM message_templates WHERE waba_id = ? AND deleted_at IS NULL"
        " ORDER BY created_at DESC, rowid DESC",
        waba_id,
    )
    return [_opened(row) for row in rows]


def list_named(db: Database, waba_id: str, name: str) -> list[Row]:
    return [row for row in list_of(db, waba_id) if row["name"] == name]


def is_name_locked(db: Database, waba_id: str, name: str, language: str) -> bool:
    since = clock.now() - NAME_LOCK_S
    return bool(
        db.value(
            "SELECT count(*) FROM message_templates WHERE waba_id = ? AND name = ? AND language = ?"
            " AND was_approved = 1 AND deleted_at > ?",
            waba_id,
            name,
            language,
            since,
        )
    )


def insert(db: Database, waba_id: str, body: dict[str, Any], *, status: str) -> Row:
    at = clock.now()
    template_id = ids.node_id()
    db.insert(
        "message_templates",
        id=template_id,
        waba_id=waba_id,
        name=body["name"],
        language=body["language"],
        category=body["category"],
        status=status,
        parameter_format=body.get("parameter_format") or "POSITIONAL",
        components=to_json(body.get("components") or []),
        rejected_reason="NONE",
        quality_score="UNKNOWN",
        extra=to_json({key: body[key] for key in EXTRA_KEYS if key in body}),
        edited_at="[]",
        created_at=at,
        updated_at=at,
        was_approved=int(status == "APPROVED"),
    )
    return _opened(db.one("SELECT * FROM message_templates WHERE id = ?", template_id))


def insert_ready_made(db: Database, waba_id: str, body: dict[str, Any]) -> None:
    row = insert(db, waba_id, body, status="APPROVED")
    db.execute("UPDATE message_templates SET quality_score = 'GREEN' WHERE id = ?", row["id"])


def update(db: Database, template_id: str, **columns: Any) -> None:
    """Lists and dicts are stored as JSON; an approval is remembered for the name lock."""
    if columns.get("status") == "APPROVED":
        columns["was_approved"] = 1
    columns["updated_at"] = clock.now()
    values = [to_json(value) if isinstance(value, (list, dict)) else value for value in columns.values()]
    changes = ", ".join(f"{name} = ?" for name in columns)
    db.execute(
        f"UPDATE message_templates SET {changes} WHERE id = ?",  # noqa: S608 (names are literals)
        *values,
        template_id,
    )


def forget_others(db: Database, waba_id: str, names: set[str]) -> None:
    """Remove the ready-made ones that are not among these names, as if they had never been."""
    for row in list_of(db, waba_id):
        if row["name"] not in names:
            db.execute("DELETE FROM message_templates WHERE id = ?", row["id"])


def delete(db: Database, template_id: str) -> None:
    db.execute("UPDATE message_templates SET deleted_at = ? WHERE id = ?", clock.now(), template_id)


def component(row: Row, kind: str) -> dict[str, Any] | None:
    """The component of that type (`HEADER`, `BODY`, …), or None."""
    found = (part for part in row["components"] if str(part.get("type", "")).upper() == kind)
    return next(found, None)


def buttons(row: Row) -> list[dict[str, Any]]:
    part = component(row, "BUTTONS")
    return list(part.get("buttons", [])) if part else []


def _opened(row: Row) -> Row:
    for column in ("components", "extra", "edited_at"):
        row[column] = from_json(row[column])
    return row

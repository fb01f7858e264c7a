"""What is to happen later: statuses of messages, reviews, decisions of Meta's. Rows survive a restart."""

from typing import Any

from .. import clock
from ..database import Database, Row, from_json, to_json

STATUS = "message_status"
REVIEW = "message_template_review"
LIMIT = "messaging_limit_rise"
UPGRADE = "throughput_upgrade"
NAME = "display_name_review"
UNPAUSE = "message_template_unpause"
CATEGORY = "message_template_category"
PACING = "message_template_pacing"


def add(db: Database, kind: str, delay_s: float, payload: dict[str, Any]) -> None:
    db.insert("timers", due_at=clock.now() + delay_s, kind=kind, payload=to_json(payload))


def take_due(db: Database, limit: int) -> list[Row]:
    """Remove and answer due timers, earliest first; call inside the transaction that acts on them."""
    rows = db.rows("SELECT * FROM timers WHERE due_at <= ? ORDER BY due_at, id LIMIT ?", clock.now(), limit)
    db.execute_many("DELETE FROM timers WHERE id = ?", [(row["id"],) for row in rows])
    for row in rows:
        row["payload"] = from_json(row["payload"])
    return rows


def forget(db: Database, kind: str, key: str, value: str) -> None:
    """What was to happen of that kind, with that value in its payload, does not."""
    db.execute("DELETE FROM timers WHERE kind = ? AND json_extract(payload, '$.' || ?) = ?", kind, key, value)


def next_due_at(db: Database) -> float | None:
    due: float | None = db.value("SELECT min(due_at) FROM timers")
    return due

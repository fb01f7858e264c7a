"""Each POST of a webhook and what came back, for the wire log."""

from .. import clock
from ..database import Database, Row


def insert(db: Database, delivery_id: int, result: str, answer: str | None) -> None:
    """result: the status, or the name of what went wrong on the way."""
    db.insert("delivery_attempts", delivery_id=delivery_id, at=clock.now(), result=result, answer=answer)


def list_since(db: Database, delivery_id: int) -> dict[int, list[Row]]:
    """Of that delivery and all later ones, by delivery, first try first."""
    found: dict[int, list[Row]] = {}
    sql = "SELECT * FROM delivery_attempts WHERE delivery_id >= ? ORDER BY id"
    for row in db.rows(sql, delivery_id):
        found.setdefault(row["delivery_id"], []).append(row)
    return found


def forget_orphans(db: Database) -> None:
    db.execute("DELETE FROM delivery_attempts WHERE delivery_id NOT IN (SELECT id FROM deliveries)")

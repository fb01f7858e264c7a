"""Users a number has blocked."""

from ..database import Database, Row


def add(db: Database, phone_number_id: str, wa_id: str) -> None:
    with db.write() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO blocked_users (phone_number_id, wa_id) VALUES (?, ?)",
            (phone_number_id, wa_id),
        )


def remove(db: Database, phone_number_id: str, wa_id: str) -> bool:
    """False when it was not blocked."""
    sql = "DELETE FROM blocked_users WHERE phone_number_id = ? AND wa_id = ?"
    return db.execute(sql, phone_number_id, wa_id) > 0


def has(db: Database, phone_number_id: str, wa_id: str) -> bool:
    sql = "SELECT 1 FROM blocked_users WHERE phone_number_id = ? AND wa_id = ?"
    return db.value(sql, phone_number_id, wa_id) is not None


def count(db: Database, phone_number_id: str) -> int:
    return int(db.value("SELECT count(*) FROM blocked_users WHERE phone_number_id = ?", phone_number_id))


def list_of(db: Database, phone_number_id: str) -> list[Row]:
    """Newest first; `id` as text, for cursors."""
    return db.rows(
        "SELECT CAST(id AS TEXT) AS id, wa_id FROM blocked_users WHERE phone_number_id = ? ORDER BY"
        " blocked_users.id DESC",
        phone_number_id,
    )

"""Messages in both directions, and the 24-hour windows they open."""

from dataclasses import dataclass
from typing import Any

from .. import clock
from ..database import Database, Row, from_json, to_json

# Source: Meta docs, "Customer service windows" section, read 2026-09.
WINDOW_S = 24 * 3600.0
# What is not delivered for so long is dropped. Source: Meta docs, "Template time-to-live", read 2026-03.
LONGEST_TTL_S = 30 * 86_400.0
AUTHENTICATION_TTL_S = 600.0


@dataclass(frozen=True)
class NewMessage:
    wamid: str
    phone_number_id: str
    wa_id: str
    direction: str
    type: str
    status: str
    payload: dict[str, Any]
    callback_data: str | None = None
    to_user_id: str | None = None
    pricing: dict[str, Any] | None = None
    created_at: float = 0.0
    # The message template whose pacing holds it back.
    held_for: str | None = None
    # Dropped when it could not be delivered for so long.
    ttl_s: float | None = None


def insert(db: Database, message: NewMessage) -> None:
    db.insert(
        "messages",
        wamid=message.wamid,
        phone_number_id=message.phone_number_id,
        wa_id=message.wa_id,
        direction=message.direction,
        type=message.type,
        status=message.status,
        payload=to_json(message.payload),
        callback_data=message.callback_data,
        to_user_id=message.to_user_id,
        pricing=None if message.pricing is None else to_json(message.pricing),
        created_at=message.created_at or clock.now(),
        held_for=message.held_for,
        ttl_s=message.ttl_s,
    )


def find(db: Database, wamid: str) -> Row | None:
    row = db.row("SELECT * FROM messages WHERE wamid = ?", wamid)
    return None if row is None else _opened(row)


def list_filtered(
    db: Database,
    *,
    phone_number_id: str | None,
    wa_id: str | None,
    limit: int,
    since: float | None = None,
    before: int | None = None,
) -> list[Row]:
    """Newest first. since: UNIX seconds; before: only rows with a smaller id."""
    wanted = {
        "phone_number_id = ?": phone_number_id,
        "wa_id = ?": wa_id,
        "created_at >= ?": since,
        "id < ?": before,
    }
    given = {condition: value for condition, value in wanted.items() if value is not None}
    # Only what is asked for stands in the query, so that the index can be used.
    where = " AND ".join(given) or "1"
    sql = f"SELECT * FROM messages WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 (literals)
    return [_opened(row) for row in db.rows(sql, *given.values(), limit)]


def list_thread(db: Database, phone_number_id: str, wa_id: str, limit: int) -> list[Row]:
    """Oldest first."""
    return list_filtered(db, phone_number_id=phone_number_id, wa_id=wa_id, limit=limit)[::-1]


def set_status(db: Database, wamid: str, **columns: Any) -> None:
    changes = ", ".join(f"{name} = ?" for name in columns)
    db.execute(
        f"UPDATE messages SET {changes} WHERE wamid = ?",  # noqa: S608 (names are literals)
        *columns.values(),
        wamid,
    )


def take_held(db: Database, template_id: str) -> list[Row]:
    """What the pacing of that message template held back, oldest first; not held any longer."""
    with db.write():
        rows = db.rows("SELECT * FROM messages WHERE held_for = ? ORDER BY id", template_id)
        db.execute("UPDATE messages SET held_for = NULL WHERE held_for = ?", template_id)
    return [_opened(row) for row in rows]


def take_waiting(db: Database, business_id: str, wa_id: str) -> list[Row]:
    """What could not reach that person's phone while it was off, oldest first; not waiting any longer."""
    sql = (
        "SELECT messages.* FROM messages JOIN phone_numbers ON phone_numbers.id = phone_number_id"
        " JOIN wabas ON wabas.id = waba_id WHERE business_id = ? AND messages.wa_id = ?"
        " AND waits_for_phone = 1 ORDER BY messages.id"
    )
    with db.write():
        rows = db.rows(sql, business_id, wa_id)
        changes = [(row["id"],) for row in rows]
        db.execute_many("UPDATE messages SET waits_for_phone = 0 WHERE id = ?", changes)
    return [_opened(row) for row in rows]


def mark_read_up_to(db: Database, message: Row) -> None:
    """The business read this inbound message and all earlier ones of the thread."""
    db.execute(
        "UPDATE messages SET status = 'read', read_at = coalesce(read_at, ?)"
        " WHERE phone_number_id = ? AND wa_id = ? AND direction = 'inbound' AND id <= ?",
        clock.now(),
        message["phone_number_id"],
        message["wa_id"],
        message["id"],
    )


def open_window(db: Database, phone_number_id: str, wa_id: str, at: float) -> None:
    db.execute(
        "INSERT OR REPLACE INTO windows (phone_number_id, wa_id, last_inbound_at) VALUES (?, ?, ?)",
        phone_number_id,
        wa_id,
        at,
    )


def window_closes_at(db: Database, phone_number_id: str, wa_id: str) -> float | None:
    """UNIX seconds, possibly past; None when the customer never wrote."""
    opened = db.value(
        "SELECT last_inbound_at FROM windows WHERE phone_number_id = ? AND wa_id = ?", phone_number_id, wa_id
    )
    return None if opened is None else float(opened) + WINDOW_S


def is_window_open(db: Database, phone_number_id: str, wa_id: str) -> bool:
    closes_at = window_closes_at(db, phone_number_id, wa_id)
    return closes_at is not None and closes_at > clock.now()


def count_unseen(db: Database, phone_number_id: str, wa_id: str) -> int:
    """Messages on the phone that the person at the page has not been shown."""
    return int(
        db.value(
            "SELECT count(*) FROM messages WHERE phone_number_id = ?1 AND wa_id = ?2"
            " AND direction = 'outbound' AND delivered_at IS NOT NULL AND status != 'failed'"
            " AND id > coalesce((SELECT message_id FROM seen WHERE phone_number_id = ?1 AND wa_id = ?2), 0)",
            phone_number_id,
            wa_id,
        )
    )


def mark_seen(db: Database, phone_number_id: str, wa_id: str) -> None:
    """The page shows the whole conversation now."""
    db.execute(
        "INSERT OR REPLACE INTO seen (phone_number_id, wa_id, message_id)"
        " SELECT ?1, ?2, coalesce(max(id), 0) FROM messages WHERE phone_number_id = ?1 AND wa_id = ?2"
        " AND delivered_at IS NOT NULL",
        phone_number_id,
        wa_id,
    )


def _opened(row: Row) -> Row:
    for column in ("payload", "pricing", "error"):
        row[column] = from_json(row[column])
    return row

"""Which business is typing to whom. Source: Meta docs, "Typing indicators" page, read 2026-03."""

from .. import clock
from ..database import Database

# Shown so long, or until a message is sent.
LASTS_S = 25.0


def start(db: Database, phone_number_id: str, wa_id: str) -> None:
    db.execute(
        "INSERT OR REPLACE INTO typing (phone_number_id, wa_id, started_at) VALUES (?, ?, ?)",
        phone_number_id,
        wa_id,
        clock.now(),
    )


def is_typing(db: Database, phone_number_id: str, wa_id: str) -> bool:
    started_at = db.value(
        "SELECT started_at FROM typing WHERE phone_number_id = ?1 AND wa_id = ?2 AND started_at > ?3"
        " AND NOT EXISTS (SELECT 1 FROM messages WHERE phone_number_id = ?1 AND wa_id = ?2"
        " AND direction = 'outbound' AND created_at >= started_at)",
        phone_number_id,
        wa_id,
        clock.now() - LASTS_S,
    )
    return started_at is not None

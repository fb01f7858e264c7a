"""Codes of an Embedded Signup. Source: Meta docs, "Embedded Signup" page, read 2026-03."""

from .. import clock
from ..database import Database, Row

LIFE_S = 30.0


def insert(db: Database, code: str, app_id: str, waba_id: str, expires_at: float) -> None:
    db.insert("signup_codes", code=code, app_id=app_id, waba_id=waba_id, expires_at=expires_at)


def take(db: Database, code: str, app_id: str) -> Row | None:
    """The code is used up; None when it is unknown, another app's, used or too old."""
    with db.write():
        row = db.row("SELECT * FROM signup_codes WHERE code = ? AND app_id = ?", code, app_id)
        db.execute("DELETE FROM signup_codes WHERE code = ? AND app_id = ?", code, app_id)
    return row if row is not None and row["expires_at"] > clock.now() else None

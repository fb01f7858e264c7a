"""The messaging limit of a business portfolio, and whom it reached lately.

Source: Meta docs, "Messaging limits" page, read 2026-09: unique users messaged with message templates outside
an open window per rolling 24 hours, all accounts and numbers of the portfolio together.
"""

from .. import clock
from ..database import Database, Row

# Tier → users in 24 hours; None: no limit. 50 and 1K are old: read, never reached again.
TIERS: dict[str, int | None] = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1000,
    "TIER_2K": 2000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
    "TIER_UNLIMITED": None,
}
LADDER = ("TIER_250", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")
DEFAULT = "TIER_2K"


def numbers_of(db: Database, business_id: str) -> list[Row]:
    return db.rows(
        "SELECT phone_numbers.* FROM phone_numbers JOIN wabas ON wabas.id = waba_id"
        " WHERE business_id = ? ORDER BY phone_numbers.created_at, phone_numbers.id",
        business_id,
    )


def business_of(db: Database, waba_id: str) -> str:
    return str(db.value("SELECT business_id FROM wabas WHERE id = ?", waba_id) or "")


def tier(db: Database, business_id: str) -> str:
    """All numbers of a portfolio have the same; a portfolio without one begins at DEFAULT."""
    numbers = numbers_of(db, business_id)
    return str(numbers[0]["messaging_limit"]) if numbers else DEFAULT


def set_tier(db: Database, business_id: str, name: str) -> None:
    db.execute(
        "UPDATE phone_numbers SET messaging_limit = ?"
        " WHERE waba_id IN (SELECT id FROM wabas WHERE business_id = ?)",
        name,
        business_id,
    )


def next_tier(name: str) -> str | None:
    """One level up; None at the top."""
    higher = [one for one in LADDER if _users(one) > _users(name)]
    return higher[0] if higher else None


def _users(name: str) -> float:
    users = TIERS[name]
    return float("inf") if users is None else users


def count_reached(db: Database, business_id: str, window_s: float) -> int:
    since = clock.now() - window_s
    sql = "SELECT count(*) FROM reached WHERE business_id = ? AND at > ?"
    return int(db.value(sql, business_id, since))


def was_reached(db: Database, business_id: str, wa_id: str, window_s: float) -> bool:
    since = clock.now() - window_s
    sql = "SELECT count(*) FROM reached WHERE business_id = ? AND wa_id = ? AND at > ?"
    return bool(db.value(sql, business_id, wa_id, since))


def note_reached(db: Database, business_id: str, wa_id: str) -> None:
    sql = "INSERT OR REPLACE INTO reached (business_id, wa_id, at) VALUES (?, ?, ?)"
    db.execute(sql, business_id, wa_id, clock.now())

"""Faults switched on by hand: what goes wrong, for which requests, how often."""

import secrets
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .. import clock, ids
from ..database import Database, Row, from_json, to_json

# Faults of Graph requests, in the order in which they would strike, then of webhooks, reviews and messages.
REQUEST_KINDS = (
    "reset_before", "timeout", "outage", "token_expired", "missing_permission", "throttle", "error", "slow",
    "early_statuses", "lost_answer", "reset_after",
)  # fmt: skip
WEBHOOK_KINDS = (
    "drop_webhooks", "delay_webhooks", "reorder_webhooks", "batch_webhooks", "duplicate_webhooks",
)  # fmt: skip
REVIEW_KINDS = ("reject_message_templates",)
# Strike the bytes of a file, which are no Graph request.
MEDIA_KINDS = ("media_expired", "media_slow", "media_cut", "media_changed")
# Strike a send that was accepted.
STATUS_KINDS = ("failed_status",)
KINDS = REQUEST_KINDS + WEBHOOK_KINDS + REVIEW_KINDS + MEDIA_KINDS + STATUS_KINDS
MATCH_KEYS = ("path", "method", "waba_id", "phone_number_id", "to", "field")
OPTION_KEYS = ("code", "subcode", "http", "message", "details", "seconds", "updates")
THROTTLE_CODES = (4, 80007, 130429, 131048, 131056, 133016)


@dataclass(frozen=True)
class Subject:
    """What a fault is matched against; fields that do not apply are None and never match."""

    path: str | None = None
    method: str | None = None
    waba_id: str | None = None
    phone_number_id: str | None = None
    to: str | None = None
    field: str | None = None


def insert(
    db: Database,
    kind: str,
    *,
    remaining: int | None,
    every: int,
    match: dict[str, str],
    options: dict[str, Any],
    percent: int = 100,
    lasts_s: float | None = None,
) -> Row:
    """percent: of the matches, by chance. lasts_s: after so many seconds it is off."""
    at = clock.now()
    fault_id = db.insert(
        "faults",
        kind=kind,
        remaining=remaining,
        every=every,
        match=to_json(match),
        options=to_json(options),
        created_at=at,
        percent=percent,
        until_at=None if lasts_s is None else at + lasts_s,
    )
    return _opened(db.one("SELECT * FROM faults WHERE id = ?", fault_id))


def list_active(db: Database) -> list[Row]:
    rows = db.rows("SELECT * FROM faults WHERE until_at IS NULL OR until_at > ? ORDER BY id", clock.now())
    return [_opened(row) for row in rows]


def delete(db: Database, *, fault_id: int | None = None, kind: str | None = None) -> int:
    """Without an argument: all of them. Answers how many were on."""
    return db.execute(
        "DELETE FROM faults WHERE (?1 IS NULL OR id = ?1) AND (?2 IS NULL OR kind = ?2)", fault_id, kind
    )


def are_any_active(db: Database) -> bool:
    sql = "SELECT count(*) FROM faults WHERE until_at IS NULL OR until_at > ?"
    return bool(db.value(sql, clock.now()))


def take(db: Database, kinds: tuple[str, ...], subject: Subject) -> list[Row]:
    """The faults that strike this time, in the order of `kinds`; uses up one of each one's count."""
    candidates = [
        fault for fault in list_active(db) if fault["kind"] in kinds and _fits(fault["match"], subject)
    ]
    if not candidates:
        return []
    with db.write():
        striking = [fault for fault in candidates if _use(db, fault["id"])]
    return sorted(striking, key=lambda fault: kinds.index(fault["kind"]))


def _use(db: Database, fault_id: int) -> bool:
    """Count one match under the write lock, so that a count of 1 strikes exactly once."""
    fault = db.row("SELECT * FROM faults WHERE id = ?", fault_id)
    if fault is None:
        return False
    seen = int(fault["seen"]) + 1
    is_due = seen % int(fault["every"]) == 0
    strikes = is_due and (fault["percent"] >= 100 or secrets.randbelow(100) < fault["percent"])
    left = fault["remaining"]
    if strikes and left is not None:
        left -= 1
    if left == 0:
        db.execute("DELETE FROM faults WHERE id = ?", fault_id)
    else:
        db.execute("UPDATE faults SET seen = ?, remaining = ? WHERE id = ?", seen, left, fault_id)
    return strikes


def _fits(match: dict[str, str], subject: Subject) -> bool:
    return all(_value_fits(key, wanted, getattr(subject, key)) for key, wanted in match.items())


def _value_fits(key: str, wanted: str, actual: str | None) -> bool:
    if actual is None:
        return False
    if key == "to":
        return wanted == actual or _is_same_number(wanted, actual)
    if key == "path":
        return fnmatchcase(actual, wanted) if "*" in wanted else wanted in actual
    if key == "method":
        return wanted.upper() == actual
    return bool(wanted == actual)


def _is_same_number(wanted: str, actual: str) -> bool:
    """Of two phone numbers, however they are written; a user id is none."""
    if any(character.isalpha() for character in wanted + actual):
        return False
    return ids.digits_of(wanted) == ids.digits_of(actual)


def _opened(row: Row) -> Row:
    row["match"] = from_json(row["match"])
    row["options"] = from_json(row["options"])
    return row

"""Webhooks to send: a row each, kept until the callback answered 200."""

from dataclasses import dataclass
from zlib import crc32

from .. import clock
from ..database import Database, Row
from . import attempts

LANES = 8
# Source: Meta docs, webhooks "overview" page, read 2026-09: retries with falling frequency for 7 days.
GIVE_UP_AFTER_S = 7 * 86_400.0
FIRST_RETRIES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 300.0)
LATER_RETRIES_S = 3600.0


@dataclass(frozen=True)
class NewDelivery:
    """One POST to come. `key`: what belongs together keeps its order (a customer, a message template).

    `batch`: it may share its POST with so many others. `hold_s`: it waits for the next common moment, a
    multiple of so many seconds.
    """

    app_id: str | None
    url: str | None
    waba_id: str
    field: str
    summary: str
    body: str
    key: str
    state: str = "pending"
    phone_number_id: str | None = None
    wa_id: str | None = None
    delay_s: float = 0.0
    batch: int = 1
    hold_s: float = 0.0


def insert(db: Database, delivery: NewDelivery) -> None:
    at = clock.now()
    db.insert(
        "deliveries",
        app_id=delivery.app_id,
        url=delivery.url,
        waba_id=delivery.waba_id,
        phone_number_id=delivery.phone_number_id,
        wa_id=delivery.wa_id,
        field=delivery.field,
        summary=delivery.summary,
        lane=crc32(delivery.key.encode()) % LANES,
        body=delivery.body,
        state=delivery.state,
        due_at=_due_at(at + delivery.delay_s, delivery.hold_s),
        batch=delivery.batch,
        created_at=at,
    )


def _due_at(at: float, hold_s: float) -> float:
    return (at // hold_s + 1) * hold_s if hold_s else at


def claim_due(db: Database, limit: int) -> list[Row]:
    """Due rows, oldest first, now `sending`. After a crash `release_all` gives them back."""
    due = "SELECT id FROM deliveries WHERE state = 'pending' AND due_at <= ? ORDER BY due_at, id LIMIT ?"
    if db.value(due, clock.now(), 1) is None:
        return []
    with db.write():
        rows = db.rows(due.replace("SELECT id", "SELECT *"), clock.now(), limit)
        db.execute_many(
            "UPDATE deliveries SET state = 'sending' WHERE id = ?", [(row["id"],) for row in rows]
        )
    return rows


def release_all(db: Database) -> None:
    db.execute("UPDATE deliveries SET state = 'pending' WHERE state = 'sending'")


def next_due_at(db: Database) -> float | None:
    due: float | None = db.value("SELECT min(due_at) FROM deliveries WHERE state = 'pending'")
    return due


@dataclass(frozen=True)
class Outcome:
    """What became of one POST. `result`: the status, or the name of what went wrong on the way."""

    is_ok: bool
    result: str
    answer: str | None = None


def mark(db: Database, delivery: Row, outcome: Outcome, speed: float) -> None:
    attempts.insert(db, delivery["id"], outcome.result, outcome.answer)
    if outcome.is_ok:
        _mark_delivered(db, delivery["id"], outcome)
    else:
        _mark_failed(db, delivery, outcome, speed)


def is_sending(db: Database, delivery_id: int) -> bool:
    return bool(db.value("SELECT count(*) FROM deliveries WHERE id = ? AND state = 'sending'", delivery_id))


def _mark_delivered(db: Database, delivery_id: int, outcome: Outcome) -> None:
    db.execute(
        "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, delivered_at = ?,"
        " last_result = ?, answer = ? WHERE id = ?",
        clock.now(),
        outcome.result,
        outcome.answer,
        delivery_id,
    )


def _mark_failed(db: Database, delivery: Row, outcome: Outcome, speed: float) -> None:
    """Try again later, less and less often; give up after seven days."""
    tries = delivery["attempts"] + 1
    waits = FIRST_RETRIES_S[tries - 1] if tries <= len(FIRST_RETRIES_S) else LATER_RETRIES_S
    is_over = clock.now() - delivery["created_at"] > GIVE_UP_AFTER_S / speed
    db.execute(
        "UPDATE deliveries SET state = ?, attempts = ?, due_at = ?, last_result = ?, answer = ?"
        " WHERE id = ? AND state = 'sending'",
        "given_up" if is_over else "pending",
        tries,
        clock.now() + waits / speed,
        outcome.result,
        outcome.answer,
        delivery["id"],
    )


def list_newest(
    db: Database,
    limit: int,
    *,
    state: str | None = None,
    field: str | None = None,
    waba_id: str | None = None,
) -> list[Row]:
    return db.rows(
        "SELECT * FROM deliveries WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR field = ?2)"
        " AND (?3 IS NULL OR waba_id = ?3) ORDER BY id DESC LIMIT ?4",
        state,
        field,
        waba_id,
        limit,
    )


def find(db: Database, delivery_id: int) -> Row | None:
    return db.row("SELECT * FROM deliveries WHERE id = ?", delivery_id)


def delete_waiting(db: Database, *, delivery_id: int | None = None, waba_id: str | None = None) -> int:
    """What has not reached its app yet never will; answers how many."""
    return db.execute(
        "UPDATE deliveries SET state = 'deleted' WHERE state IN ('pending', 'sending')"
        " AND (?1 IS NULL OR id = ?1) AND (?2 IS NULL OR waba_id = ?2)",
        delivery_id,
        waba_id,
    )


def retry_waiting(db: Database, *, waba_id: str | None = None) -> int:
    """Make everything due that waits for a further try, or was given up."""
    return db.execute(
        "UPDATE deliveries SET state = 'pending', due_at = ?1 WHERE state IN ('pending', 'given_up')"
        " AND (?2 IS NULL OR waba_id = ?2)",
        clock.now(),
        waba_id,
    )


def count_waiting(db: Database) -> int:
    return int(db.value("SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')"))


def forget_old(db: Database, keep: int) -> None:
    db.execute(
        "DELETE FROM deliveries WHERE state NOT IN ('pending', 'sending')"
        " AND id < (SELECT max(id) FROM deliveries) - ?",
        keep,
    )
    attempts.forget_orphans(db)

"""Graph requests as they came in, secrets masked."""

import re
from dataclasses import dataclass
from typing import Any

from ..database import Database, Row, from_json, to_json

SECRET_KEYS = {
    "access_token",
    "client_secret",
    "input_token",
    "appsecret_proof",
    "verify_token",
    "hub.verify_token",
    "pin",
}
TOKEN = re.compile(r"\b(EAA[A-Za-z0-9]{8,}|\d{5,}(?:\||%7C)[A-Za-z0-9]{6,})")
# The same inside the text of a form, as the operations of a batch carry it.
IN_FORM = re.compile(rf"\b({'|'.join(map(re.escape, sorted(SECRET_KEYS)))})(=|%3D)[^&\"\\\s]+")
LONGEST_BODY = 20_000
INSERT = (
    "INSERT INTO requests (at, method, path, query, body, http_status, error_code, fault, wamid, recipient,"
    " phone_number_id, seconds, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True)
class LoggedRequest:
    at: float
    method: str
    path: str
    query: dict[str, Any]
    body: Any
    http_status: int
    error_code: int | None
    fault: str | None
    wamid: str | None
    recipient: str | None
    phone_number_id: str | None
    seconds: float
    answer: str | None = None


def insert(db: Database, entry: LoggedRequest) -> None:
    """Written a moment later, many in one transaction: the caller's answer does not wait for it."""
    db.execute_later(
        INSERT,
        entry.at,
        entry.method,
        _hidden(entry.path),
        _hidden(to_json(masked(entry.query))),
        _hidden(to_json(masked(entry.body)))[:LONGEST_BODY],
        entry.http_status,
        entry.error_code,
        entry.fault,
        entry.wamid,
        entry.recipient,
        entry.phone_number_id,
        round(entry.seconds, 4),
        _hidden(entry.answer)[:LONGEST_BODY] if entry.answer else None,
    )


def list_newest(
    db: Database, limit: int, *, since: float | None = None, before: int | None = None
) -> list[Row]:
    """since: UNIX seconds; before: only rows with a smaller id."""
    db.flush()
    rows = db.rows(
        "SELECT * FROM requests WHERE at >= ? AND id < ? ORDER BY id DESC LIMIT ?",
        since or 0.0,
        2**62 if before is None else before,
        limit,
    )
    for row in rows:
        row["query"] = from_json(row["query"])
        row["body"] = _body(row["body"])
    return rows


def forget_old(db: Database, keep: int) -> None:
    db.execute("DELETE FROM requests WHERE id < (SELECT max(id) FROM requests) - ?", keep)


def masked(value: Any) -> Any:
    """A copy with the values of secret keys replaced."""
    if isinstance(value, dict):
        return {key: "••••" if key in SECRET_KEYS else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


def _hidden(text: str) -> str:
    return IN_FORM.sub(r"\1\2••••", TOKEN.sub("••••", text))


def _body(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return text

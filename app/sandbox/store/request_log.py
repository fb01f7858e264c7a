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
LONGEST_BODY = 20_000


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
    db.insert(
        "requests",
        at=entry.at,
        method=entry.method,
        path=TOKEN.sub("••••", entry.path),
        query=to_json(masked(entry.query)),
        body=TOKEN.sub("••••", to_json(masked(entry.body)))[:LONGEST_BODY],
        http_status=entry.http_status,
        error_code=entry.error_code,
        fault=entry.fault,
        wamid=entry.wamid,
        recipient=entry.recipient,
        phone_number_id=entry.phone_number_id,
        seconds=round(entry.seconds, 4),
        answer=TOKEN.sub("••••", entry.answer)[:LONGEST_BODY] if entry.answer else None,
    )


def list_newest(db: Database, limit: int) -> list[Row]:
    rows = db.rows("SELECT * FROM requests ORDER BY id DESC LIMIT ?", limit)
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


def _body(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return text

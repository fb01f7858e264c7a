"""The wire log: each Graph request with its answer, each webhook with what the app answered."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..context import Sandbox
from ..database import Row
from ..store import deliveries, request_log

LOOK_BACK, MOST = 400, 100
WHATS = {"": "Everything", "calls": "Calls of the app", "webhooks": "Webhooks to the app"}
STATES = {"pending": "waits", "nobody": "no app listens", "given_up": "given up"}
RESULTS = {"": "All outcomes", "trouble": "Only trouble"}


@dataclass(frozen=True)
class Exchange:
    """`sent` and `answered` are bodies as text, `outcome` the status or why there is none."""

    at: float
    what: str
    title: str
    outcome: str
    is_trouble: bool
    sent: str
    answered: str

    @property
    def time(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).astimezone().strftime("%H:%M:%S")


def newest(sandbox: Sandbox, *, what: str = "", result: str = "", text: str = "") -> list[Exchange]:
    """Newest first. what: a key of WHATS; result: a key of RESULTS; text: anywhere in it."""
    calls = [] if what == "webhooks" else request_log.list_newest(sandbox.db, LOOK_BACK)
    hooks = [] if what == "calls" else deliveries.list_newest(sandbox.db, LOOK_BACK)
    found = [*map(_call, calls), *map(_hook, hooks)]
    kept = [item for item in found if _fits(item, result, text.strip().lower())]
    return sorted(kept, key=lambda item: item.at, reverse=True)[:MOST]


def _fits(item: Exchange, result: str, text: str) -> bool:
    if result == "trouble" and not item.is_trouble:
        return False
    return text in f"{item.title} {item.outcome} {item.sent} {item.answered}".lower()


def _call(row: Row) -> Exchange:
    status = row["http_status"]
    fault = f", fault {row['fault']}" if row["fault"] else ""
    query = "&".join(f"{key}={value}" for key, value in row["query"].items())
    return Exchange(
        row["at"],
        "Call",
        f"{row['method']} {row['path']}" + (f"?{query}" if query else ""),
        (str(status) if status else "no answer") + fault,
        not 200 <= status < 300,
        _pretty(row["body"]) if row["body"] else "",
        _pretty_text(row["answer"]),
    )


def _hook(row: Row) -> Exchange:
    tries = f", try {row['attempts']}" if row["attempts"] > 1 else ""
    outcome = row["last_result"] or STATES.get(row["state"], row["state"])
    return Exchange(
        row["created_at"],
        "Webhook",
        f"{row['field']}, {row['summary']}",
        f"{outcome}{tries}",
        row["state"] not in {"delivered", "pending", "sending"} or row["last_result"] not in {None, "200"},
        _pretty_text(row["body"]),
        _pretty_text(row["answer"]),
    )


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _pretty_text(text: str | None) -> str:
    try:
        return _pretty(json.loads(text or '""'))
    except ValueError:
        return text or ""

"""The wire log: each Graph request with its answer, each webhook with what the app answered."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..context import Sandbox
from ..database import Database, Row
from ..inbound import InvalidInbound
from ..store import attempts, deliveries, phone_numbers, request_log, subscriptions
from ..webhooks import payloads
from . import curl

LOOK_BACK, MOST = 1000, 60
WHATS = {
    "": "Everything",
    "calls": "Calls of the app",
    "sends": "Calls that send",
    "webhooks": "Webhooks to the app",
    "messages": "Webhooks of messages",
    "statuses": "Webhooks of statuses",
}
# What is webhook, and what its summary begins with.
WEBHOOKS = {"": "", "webhooks": "", "messages": "message ", "statuses": "status "}
STATES = {
    "pending": "waits",
    "sending": "on its way",
    "nobody": "no app listens",
    "dropped": "dropped by a fault",
    "deleted": "deleted",
    "given_up": "given up",
}
RESULTS = {"": "All outcomes", "trouble": "Only trouble"}


@dataclass(frozen=True)
class Exchange:
    """`sent` and `answered` are bodies as text, `outcome` the status or why there is none.

    id: of a delivery that can be sent again, or 0. facts: label and value, about a webhook.
    """

    key: str
    at: float
    what: str
    title: str
    outcome: str
    is_trouble: bool
    sent: str
    answered: str
    number_id: str
    curl: str
    id: int = 0
    facts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def time(self) -> str:
        return _time(self.at)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%H:%M:%S")


def newest(
    sandbox: Sandbox, base_url: str, *, what: str = "", result: str = "", number: str = "", text: str = ""
) -> list[Exchange]:
    """Newest first. what: a key of WHATS; result: of RESULTS; number: an id; text: anywhere in it."""
    found: list[Exchange] = []
    if what in {"", "calls", "sends"}:
        calls = request_log.list_newest(sandbox.db, LOOK_BACK)
        found += [_call(row, base_url) for row in calls if what != "sends" or row["wamid"]]
    if what in WEBHOOKS:
        hooks = deliveries.list_newest(sandbox.db, LOOK_BACK)
        kept = [row for row in hooks if row["summary"].startswith(WEBHOOKS[what])]
        tries = attempts.list_since(sandbox.db, kept[-1]["id"]) if kept else {}
        found += [_hook(sandbox.db, row, tries.get(row["id"], [])) for row in kept]
    fitting = [item for item in found if _fits(item, result, number, text.strip().lower())]
    return sorted(fitting, key=lambda item: item.at, reverse=True)[:MOST]


def _fits(item: Exchange, result: str, number: str, text: str) -> bool:
    if (result == "trouble" and not item.is_trouble) or (number and item.number_id != number):
        return False
    return text in f"{item.title} {item.outcome} {item.sent} {item.answered}".lower()


def _call(row: Row, base_url: str) -> Exchange:
    status = row["http_status"]
    fault = f", fault {row['fault']}" if row["fault"] else ""
    code = f", code {row['error_code']}" if row["error_code"] is not None else ""
    query = "&".join(f"{key}={value}" for key, value in row["query"].items())
    return Exchange(
        f"call-{row['id']}",
        row["at"],
        "Call",
        f"{row['method']} {row['path']}" + (f"?{query}" if query else ""),
        (str(status) if status else "no answer") + code + fault,
        not 200 <= status < 300,
        _pretty(row["body"]) if row["body"] else "",
        _pretty_text(row["answer"]),
        str(row["phone_number_id"] or ""),
        curl.of_call(row, base_url),
        facts=[("Took", f"{row['seconds']:.3f} s")],
    )


def _hook(db: Database, row: Row, tries: list[Row]) -> Exchange:
    outcome = row["last_result"] or STATES.get(row["state"], row["state"])
    times = f", try {row['attempts']}" if row["attempts"] > 1 else ""
    secret = db.value("SELECT secret FROM apps WHERE id = ?", row["app_id"]) if row["app_id"] else None
    signature = payloads.signature(secret, row["body"].encode("ascii")) if secret else ""
    return Exchange(
        f"hook-{row['id']}",
        row["created_at"],
        "Webhook",
        f"{row['field']}, {row['summary']}",
        f"{outcome}{times}",
        row["state"] not in {"delivered", "pending", "sending"} or row["last_result"] not in {None, "200"},
        _pretty_text(row["body"]),
        _pretty_text(row["answer"]),
        str(row["phone_number_id"] or ""),
        curl.of_webhook(row, signature) if row["url"] else "",
        row["id"],
        _facts(row, signature, tries),
    )


def _facts(row: Row, signature: str, tries: list[Row]) -> list[tuple[str, str]]:
    facts = [("Callback", str(row["url"] or "none: no app listens to this"))]
    if signature:
        shared = ", of this update alone; in a shared POST it covers the whole body" * (row["batch"] > 1)
        facts += [
            ("X-Hub-Signature-256", signature),
            ("Signed with", f"HMAC-SHA256 of the raw body with the secret of app {row['app_id']}{shared}"),
        ]
    for number, attempt in enumerate(tries, start=1):
        facts.append((f"Try {number}", f"{_time(attempt['at'])}, {attempt['result']}"))
    if row["state"] == "pending":
        facts.append(("Next try", _time(row["due_at"])))
    return facts


def send_again(sandbox: Sandbox, delivery_id: int) -> None:
    """The same body as a new webhook to whoever listens now. Raises InvalidInbound."""
    row = deliveries.find(sandbox.db, delivery_id)
    if row is None:
        raise InvalidInbound("That webhook is gone from the log.")
    number = phone_numbers.find(sandbox.db, row["phone_number_id"]) if row["phone_number_id"] else None
    listeners = subscriptions.listeners(sandbox.db, row["waba_id"], number, row["field"])
    urls = [(one.app_id, one.url) for one in listeners if one.url]
    if not urls:
        raise InvalidInbound(
            f"No app listens to {row['field']} of this account. Set its callback and subscribe it first."
        )
    for app_id, url in urls:
        again = deliveries.NewDelivery(
            app_id=app_id,
            url=url,
            waba_id=row["waba_id"],
            field=row["field"],
            summary=row["summary"],
            body=row["body"],
            key=row["wa_id"] or row["field"],
            phone_number_id=row["phone_number_id"],
            wa_id=row["wa_id"],
        )
        deliveries.insert(sandbox.db, again)
    sandbox.wake()


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _pretty_text(text: str | None) -> str:
    try:
        return _pretty(json.loads(text or '""'))
    except ValueError:
        return text or ""

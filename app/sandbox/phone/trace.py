"""What happens behind it: Graph requests and webhooks as sentences, newest first."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .. import error_codes
from ..context import Sandbox
from ..database import Row
from ..store import deliveries, request_log

MOST_STEPS = 10
LOOK_BACK = 60

FAULT_WORDS = {
    "throttle": "Rate limited by a switch",
    "outage": "Outage: the call failed",
    "error": "Call refused by a fault",
    "token_expired": "Token refused as expired",
    "lost_answer": "Done, but the answer was lost",
    "reset_before": "Connection cut before reading",
    "slow": "Answered slowly",
}
STATUS_WORDS = {
    "sent": ("Sent", "check"),
    "delivered": ("Delivered to the phone", "checks"),
    "read": ("Read by the phone", "checks"),
    "played": ("Played by the phone", "checks"),
    "failed": ("Not delivered", "alert-circle"),
}

ANSWER_WORDS = {"button_reply": "Button tapped", "list_reply": "Row chosen", "nfm_reply": "Form sent"}


@dataclass(frozen=True)
class Step:
    """`tone`: ok, warn, bad, info or mute."""

    at: float
    title: str
    detail: str
    icon: str
    tone: str

    @property
    def time(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).astimezone().strftime("%H:%M:%S")


def newest(sandbox: Sandbox) -> list[Step]:
    calls = [_call(row) for row in request_log.list_newest(sandbox.db, LOOK_BACK)]
    hooks = [_hook(row) for row in deliveries.list_newest(sandbox.db, LOOK_BACK)]
    steps = sorted([*calls, *hooks], key=lambda step: step.at, reverse=True)
    return steps[:MOST_STEPS]


def _call(row: Row) -> Step:
    what = f"{row['method']} {_short(row['path'])}"
    answer = f"{what}, {_answer(row)}"
    if row["fault"] in FAULT_WORDS:
        return Step(row["at"], FAULT_WORDS[row["fault"]], answer, "refresh", "warn")
    if row["error_code"] is not None:
        return Step(
            row["at"], f"Refused: {error_codes.known(row['error_code']).title}", answer, "alert-circle", "bad"
        )
    if row["wamid"]:
        return Step(row["at"], "Message accepted", answer, "send", "ok")
    return Step(row["at"], _name(row), answer, "api", "mute")


def _short(path: str) -> str:
    """Without the version; long ids shortened."""
    parts = path.strip("/").split("/")[1:]
    return "/".join(f"…{part[-4:]}" if part.isdigit() and len(part) > 6 else part for part in parts)


def _answer(row: Row) -> str:
    if row["http_status"] == 0:
        return "no answer"
    code = f", code {row['error_code']}" if row["error_code"] is not None else ""
    return f"{row['http_status']}{code}"


def _name(row: Row) -> str:
    edge = row["path"].rstrip("/").rsplit("/", 1)[-1]
    if edge == "messages":
        return "Read receipt from the business"
    name = "object" if edge.isdigit() else edge.replace("_", " ")
    return {"GET": "Looked up", "POST": "Changed", "DELETE": "Deleted"}.get(
        row["method"], "Called"
    ) + f" {name}"


def _hook(row: Row) -> Step:
    title, icon, tone = _told(row)
    return Step(row["created_at"], title, f"{row['field']} webhook, {outcome(row)}", icon, _tone(row, tone))


def _told(row: Row) -> tuple[str, str, str]:
    value = json.loads(row["body"])["entry"][0]["changes"][0]["value"]
    if statuses := value.get("statuses"):
        title, icon = STATUS_WORDS[statuses[0]["status"]]
        errors = statuses[0].get("errors")
        return (f"{title}: {errors[0]['title']}", icon, "bad") if errors else (title, icon, "ok")
    if received := value.get("messages"):
        return _received(received[0])
    return row["summary"].capitalize(), "template", "info"


def _received(message: dict[str, Any]) -> tuple[str, str, str]:
    if message["type"] == "text":
        return f"Message received: {message['text']['body'][:60]}", "arrow-down-left", "info"
    if message["type"] == "button":
        return f"Button tapped: {message['button'].get('text', '')}", "arrow-down-left", "info"
    if message["type"] == "interactive":
        return _answered(message["interactive"]), "arrow-down-left", "info"
    return f"Received: {message['type']}", "arrow-down-left", "info"


def _answered(interactive: dict[str, Any]) -> str:
    kind = str(interactive.get("type"))
    words = ANSWER_WORDS.get(kind, "Answered")
    reply = interactive.get(kind)
    title = reply.get("title") if isinstance(reply, dict) else None
    return f"{words}: {title}" if title else words


def outcome(row: Row) -> str:
    """What became of a webhook."""
    if row["state"] == "nobody":
        return "no app listens" if row["app_id"] is None else "the app has no callback for it"
    if row["state"] == "dropped":
        return "dropped by a fault"
    if row["state"] == "delivered":
        tries = f" on try {row['attempts']}" if row["attempts"] > 1 else ""
        return f"answered {row['last_result']}{tries}"
    if row["attempts"]:
        return f"{row['last_result']}, tried {row['attempts']} times"
    return "on its way"


def _tone(row: Row, tone: str) -> str:
    if row["state"] in {"nobody", "dropped", "given_up"} or (row["state"] != "delivered" and row["attempts"]):
        return "warn"
    return tone

"""Message templates of the account shown, those that wait for their review first."""

import json

from ..context import Sandbox
from ..database import Row
from ..inbound import InvalidInbound
from ..store import deliveries, message_templates
from ..webhooks import reviews
from . import trace
from .chat import Chat

MOST = 40
LOOK_BACK = 200
FIELD = "message_template_status_update"
REASONS = {
    "INVALID_FORMAT": "Wrong format",
    "INCORRECT_CATEGORY": "Wrong category",
    "PROMOTIONAL": "Promotional",
    "ABUSIVE_CONTENT": "Abusive",
    "SCAM": "Scam",
    "TAG_CONTENT_MISMATCH": "Content and category differ",
}
ORDER = ("PENDING", "REJECTED", "PAUSED", "DISABLED", "APPROVED")


def list_rows(sandbox: Sandbox, chat: Chat) -> list[Row]:
    """With `preview`, the words of its body, and `told`, what became of the newest webhook about it."""
    waba_id = chat.number["waba_id"]
    place = {status: index for index, status in enumerate(ORDER)}
    rows = message_templates.list_of(sandbox.db, waba_id)
    told = _told(sandbox, waba_id)
    shown = sorted(rows, key=lambda row: place.get(row["status"], len(ORDER)))[:MOST]
    return [row | {"preview": _preview(row), "told": told.get(str(row["id"]), "")} for row in shown]


def _preview(row: Row) -> str:
    bodies = [part.get("text") for part in row["components"] if part.get("type") == "BODY"]
    return str(bodies[0] or "") if bodies else ""


def _told(sandbox: Sandbox, waba_id: str) -> dict[str, str]:
    """Message template id → `REJECTED, answered 200`."""
    found: dict[str, str] = {}
    for row in deliveries.list_newest(sandbox.db, LOOK_BACK, field=FIELD, waba_id=waba_id):
        value = json.loads(row["body"])["entry"][0]["changes"][0]["value"]
        words = f"{str(value.get('event')).capitalize()}, {trace.outcome(row)}"
        found.setdefault(str(value.get("message_template_id")), words)
    return found


def decide(sandbox: Sandbox, chat: Chat, template_id: str, decision: str, reason: str) -> None:
    """decision: a key of reviews.DECISIONS. Raises InvalidInbound."""
    template = message_templates.find(sandbox.db, template_id)
    if template is None or template["waba_id"] != chat.number["waba_id"]:
        raise InvalidInbound("That message template is gone.")
    if decision not in reviews.DECISIONS or (reason and reason not in REASONS):
        raise InvalidInbound("That cannot be decided.")
    reviews.decide(sandbox, template, decision, reason or None)

"""Message templates of the account shown, those that wait for their review first."""

from ..context import Sandbox
from ..database import Row
from ..inbound import InvalidInbound
from ..store import message_templates
from ..webhooks import reviews
from .chat import Chat

MOST = 8
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
    rows = message_templates.list_of(sandbox.db, chat.number["waba_id"])
    place = {status: index for index, status in enumerate(ORDER)}
    return sorted(rows, key=lambda row: place.get(row["status"], len(ORDER)))[:MOST]


def decide(sandbox: Sandbox, chat: Chat, template_id: str, decision: str, reason: str) -> None:
    """decision: a key of reviews.DECISIONS. Raises InvalidInbound."""
    template = message_templates.find(sandbox.db, template_id)
    if template is None or template["waba_id"] != chat.number["waba_id"]:
        raise InvalidInbound("That message template is gone.")
    if decision not in reviews.DECISIONS or (reason and reason not in REASONS):
        raise InvalidInbound("That cannot be decided.")
    reviews.decide(sandbox, template, decision, reason or None)

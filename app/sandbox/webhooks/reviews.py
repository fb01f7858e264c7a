"""Meta's review of message templates, and what an operator of the sandbox decides by hand."""

from typing import Any

from .. import magic
from ..context import Sandbox
from ..database import Row
from ..store import faults, message_templates, timers
from . import pauses
from .template_news import announce

# Decision → event told. What is in STATUS_AFTER has another status than the event.
DECISIONS = {
    "approve": "APPROVED",
    "reject": "REJECTED",
    "pause": "PAUSED",
    "disable": "DISABLED",
    "archive": "ARCHIVED",
    "unarchive": "UNARCHIVED",
    "appeal": "IN_APPEAL",
    "reinstate": "REINSTATED",
}
STATUS_AFTER = {"UNARCHIVED": "APPROVED", "REINSTATED": "APPROVED"}
# Source: Meta docs, webhook "message_template_status_update", read 2026-03.
REASONS = (
    "ABUSIVE_CONTENT", "INCORRECT_CATEGORY", "INVALID_FORMAT", "PROMOTIONAL", "SCAM", "TAG_CONTENT_MISMATCH",
)  # fmt: skip


def schedule(sandbox: Sandbox, template_id: str) -> None:
    settings = sandbox.settings
    timers.add(sandbox.db, timers.REVIEW, settings.after(settings.review_delay_s), {"id": template_id})
    sandbox.wake()


def play(sandbox: Sandbox, payload: dict[str, Any]) -> None:
    """A due review: approve, unless the name or a fault says otherwise. Decided by hand before: nothing."""
    template = message_templates.find(sandbox.db, payload["id"])
    if template is None or template["status"] != "PENDING":
        return
    is_refused = magic.is_rejected_name(template["name"], len(template["edited_at"])) or faults.take(
        sandbox.db,
        faults.REVIEW_KINDS,
        faults.Subject(path=template["name"], waba_id=template["waba_id"]),
    )
    decide(sandbox, template, "reject" if is_refused else "approve", None)


def decide(sandbox: Sandbox, template: Row, decision: str, reason: str | None) -> None:
    """Set the status and tell the apps. `decision`: a key of DECISIONS; `reason` counts for `reject`."""
    if decision == "pause":
        pauses.pause(sandbox, template)
        return
    if decision == "disable":
        pauses.disable(sandbox, template)
        return
    if decision == "reinstate":
        pauses.forgive(sandbox, template["id"])
    event = DECISIONS[decision]
    why = (reason or "INVALID_FORMAT") if event == "REJECTED" else "NONE"
    status = STATUS_AFTER.get(event, event)
    message_templates.update(sandbox.db, template["id"], status=status, rejected_reason=why)
    announce(sandbox, template["id"], event, why)

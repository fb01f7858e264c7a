"""A new display name: submitted, reviewed, and shown to customers once the number registers again.

Source: Meta docs, "Display name" page, read 2026-03. Reviewed after the review delay of the settings; a name
with "reject" in it is declined.
"""

from .. import clock, magic
from ..database import Row
from ..store import node_settings, phone_numbers
from ..webhooks import number_life
from . import errors
from .registry import Call

LONGEST = 75
SUBMITTED_AT = "new_name_submitted_at"


def submit(call: Call, name: str) -> None:
    if len(name) > LONGEST:
        raise errors.invalid(f"new_display_name is longer than {LONGEST} characters.")
    with call.db.write():
        phone_numbers.update(call.db, call.node.id, new_display_name=name)
        node_settings.put(call.db, call.node.id, SUBMITTED_AT, clock.now())
        number_life.plan_name_review(call.sandbox, call.node.id, name)


def adopt(call: Call) -> None:
    """At a registration: an approved new name becomes the name."""
    row = call.node.row
    if status(call, row) != "APPROVED":
        return
    phone_numbers.update(
        call.db,
        row["id"],
        verified_name=row["new_display_name"],
        new_display_name=None,
        name_status="APPROVED",
    )


def status(call: Call, row: Row) -> str | None:
    """`new_name_status`; None without a new name."""
    if not row["new_display_name"]:
        return None
    settings = call.sandbox.settings
    due_at = node_settings.get(call.db, row["id"], SUBMITTED_AT, 0.0) + settings.after(
        settings.review_delay_s
    )
    if due_at > clock.now():
        return "PENDING_REVIEW"
    return "DECLINED" if magic.is_refused_display_name(row["new_display_name"]) else "APPROVED"

"""Pacing: of a new message template the first messages go out, the rest is held until people have reacted.

Source: Meta docs, "Template pacing" page, read 2026-09: a decision within an hour; good feedback releases
what is held, bad feedback drops it with 132015 and pauses the message template. How many go out first is not
published: here the operator says it. The hour is divided by the speed.
"""

from typing import Any

from ..context import Sandbox
from ..database import Row
from ..store import message_templates, messages, node_settings, timers
from . import pauses, statuses

DECIDED_AFTER_S = 3600.0
DROPPED = statuses.Failure(132015)
# Kept at the message template: how many go out, and how many did.
_KEPT = "pacing"


def start(sandbox: Sandbox, template_id: str, first: int) -> None:
    """first: so many messages go out before the rest is held; 0 ends the pacing without a decision."""
    if first:
        node_settings.put(sandbox.db, template_id, _KEPT, {"first": first, "sent": 0})
    else:
        node_settings.remove(sandbox.db, template_id, _KEPT)


def holds(sandbox: Sandbox, template: Row) -> bool:
    """Counts one message; True when it must wait. The first one that waits sets the hour going."""
    if node_settings.get(sandbox.db, template["id"], _KEPT) is None:
        return False
    with sandbox.db.write():
        kept = node_settings.get(sandbox.db, template["id"], _KEPT)
        if kept is None:
            return False
        if kept["sent"] < kept["first"]:
            node_settings.put(sandbox.db, template["id"], _KEPT, kept | {"sent": kept["sent"] + 1})
            return False
        if not kept.get("is_holding"):
            node_settings.put(sandbox.db, template["id"], _KEPT, kept | {"is_holding": True})
            wait_s = sandbox.settings.after(DECIDED_AFTER_S)
            timers.add(sandbox.db, timers.PACING, wait_s, {"id": template["id"]})
        return True


def play(sandbox: Sandbox, payload: dict[str, Any]) -> None:
    """The hour is over: a score of RED drops what is held. Decided by hand before: nothing."""
    template = message_templates.find(sandbox.db, payload["id"])
    if template is not None and node_settings.get(sandbox.db, template["id"], _KEPT) is not None:
        decide(sandbox, template, is_good=template["quality_score"] != "RED")


def decide(sandbox: Sandbox, template: Row, *, is_good: bool) -> int:
    """Release or drop what is held; answers how many messages that were."""
    node_settings.remove(sandbox.db, template["id"], _KEPT)
    held = messages.take_held(sandbox.db, template["id"])
    settings = sandbox.settings
    for message in held:
        steps = statuses.plan("template", message["wa_id"], None if is_good else DROPPED, settings)
        statuses.schedule(sandbox, message["wamid"], steps)
    if not is_good and template["status"] == "APPROVED":
        pauses.pause_by_pacing(sandbox, template)
    return len(held)

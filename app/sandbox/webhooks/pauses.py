"""Message templates of low quality: paused for 3 hours, then for 6, then disabled; and their quality score.

Source: Meta docs, "Template pausing" and "Template quality rating" pages, read 2026-09. Hours are divided by
the speed. Which event tells the end of a pause (here APPROVED, with `other_info` UNPAUSE) is unverified.
"""

from typing import Any

from .. import clock
from ..context import Sandbox
from ..database import Row
from ..store import message_templates, node_settings, timers
from . import template_news

HOUR_S = 3600.0
# Hours of the pauses before the one that disables.
LADDER: tuple[tuple[str, int], ...] = (("FIRST_PAUSE", 3), ("SECOND_PAUSE", 6))
# Kept at the message template: how many pauses there were, and the one that holds now.
_COUNT, _CURRENT = "pauses", "pause"
# A pause by pacing ends by the API, five minutes after it began at the earliest.
UNPAUSE_AFTER_S = 300.0
SCORES = ("GREEN", "YELLOW", "RED", "UNKNOWN")


def pause(sandbox: Sandbox, template: Row) -> None:
    """For low quality: the next step of the ladder."""
    count = node_settings.get(sandbox.db, template["id"], _COUNT, 0)
    if count >= len(LADDER):
        disable(sandbox, template)
        return
    title, hours = LADDER[count]
    node_settings.put(sandbox.db, template["id"], _COUNT, count + 1)
    at = _hold(sandbox, template, by_pacing=False)
    payload = {"id": template["id"], "at": at}
    timers.add(sandbox.db, timers.UNPAUSE, sandbox.settings.after(hours * HOUR_S), payload)
    text = f"Paused for {hours} hours after negative feedback from customers."
    _tell(sandbox, template, "PAUSED", title, text)
    sandbox.wake()


def pause_by_pacing(sandbox: Sandbox, template: Row) -> None:
    """Ends only when somebody unpauses it (unverified title)."""
    _hold(sandbox, template, by_pacing=True)
    text = "Paused after the first recipients gave negative feedback."
    _tell(sandbox, template, "PAUSED", "RATE_LIMITING_PAUSE", text)


def disable(sandbox: Sandbox, template: Row) -> None:
    node_settings.remove(sandbox.db, template["id"], _CURRENT)
    message_templates.update(sandbox.db, template["id"], status="DISABLED", rejected_reason="NONE")
    more = {"disable_info": {"disable_date": clock.day_in_words(clock.now())}}
    _tell(sandbox, template, "DISABLED", "DISABLED", "Disabled after repeated negative feedback.", more)


def forgive(sandbox: Sandbox, template_id: str) -> None:
    """The ladder begins anew."""
    for name in (_COUNT, _CURRENT):
        node_settings.remove(sandbox.db, template_id, name)


def play_unpause(sandbox: Sandbox, payload: dict[str, Any]) -> None:
    """The pause is over, unless it was ended before or another one began."""
    template = message_templates.find(sandbox.db, payload["id"])
    current = node_settings.get(sandbox.db, payload["id"], _CURRENT, {})
    if template and template["status"] == "PAUSED" and current.get("at") == payload["at"]:
        unpause(sandbox, template)


def unpause(sandbox: Sandbox, template: Row) -> None:
    node_settings.remove(sandbox.db, template["id"], _CURRENT)
    message_templates.update(sandbox.db, template["id"], status="APPROVED")
    _tell(sandbox, template, "APPROVED", "UNPAUSE", "The message template may be sent again.")


def hindrance(sandbox: Sandbox, template: Row) -> str | None:
    """Why this one cannot be unpaused by the API now; None when it can."""
    if template["status"] != "PAUSED":
        return "The message template is not paused."
    current = node_settings.get(sandbox.db, template["id"], _CURRENT, {})
    if current and not current["by_pacing"]:
        return "Only a pause by pacing can be ended; this one ends by itself."
    if clock.now() - current.get("at", 0.0) < sandbox.settings.after(UNPAUSE_AFTER_S):
        return "The message template was paused less than 5 minutes ago."
    return None


def set_quality(sandbox: Sandbox, template: Row, score: str) -> None:
    """Told when it changes; one that falls to RED while it may be sent is paused."""
    if score == template["quality_score"]:
        return
    message_templates.update(sandbox.db, template["id"], quality_score=score)
    template_news.tell_quality(sandbox, template, template["quality_score"], score)
    if score == "RED" and template["status"] == "APPROVED":
        pause(sandbox, template)


def _hold(sandbox: Sandbox, template: Row, *, by_pacing: bool) -> float:
    at = clock.now()
    node_settings.put(sandbox.db, template["id"], _CURRENT, {"at": at, "by_pacing": by_pacing})
    message_templates.update(sandbox.db, template["id"], status="PAUSED", rejected_reason="NONE")
    return at


def _tell(
    sandbox: Sandbox, template: Row, event: str, title: str, text: str, more: dict[str, Any] | None = None
) -> None:
    info = {"other_info": {"title": title, "description": text}} | (more or {})
    template_news.announce(sandbox, template["id"], event, "NONE", info)

"""A message whose button opens a Flow.

Source: Meta docs, "Sending a Flow" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import FieldProblem, InvalidFields, NotReady
from app.models import Flow

SCREEN = "interactive.action.parameters.flow_action_payload.screen"
_MOST_NAMED = 10
MOST_BODY, MOST_HEADER, MOST_FOOTER, MOST_BUTTON = 1024, 60, 60, 30


@dataclass(frozen=True)
class FlowText:
    """What stands around the button. Empty parts are left out."""

    body: str
    button: str
    header: str = ""
    footer: str = ""


def screens_of(flow: Flow) -> list[tuple[str, str]]:
    """(id, title) of the screens on which it can begin: of the version that this send opens."""
    outline = flow.published_outline if flow.is_served and flow.published_outline else flow.outline
    return [(screen["id"], screen["title"]) for screen in outline.get("screens", [])]


def flow_content(
    flow: Flow, text: FlowText, *, screen: str = "", data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Meta's `interactive` object; the token joins it when it is queued. A draft goes out as a test.

    Without `screen` it begins on its first one, or where its data endpoint says. Raises NotReady, and
    InvalidFields for a screen that the Flow has not.
    """
    if not flow.is_sendable:
        raise NotReady(
            "This Flow cannot be sent in its present state. Nothing was sent. Publish it, or choose another."
        )
    parameters: dict[str, Any] = {
        "flow_message_version": "3",
        "flow_id": flow.meta_id,
        "flow_cta": text.button,
        "mode": "published" if flow.is_served else "draft",
        **_start(flow, screen, data),
    }
    content: dict[str, Any] = {
        "type": "flow",
        "body": {"text": text.body},
        "action": {"name": "flow", "parameters": parameters},
    }
    if text.header:
        content["header"] = {"type": "text", "text": text.header}
    if text.footer:
        content["footer"] = {"text": text.footer}
    return content


def _start(flow: Flow, screen: str, data: Mapping[str, Any] | None) -> dict[str, Any]:
    screens = screens_of(flow)
    if screen and screens and screen not in dict(screens):
        shown = ", ".join(screen_id for screen_id, _ in screens[:_MOST_NAMED])
        raise InvalidFields([FieldProblem(SCREEN, f"This Flow has no such screen. It has: {shown}.")])
    if not screen and (flow.data_api_version or not screens):
        return {"flow_action": "data_exchange" if flow.data_api_version else "navigate"}
    payload: dict[str, Any] = {"screen": screen or screens[0][0]}
    if data:
        payload["data"] = dict(data)
    return {"flow_action": "navigate", "flow_action_payload": payload}

"""The Flow of a message: which one it is, how it is opened, and the answer that goes back."""

import json
from dataclasses import dataclass
from typing import Any

from ..context import Sandbox
from ..database import Row, to_json
from ..flow_json.reading import is_writable
from ..flow_player.state import Setup
from ..store import flows

Part = dict[str, Any]


@dataclass(frozen=True)
class Opening:
    """`row`: of the Flow, None for one that came with a message template. `text`: the Flow JSON to play."""

    row: Row | None
    text: str
    setup: Setup


def read(sandbox: Sandbox, waba_id: str, message: Row) -> Opening | None:
    """None when the message has no Flow, or one that is not there any more."""
    payload = message["payload"]
    named, sent = _of_template(payload) if payload["type"] == "template" else _of_interactive(payload)
    if named is None:
        return None
    is_draft = sent.get("mode") == "draft"
    row = find(sandbox, waba_id, named)
    text = named.get("flow_json")
    if row is not None:
        text = row["json"] if is_draft else row["published_json"] or row["json"]
    if not isinstance(text, str) or (row is not None and row["status"] == "DEPRECATED"):
        return None
    return Opening(row, text, _setup(named | sent))


def find(sandbox: Sandbox, waba_id: str, named: Part) -> Row | None:
    """The Flow that `flow_id` or `flow_name` stands for, of this account."""
    row = flows.find(sandbox.db, str(named.get("flow_id") or ""))
    row = row or flows.find_named(sandbox.db, waba_id, str(named.get("flow_name") or ""))
    return row if row is not None and row["waba_id"] == waba_id else None


def reply(answer: Part) -> Part:
    """What the business gets when the form is sent."""
    content = {"name": "flow", "body": "Sent", "response_json": to_json(answer)}
    return {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": content}}


def _of_interactive(payload: Part) -> tuple[Part | None, Part]:
    interactive = payload.get("interactive") or {}
    if interactive.get("type") != "flow":
        return None, {}
    return interactive["action"]["parameters"], {}


def _of_template(payload: Part) -> tuple[Part | None, Part]:
    """The button as it was created, and what the send gave for it."""
    created = [button for part in (payload.get("_components") or []) for button in part.get("buttons") or []]
    button: Part | None = next((button for button in created if button.get("type") == "FLOW"), None)
    if button is None:
        return None, {}
    parts = payload["template"].get("components") or []
    actions = (item.get("action") for part in parts for item in part.get("parameters") or [])
    action: Part = next((action for action in actions if isinstance(action, dict)), {})
    sent = {"flow_token": action["flow_token"]} if "flow_token" in action else {}
    start = {"screen": button.get("navigate_screen"), "data": action.get("flow_action_data")}
    return button, sent | {"flow_action_payload": start}


def _setup(parameters: Part) -> Setup:
    start = parameters.get("flow_action_payload")
    start = start if isinstance(start, dict) else {}
    screen = start.get("screen")
    return Setup(
        token=str(parameters.get("flow_token") or "unused"),
        action=str(parameters.get("flow_action") or "navigate"),
        screen=screen if isinstance(screen, str) and screen else None,
        data=data_of(start),
    )


def data_of(start: Part) -> Part | None:
    """`flow_action_payload.data`, which may be written as a JSON text."""
    data = start.get("data")
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return None
    return data if isinstance(data, dict) and is_writable(data) else None

"""May this Flow be sent now, so: which one, its state, its first screen and the data for it.

Source: Meta docs, "Sending a Flow" and "Flows lifecycle" pages, read 2025-12 to 2026-05. That an unknown Flow
is 131009 is (unverified).
"""

import json
from typing import Any

from .. import clock, flow_targets
from ..database import Row
from ..flow_json.reading import is_modest, is_writable, screens_of
from ..store import flows
from . import errors
from .errors import GraphError
from .registry import Call

Part = dict[str, Any]
HOUR_S = 3600.0
SENDS_PER_HOUR = 10
PATH = "interactive['action']['parameters']"


def check_interactive(call: Call, parameters: Part) -> None:
    """The `parameters` of an interactive message; what is missing is left to the message's own check."""
    if not (parameters.get("flow_id") or parameters.get("flow_name")):
        return
    row = _found(call, parameters)
    is_draft = parameters.get("mode") == "draft"
    _check_state(call, row, is_draft=is_draft)
    text = row["json"] if is_draft else row["published_json"]
    _check_start(text, parameters, parameters.get("flow_action_payload"))


def check_button(call: Call, button: Part) -> None:
    """A FLOW button of a message template. One that brought its own JSON has no state."""
    if button.get("flow_json"):
        return
    row = _found(call, button)
    _check_state(call, row, is_draft=False)
    screen = button.get("navigate_screen")
    _check_start(row["published_json"], button, {"screen": screen} if screen else None)


def _found(call: Call, named: Part) -> Row:
    """Of this account, by id or name."""
    by_id = flows.find(call.db, str(named.get("flow_id") or ""))
    row = by_id or flows.find_named(call.db, call.node.waba_id, str(named.get("flow_name") or ""))
    if row is None or row["waba_id"] != call.node.waba_id:
        name = "flow_id" if named.get("flow_id") else "flow_name"
        raise errors.bad_value(f"{PATH}['{name}'] '{named.get(name)}' is not a Flow of this account.")
    return row


def _check_state(call: Call, row: Row, *, is_draft: bool) -> None:
    if row["status"] == "BLOCKED":
        raise GraphError(132068)
    if row["status"] == "DEPRECATED":
        raise errors.bad_value("The flow is deprecated.")
    if is_draft and row["json"] is None:
        raise errors.bad_value("The flow has no Flow JSON.")
    if not is_draft and row["published_json"] is None:
        raise errors.bad_value("The flow is not published; send it with mode draft.")
    if row["status"] == "THROTTLED":
        used = call.sandbox.limiter.count(("flow", row["id"]), clock.now(), HOUR_S)
        if used > SENDS_PER_HOUR:
            raise GraphError(132069)


def _check_start(text: str | None, parameters: Part, start: Any) -> None:
    path = f"{PATH}['flow_action_payload']"
    if parameters.get("flow_action") == "data_exchange" and not flow_targets.has_endpoint(text):
        raise errors.bad_value("flow_action data_exchange needs a Flow with an endpoint (data_api_version).")
    if start is None:
        return
    if not isinstance(start, dict):
        raise errors.bad_value(f"{path} must be an object.")
    screen = start.get("screen")
    if screen is not None and (not isinstance(screen, str) or screen not in _screens(text)):
        raise errors.bad_value(f"{path}['screen'] '{screen}' is not a screen of the Flow.")
    if "data" in start:
        _check_data(start["data"], path)


def _check_data(data: Any, path: str) -> None:
    """A non-empty object; the newest page shows it as a JSON text."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            data = None
    if not isinstance(data, dict) or not data:
        raise errors.bad_value(f"{path}['data'] must be an object that is not empty.")
    if not is_modest(data) or not is_writable(data):
        raise errors.bad_value(f"{path}['data'] is too large or too deep, or holds half a character.")


def _screens(text: str | None) -> dict[str, Part]:
    return screens_of(flow_targets.opened(text))

"""The token that goes out with a Flow and comes back in the answer: it alone says whose answer it is.

It begins with a key of the Flow's own and ends in chance, so that nobody guesses one and each send has
another. A token that a sender chose stays as it is.
Source: Meta docs, "Sending a Flow" page, read 2026-09.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from app.models import Flow, MessageTemplate
from app.models.flows import new_token_key
from app.queries import flows as queries

_TOKEN = re.compile(r"([0-9a-f]{16})\.[A-Za-z0-9_-]{22}")
_RANDOM_BYTES = 16


def new_token(flow: Flow) -> str:
    if flow.token_key is None:
        flow.token_key = new_token_key()
    return f"{flow.token_key}.{secrets.token_urlsafe(_RANDOM_BYTES)}"


def key_of(token: str) -> str | None:
    """The key of the Flow that one of our tokens names; None for a foreign one."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else None


def with_tokens(
    account_id: int, message_type: str, content: dict[str, Any], message_template: MessageTemplate | None
) -> dict[str, Any]:
    """The content with a token wherever it opens one of our Flows and names none."""
    if message_type == "interactive" and content.get("type") == "flow":
        return _in_interactive(account_id, content)
    if message_type == "template" and message_template is not None:
        return _in_message_template(account_id, content, message_template)
    return content


def _in_interactive(account_id: int, content: dict[str, Any]) -> dict[str, Any]:
    action = content["action"]
    parameters = action["parameters"]
    flow = None if parameters.get("flow_token") else _named(account_id, parameters)
    if flow is None:
        return content
    return {
        **content,
        "action": {**action, "parameters": {**parameters, "flow_token": new_token(flow)}},
    }


def _in_message_template(
    account_id: int, content: dict[str, Any], message_template: MessageTemplate
) -> dict[str, Any]:
    """Each FLOW button whose component the sender left out, or gave without a token."""
    components: list[dict[str, Any]] = list(content.get("components") or [])
    is_changed = False
    for index, button in _buttons(message_template):
        given = next((part for part in components if _is_at(part, index)), None)
        if given is not None and _action(given).get("flow_token"):
            continue
        flow = _named(account_id, button)
        if flow is None:
            continue
        components = [part for part in components if part is not given]
        components.append(_component(index, {**_action(given or {}), "flow_token": new_token(flow)}))
        is_changed = True
    return {**content, "components": components} if is_changed else content


def _component(index: int, action: dict[str, Any]) -> dict[str, Any]:
    parameters = [{"type": "action", "action": action}]
    return {"type": "button", "sub_type": "flow", "index": str(index), "parameters": parameters}


def _buttons(message_template: MessageTemplate) -> list[tuple[int, dict[str, Any]]]:
    """(place, button) of those that open a Flow."""
    for part in message_template.components:
        if isinstance(part, dict) and str(part.get("type", "")).upper() == "BUTTONS":
            buttons = part.get("buttons")
            listed = enumerate(buttons if isinstance(buttons, list) else [])
            return [
                (index, one) for index, one in listed if isinstance(one, dict) and one.get("type") == "FLOW"
            ]
    return []


def _is_at(part: dict[str, Any], index: int) -> bool:
    is_flow = str(part.get("sub_type", "")).lower() == "flow"
    return is_flow and str(part.get("index", "")) == str(index)


def _action(part: dict[str, Any]) -> dict[str, Any]:
    parameters = part.get("parameters")
    first = parameters[0] if isinstance(parameters, list) and parameters else {}
    action = first.get("action") if isinstance(first, dict) else None
    return action if isinstance(action, dict) else {}


def _named(account_id: int, named: dict[str, Any]) -> Flow | None:
    """A sender may know of a Flow that nothing is known of here: then Meta's default token stands."""
    meta_id, name = str(named.get("flow_id") or ""), str(named.get("flow_name") or "")
    return queries.find_named(account_id, meta_id=meta_id, name=name)

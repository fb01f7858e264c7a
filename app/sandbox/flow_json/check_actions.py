"""What is wrong with the actions of a screen, and with what its bindings name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import vocabulary as words
from .expressions import is_dynamic, paths_in
from .findings import Finding, check_expression, check_keys
from .reading import Part, strings_in

ERROR_OF = {"complete": "INVALID_COMPLETE_ACTION", "navigate": "INVALID_NAVIGATE_ACTION_PAYLOAD"}
WITH_PAYLOAD = ("navigate", "complete", "data_exchange", "update_data")
SOURCES = {"data", "form", "screen"}


@dataclass(frozen=True)
class Surroundings:
    """What stands around a component: its screen, the names in it, all screens by id."""

    screen: Part
    screens: dict[str, Part]
    fields: set[str] = field(default_factory=set)

    @property
    def is_terminal(self) -> bool:
        return self.screen.get("terminal") is True

    @property
    def data(self) -> Part:
        data = self.screen.get("data")
        return data if isinstance(data, dict) else {}


def check_action(action: Part, path: str, around: Surroundings) -> Iterator[Finding]:
    name = action.get("name")
    if name not in words.ACTIONS:
        message = f"The action must be one of {', '.join(words.ACTIONS)}."
        yield Finding("INVALID_ENUM_VALUE", message, path)
        return
    yield from check_keys(action, words.ACTION_KEYS, path, f"the action {name}")
    if name in WITH_PAYLOAD and not isinstance(action.get("payload"), dict):
        error = "INVALID_ON_CLICK_ACTION_PAYLOAD"
        yield Finding(error, f"The action {name} needs a payload, which may be empty: {{}}.", path)
    if name == "complete" and not around.is_terminal:
        yield Finding("INVALID_COMPLETE_ACTION", "'complete' stands only on a terminal screen.", path)
    if name == "open_url" and not _is_address(action.get("url")):
        message = "open_url needs a url that begins with https://."
        yield Finding("INVALID_PROPERTY_VALUE_FORMAT", message, path)
    if name == "navigate":
        yield from _check_navigate(action, path, around)


def check_bindings(value: Any, path: str, around: Surroundings) -> Iterator[Finding]:
    """Each `${…}` inside a component names something that is there."""
    for text in strings_in(value):
        if not is_dynamic(text):
            continue
        if text.startswith("`"):
            yield from check_expression(text[1:-1], path)
        for name in paths_in(text):
            yield from check_path(name, path, around)


def check_path(name: str, path: str, around: Surroundings) -> Iterator[Finding]:
    parts = name.split(".")
    if parts[0] not in SOURCES or len(parts) < 2:
        message = f"'${{{name}}}' must begin with data., form. or screen."
        yield Finding("INVALID_PROPERTY_VALUE_FORMAT", message, path)
    elif parts[0] == "data" and parts[1] not in around.data:
        yield Finding("INVALID_SCREEN_DYNAMIC_DATA", f"The screen's data has no '{parts[1]}'.", path)
    elif parts[0] == "form" and parts[1] not in around.fields:
        error = "INVALID_ON_CLICK_ACTION_PAYLOAD" if "action" in path else "INVALID_PROPERTY_VALUE"
        yield Finding(error, f"The screen has no field '{parts[1]}'.", path)
    elif parts[0] == "screen" and parts[1] not in around.screens:
        yield Finding("INVALID_PROPERTY_VALUE", f"There is no screen '{parts[1]}'.", path)


def _check_navigate(action: Part, path: str, around: Surroundings) -> Iterator[Finding]:
    goal = action.get("next")
    name = goal.get("name") if isinstance(goal, dict) else None
    if not isinstance(name, str) or name not in around.screens:
        error = "INVALID_NAVIGATE_ACTION_NEXT_SCREEN_NAME"
        yield Finding(error, f"There is no screen '{name}'.", path)
        return
    wanted, payload = around.screens[name].get("data"), action.get("payload")
    if isinstance(wanted, dict) and isinstance(payload, dict):
        for key in sorted(set(wanted) - set(payload)):
            message = f"The screen {name} wants '{key}', which the payload does not hold."
            yield Finding("INVALID_NAVIGATE_ACTION_PAYLOAD", message, path)


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and (value.startswith("https://") or is_dynamic(value))

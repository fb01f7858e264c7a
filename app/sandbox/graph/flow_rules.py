"""What is obviously wrong in a Flow JSON, as `validation_errors` of Meta's shape.

Source: Meta docs, "Flow JSON" and "Flow JSON errors" pages, read 2026-05; wordings (unverified).
"""

import re
from collections.abc import Iterator
from typing import Any

from .. import json_text

SCREEN_ID = re.compile(r"[A-Za-z_]+")
VERSIONS = frozenset({"5.1", "6.0", "6.1", "6.2", "6.3", "7.0", "7.1", "7.2", "7.3"})
DATA_API_VERSIONS = frozenset({"3.0", "4.0"})
TOP_KEYS = frozenset({"version", "screens", "data_api_version", "routing_model", "data_channel_uri", "name"})
MOST_SCREENS, MOST_COMPONENTS = 100, 50
MOST_OF = {"EmbeddedLink": 2, "Footer": 1, "Image": 3, "OptIn": 5}
ERROR_OF = {
    "EmbeddedLink": "MAX_EMBEDDED_LINK_PER_SCREEN",
    "Footer": "MAX_FOOTER_PER_SCREEN",
    "Image": "MAX_IMAGE_PER_SCREEN",
    "OptIn": "MAX_OPT_IN_PER_SCREEN",
}
LONGEST_TEXT = {"TextHeading": 80, "TextSubheading": 80, "TextBody": 4096, "TextCaption": 4096}
LONGEST_LABEL = {
    "TextInput": 20, "TextArea": 20, "CheckboxGroup": 30, "RadioButtonsGroup": 30, "Dropdown": 30,
    "DatePicker": 40, "Footer": 35, "ChipsSelector": 80,
}  # fmt: skip
ACTIONS = ("navigate", "complete", "data_exchange", "open_url", "update_data")
# Components whose children may hold further components.
NESTED = ("children", "then", "else")

Part = dict[str, Any]


def check(text: str) -> list[Part]:
    """All that is wrong, in order; empty when the flow may be published."""
    try:
        flow = json_text.read(text)
    except ValueError:
        return [_error(text, "INVALID_FLOW_JSON", "The Flow JSON is not valid JSON.", "")]
    if not isinstance(flow, dict):
        return [_error(text, "INVALID_FLOW_JSON", "The Flow JSON must be an object.", "")]
    found = [*_check_top(flow), *_check_screens(flow)]
    return [_error(text, *one) for one in found]


Finding = tuple[str, str, str]


def _check_top(flow: Part) -> Iterator[Finding]:
    for key in sorted(set(flow) - TOP_KEYS):
        yield "INVALID_PROPERTY_KEY", f"The property '{key}' is not known.", key
    version = flow.get("version")
    if version is None:
        yield "MISSING_FLOW_JSON_VERSION", "The property 'version' is required.", ""
    elif version not in VERSIONS:
        yield "INVALID_FLOW_JSON_VERSION", f"Version '{version}' cannot be published.", "version"
    data_api = flow.get("data_api_version")
    if data_api is not None and data_api not in DATA_API_VERSIONS:
        yield "NO_SUPPORTED_DATA_API_VERSION", f"Data API version '{data_api}' is not known.", "version"
    if data_api is not None and not isinstance(flow.get("routing_model"), dict):
        yield "INVALID_ROUTING_MODEL", "A flow with an endpoint needs a routing_model.", "routing_model"


def _check_screens(flow: Part) -> Iterator[Finding]:
    screens = flow.get("screens")
    if not isinstance(screens, list) or not screens:
        yield "MIN_ITEMS_REQUIRED", "The property 'screens' needs at least one screen.", "screens"
        return
    if len(screens) > MOST_SCREENS:
        yield "MAX_SCREENS_NUMBER", f"A flow has at most {MOST_SCREENS} screens.", "screens"
    known = {str(screen.get("id")) for screen in screens if isinstance(screen, dict)}
    if len(known) != len(screens):
        yield "INVALID_PROPERTY_VALUE", "Each screen needs an id of its own.", "screens"
    if not any(isinstance(screen, dict) and screen.get("terminal") is True for screen in screens):
        yield "INVALID_ROUTING_MODEL", "At least one screen must be terminal.", "screens"
    for index, screen in enumerate(screens):
        yield from _check_screen(screen, f"screens[{index}]", known)


def _check_screen(screen: Any, path: str, known: set[str]) -> Iterator[Finding]:
    if not isinstance(screen, dict):
        yield "INVALID_PROPERTY_TYPE", "A screen must be an object.", path
        return
    screen_id = str(screen.get("id") or "")
    if not SCREEN_ID.fullmatch(screen_id) or screen_id == "SUCCESS":
        yield "PATTERN_MISMATCH", "A screen id has letters and underscores and is not SUCCESS.", f"{path}.id"
    yield from _check_data(screen.get("data"), f"{path}.data")
    layout = screen.get("layout")
    children = layout.get("children") if isinstance(layout, dict) else None
    if not isinstance(children, list):
        yield "MISSING_REQUIRED_PROPERTY", "A screen needs layout.children.", f"{path}.layout"
        return
    components = list(_walk(children, f"{path}.layout.children"))
    if len(components) > MOST_COMPONENTS:
        yield "INVALID_PROPERTY_VALUE", f"A screen has at most {MOST_COMPONENTS} components.", path
    kinds = [str(component.get("type")) for component, _ in components]
    for kind, most in MOST_OF.items():
        if kinds.count(kind) > most:
            yield ERROR_OF[kind], f"A screen has at most {most} of {kind}.", path
    if screen.get("terminal") is True and "Footer" not in kinds:
        yield "MISSING_REQUIRED_PROPERTY", "A terminal screen needs a Footer.", path
    for component, where in components:
        yield from _check_component(component, where, known, screen.get("terminal") is True)


def _check_data(data: Any, path: str) -> Iterator[Finding]:
    if data is None:
        return
    if not isinstance(data, dict):
        yield "INVALID_SCREEN_DATA", "data must be an object.", path
        return
    for name, spec in data.items():
        if not isinstance(spec, dict) or "type" not in spec:
            yield "MISSING_REQUIRED_TYPE_PROPERTY", f"data.{name} needs a type.", f"{path}.{name}"
        elif "__example__" not in spec:
            yield "INVALID_SCREEN_DYNAMIC_DATA", f"data.{name} needs an __example__.", f"{path}.{name}"


def _walk(children: list[Any], path: str) -> Iterator[tuple[Part, str]]:
    """Every component below, with where it stands."""
    for index, child in enumerate(children):
        if not isinstance(child, dict):
            continue
        where = f"{path}[{index}]"
        yield child, where
        for key in NESTED:
            if isinstance(child.get(key), list):
                yield from _walk(child[key], f"{where}.{key}")


def _check_component(component: Part, path: str, known: set[str], is_terminal: bool) -> Iterator[Finding]:
    kind = component.get("type")
    if not isinstance(kind, str) or not kind:
        yield "MISSING_REQUIRED_TYPE_PROPERTY", "A component needs a type.", path
        return
    for key, limits in (("text", LONGEST_TEXT), ("label", LONGEST_LABEL)):
        value = component.get(key)
        if kind in limits and not value:
            yield "MISSING_REQUIRED_PROPERTY", f"{kind} needs '{key}'.", path
        elif kind in limits and isinstance(value, str) and len(value) > limits[kind]:
            yield "INVALID_PROPERTY_VALUE", f"'{key}' of {kind} has at most {limits[kind]} characters.", path
    if kind == "Footer" and "on-click-action" not in component:
        yield "MISSING_REQUIRED_PROPERTY", "Footer needs 'on-click-action'.", path
    action = component.get("on-click-action")
    if isinstance(action, dict):
        yield from _check_action(action, f"{path}.on-click-action", known, is_terminal)


def _check_action(action: Part, path: str, known: set[str], is_terminal: bool) -> Iterator[Finding]:
    name = action.get("name")
    if name not in ACTIONS:
        yield "INVALID_ENUM_VALUE", f"The action must be one of {', '.join(ACTIONS)}.", path
    if name == "complete" and not is_terminal:
        yield "INVALID_COMPLETE_ACTION", "'complete' stands only on a terminal screen.", path
    if name == "navigate":
        goal = action.get("next")
        screen = goal.get("name") if isinstance(goal, dict) else None
        if screen not in known:
            yield "INVALID_NAVIGATE_ACTION_NEXT_SCREEN_NAME", f"There is no screen '{screen}'.", path


def _error(text: str, error: str, message: str, path: str) -> Part:
    """Where it stands: the line that names the last key of the path, else the first."""
    key = re.sub(r"\[\d+]", "", path).rsplit(".", 1)[-1]
    lines = text.splitlines() or [""]
    number = next((index for index, line in enumerate(lines, 1) if key and f'"{key}"' in line), 1)
    place = {
        "line_start": number,
        "line_end": number,
        "column_start": 1,
        "column_end": max(1, len(lines[number - 1])),
    }
    found: Part = {"error": error, "error_type": "FLOW_JSON_ERROR", "message": message} | place
    return found | {"pointers": [place | {"path": path}]}

"""What is wrong in a Flow JSON, as `validation_errors` of Meta's shape.

Source: Meta docs, "Flow JSON" and "Flow JSON errors" pages, read 2026-05; wordings, and which of two
fitting errors Meta would name, (unverified).
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from . import vocabulary as words
from .check_components import check_components, count_of
from .check_routing import check_routing
from .findings import Finding, check_keys, check_nothing_null
from .places import Places
from .reading import BrokenFlow, Part, children_of, parse, screens_of

SCREEN_ID = re.compile(r"[A-Za-z_]+")
# A person who has so many to mend looks again afterwards.
MOST_FINDINGS = 50
MOST_CAROUSELS = 3


def check(text: str) -> list[Part]:
    """All that is wrong, in order; empty when the flow may be published."""
    places = Places(text)
    try:
        flow = parse(text)
    except BrokenFlow as error:
        return [_error("INVALID_FLOW_JSON", str(error), "", places.of_offset(error.offset))]
    found = islice(_findings(flow), MOST_FINDINGS)
    return [_error(one.error, one.message, one.path, places.of_path(one.path)) for one in found]


def _findings(flow: Part) -> Iterator[Finding]:
    yield from _check_top(flow)
    yield from _check_screens(flow)
    yield from check_nothing_null(flow)


def _check_top(flow: Part) -> Iterator[Finding]:
    yield from check_keys(flow, words.TOP_KEYS, "", "a Flow JSON")
    version = flow.get("version")
    if version is None:
        yield Finding("MISSING_FLOW_JSON_VERSION", "The property 'version' is required.", "")
    elif version not in words.VERSIONS:
        yield Finding("INVALID_FLOW_JSON_VERSION", f"Version '{version}' cannot be published.", "version")
    data_api = flow.get("data_api_version")
    if data_api is not None and data_api not in words.DATA_API_VERSIONS:
        message = f"Data API version '{data_api}' is not known."
        yield Finding("NO_SUPPORTED_DATA_API_VERSION", message, "data_api_version")


def _check_screens(flow: Part) -> Iterator[Finding]:
    screens = flow.get("screens")
    if not isinstance(screens, list) or not screens:
        yield Finding("MIN_ITEMS_REQUIRED", "The property 'screens' needs at least one screen.", "screens")
        return
    if len(screens) > words.MOST_SCREENS:
        message = f"A flow has at most {words.MOST_SCREENS} screens."
        yield Finding("MAX_SCREENS_NUMBER", message, "screens")
    known = screens_of(flow)
    if len(known) != len(screens):
        yield Finding("INVALID_PROPERTY_VALUE", "Each screen needs an id of its own.", "screens")
    if not any(screen.get("terminal") is True for screen in known.values()):
        yield Finding("INVALID_ROUTING_MODEL", "At least one screen must be terminal.", "screens")
    yield from check_routing(flow)
    for index, screen in enumerate(screens[: words.MOST_SCREENS]):
        yield from _check_screen(screen, f"screens[{index}]", known)
    carousels = sum(count_of("ImageCarousel", children_of(screen)) for screen in known.values())
    if carousels > MOST_CAROUSELS:
        yield Finding("INVALID_PROPERTY_VALUE", f"A flow has at most {MOST_CAROUSELS} carousels.", "screens")


def _check_screen(screen: Any, path: str, known: dict[str, Part]) -> Iterator[Finding]:
    if not isinstance(screen, dict):
        yield Finding("INVALID_PROPERTY_TYPE", "A screen must be an object.", path)
        return
    yield from check_keys(screen, words.SCREEN_KEYS, path, "a screen")
    screen_id = screen.get("id")
    if not isinstance(screen_id, str) or not SCREEN_ID.fullmatch(screen_id) or screen_id == "SUCCESS":
        message = "A screen id has letters and underscores and is not SUCCESS."
        yield Finding("PATTERN_MISMATCH", message, f"{path}.id")
    yield from _check_data(screen.get("data"), f"{path}.data")
    layout = screen.get("layout")
    if not isinstance(layout, dict) or not isinstance(layout.get("children"), list):
        yield Finding("MISSING_REQUIRED_PROPERTY", "A screen needs layout.children.", f"{path}.layout")
        return
    yield from check_keys(layout, words.LAYOUT_KEYS, f"{path}.layout", "a layout")
    if screen.get("terminal") is True and not count_of("Footer", children_of(screen)):
        yield Finding("MISSING_REQUIRED_PROPERTY", "A terminal screen needs a Footer.", path)
    yield from check_components(screen, path, known)


def _check_data(data: Any, path: str) -> Iterator[Finding]:
    if not isinstance(data, dict):
        return
    for name, spec in data.items():
        where = f"{path}.{name}"
        if not isinstance(spec, dict) or "type" not in spec:
            yield Finding("MISSING_REQUIRED_TYPE_PROPERTY", f"data.{name} needs a type.", where)
        elif spec["type"] not in words.DATA_TYPES:
            message = f"The type of data.{name} must be one of {', '.join(words.DATA_TYPES)}."
            yield Finding("INVALID_SCREEN_DATA", message, where)
        elif "__example__" not in spec:
            yield Finding("INVALID_SCREEN_DYNAMIC_DATA", f"data.{name} needs an __example__.", where)


def _error(error: str, message: str, path: str, place: dict[str, int]) -> Part:
    found: Part = {"error": error, "error_type": "FLOW_JSON_ERROR", "message": message} | place
    return found | {"pointers": [place | {"path": path}]}

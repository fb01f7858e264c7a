"""Rules of interactive messages by kind.

Source: Meta docs, "Interactive messages" pages, read 2026-03 to 2026-09.
"""

from collections.abc import Callable
from typing import Any

from . import carousel_checks, checks, errors
from .checks import choice_at, list_at, object_at, optional_object_at, optional_text_at, text_at
from .number_settings import EMOJI
from .registry import Call

Part = dict[str, Any]
HEADER_MEDIA = ("image", "video", "document")
LONGEST_HEADER, LONGEST_FOOTER, LONGEST_BODY, LONGEST_LIST_BODY = 60, 60, 1024, 4096
MOST_ROWS = 10
MOST_PRODUCTS = 30

# kind → which headers it may have.
HEADERS: dict[str, tuple[str, ...]] = {
    "button": ("text", *HEADER_MEDIA),
    "list": ("text",),
    "cta_url": ("text", *HEADER_MEDIA),
    "flow": ("text", *HEADER_MEDIA),
    "product_list": ("text",),
    "order_details": ("text", *HEADER_MEDIA),
    "order_status": (),
}
WITHOUT_BODY = {"product"}
# These show a body and nothing beside it.
WITHOUT_FOOTER = {"carousel", "location_request_message", "request_contact_info"}


def check(call: Call, content: Part) -> str | None:
    """Answers the link of a media header, if there is one."""
    kind = text_at(content, "type", "interactive['type']", 50)
    if kind not in KINDS:
        raise errors.bad_value(f"interactive['type'] must be one of {', '.join(sorted(KINDS))}.")
    action = object_at(content, "action", "interactive['action']")
    link = _header(call, kind, content.get("header"))
    _body(kind, content)
    footer = content.get("footer")
    if footer is not None:
        if kind in WITHOUT_FOOTER:
            raise errors.bad_value(f"interactive['footer'] is not allowed for {kind}.")
        holder = object_at(content, "footer", "interactive['footer']")
        text_at(holder, "text", "interactive['footer']['text']", LONGEST_FOOTER)
    if kind == "carousel":
        carousel_checks.check(call, action)
    else:
        ACTIONS[kind](action)
    return link


def _header(call: Call, kind: str, header: Any) -> str | None:
    path = "interactive['header']"
    if header is None:
        if kind == "product_list":
            raise errors.missing_part(f"{path} is required for product_list.")
        return None
    allowed = HEADERS.get(kind, ())
    form = object_at({"header": header}, "header", path).get("type")
    if form not in allowed:
        raise errors.bad_value(f"{path}['type'] '{form}' is not allowed for {kind}.")
    if form == "text":
        text_at(header, "text", f"{path}['text']", LONGEST_HEADER)
        return None
    media = object_at(header, form, f"{path}['{form}']")
    return checks.media_reference(call.db, call.node.waba_id, media, f"{path}['{form}']")


def _body(kind: str, content: Part) -> None:
    if kind in WITHOUT_BODY and content.get("body") is None:
        return
    body = object_at(content, "body", "interactive['body']")
    most = LONGEST_LIST_BODY if kind == "list" else LONGEST_BODY
    text_at(body, "text", "interactive['body']['text']", most)


def _buttons(action: Part) -> None:
    path = "interactive['action']['buttons']"
    buttons = list_at(action, "buttons", path, 1, 3)
    for index, button in enumerate(buttons):
        if button.get("type") != "reply":
            raise errors.bad_value(f"{path}[{index}]['type'] must be reply.")
        reply = object_at(button, "reply", f"{path}[{index}]['reply']")
        text_at(reply, "id", f"{path}[{index}]['reply']['id']", 256)
        text_at(reply, "title", f"{path}[{index}]['reply']['title']", 20)
    for key in ("id", "title"):
        checks.unique([button["reply"][key] for button in buttons], f"{path}: {key}s")


def _list(action: Part) -> None:
    text_at(action, "button", "interactive['action']['button']", 20)
    sections = _sections(action)
    rows = [row for index, section in enumerate(sections) for row in _rows(section, index)]
    if len(rows) > MOST_ROWS:
        raise errors.bad_value(f"interactive['action']['sections']: at most {MOST_ROWS} rows in total.")
    checks.unique([row["id"] for row in rows], "interactive['action']['sections']: row ids")


def _rows(section: Part, index: int) -> list[Part]:
    path = f"interactive['action']['sections'][{index}]['rows']"
    rows = list_at(section, "rows", path, 1, MOST_ROWS)
    for row_index, row in enumerate(rows):
        text_at(row, "id", f"{path}[{row_index}]['id']", 200)
        text_at(row, "title", f"{path}[{row_index}]['title']", 24)
        optional_text_at(row, "description", f"{path}[{row_index}]['description']", 72)
    return rows


def _sections(action: Part) -> list[Part]:
    path = "interactive['action']['sections']"
    sections = list_at(action, "sections", path, 1, 10)
    for index, section in enumerate(sections):
        if len(sections) > 1:
            text_at(section, "title", f"{path}[{index}]['title']", 24)
        optional_text_at(section, "title", f"{path}[{index}]['title']", 24)
    return sections


def _named(name: str, inner: Callable[[Part], None]) -> Callable[[Part], None]:
    """An action with a fixed name and an object of parameters."""

    def check_action(action: Part) -> None:
        if action.get("name") != name:
            raise errors.bad_value(f"interactive['action']['name'] must be {name}.")
        inner(action)

    return check_action


def _parameters(action: Part) -> Part:
    return object_at(action, "parameters", "interactive['action']['parameters']")


def _cta_url(action: Part) -> None:
    carousel_checks.check_link(action, "interactive['action']")


def _flow(action: Part) -> None:
    path = "interactive['action']['parameters']"
    parameters = _parameters(action)
    if parameters.get("flow_message_version") != "3":
        raise errors.bad_value(f"{path}['flow_message_version'] must be 3.")
    if bool(parameters.get("flow_id")) == bool(parameters.get("flow_name")):
        raise errors.missing_part(f"{path} needs exactly one of flow_id and flow_name.")
    if EMOJI.search(text_at(parameters, "flow_cta", f"{path}['flow_cta']", 30)):
        raise errors.bad_value(f"{path}['flow_cta'] has no emoji.")
    optional_text_at(parameters, "flow_token", f"{path}['flow_token']")
    choice_at(parameters, "mode", f"{path}['mode']", ("published", "draft"))
    choice_at(parameters, "flow_action", f"{path}['flow_action']", ("navigate", "data_exchange"))
    if parameters.get("flow_action_payload") is not None:
        _first_screen(parameters, f"{path}['flow_action_payload']")


def _first_screen(parameters: Part, path: str) -> None:
    if parameters.get("flow_action") == "data_exchange":
        raise errors.bad_value(f"{path} goes only with navigate.")
    payload = object_at(parameters, "flow_action_payload", path)
    text_at(payload, "screen", f"{path}['screen']")
    if payload.get("data") in ({}, []):
        raise errors.bad_value(f"{path}['data'] may not be empty.")


def _product(action: Part) -> None:
    text_at(action, "catalog_id", "interactive['action']['catalog_id']")
    text_at(action, "product_retailer_id", "interactive['action']['product_retailer_id']")


def _product_list(action: Part) -> None:
    text_at(action, "catalog_id", "interactive['action']['catalog_id']")
    count = 0
    for index, section in enumerate(_sections(action)):
        path = f"interactive['action']['sections'][{index}]['product_items']"
        items = list_at(section, "product_items", path, 1, MOST_PRODUCTS)
        count += len(items)
        for at, item in enumerate(items):
            text_at(item, "product_retailer_id", f"{path}[{at}]['product_retailer_id']")
    if count > MOST_PRODUCTS:
        raise errors.bad_value(f"interactive['action']['sections']: at most {MOST_PRODUCTS} items in total.")


def _voice_call(action: Part) -> None:
    path = "interactive['action']['parameters']"
    parameters = optional_object_at(action, "parameters", path)
    optional_text_at(parameters, "display_text", f"{path}['display_text']", 20)
    if parameters.get("ttl_minutes") is not None:
        checks.whole_at(parameters, "ttl_minutes", f"{path}['ttl_minutes']", 1, 43200)


def _address(action: Part) -> None:
    """India only."""
    if _parameters(action).get("country") != "IN":
        raise errors.bad_value("interactive['action']['parameters']['country'] must be IN.")


def _nothing_more(_action: Part) -> None:
    return None


def _catalog(action: Part) -> None:
    optional_object_at(action, "parameters", "interactive['action']['parameters']")


def _with_parameters(action: Part) -> None:
    _parameters(action)


ACTIONS: dict[str, Callable[[Part], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _cta_url,
    "flow": _named("flow", _flow),
    "product": _product,
    "product_list": _product_list,
    "catalog_message": _named("catalog_message", _catalog),
    "location_request_message": _named("send_location", _nothing_more),
    "address_message": _named("address_message", _address),
    "voice_call": _named("voice_call", _voice_call),
    "call_permission_request": _named("call_permission_request", _nothing_more),
    "request_contact_info": _named("request_contact_info", _nothing_more),
    "order_details": _named("review_and_pay", _with_parameters),
    "order_status": _named("review_order", _with_parameters),
}
KINDS = frozenset({*ACTIONS, "carousel"})

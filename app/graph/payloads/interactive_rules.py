"""Limits of interactive messages, a check for each `interactive.type`.

Source: Meta docs, "Interactive messages" pages, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Callable

from app.graph.checking import Spot, no_repeats
from app.graph.payloads.carousel_rules import check_carousel
from app.graph.payloads.parts import check_body, check_footer, check_header, check_link_button

LIST_BODY_CHARACTERS = 4096
MOST_BUTTONS = 3
MOST_SECTIONS = 10
MOST_ROWS = 10
MOST_PRODUCTS = 30
_FLOW_BUTTON_CHARACTERS = 30
_LONGEST_CALL_MINUTES = 43_200
_MEDIA = ("text", "image", "video", "document")
_NO_HEADER = "This kind of message has no header."


def check_interactive(spot: Spot) -> None:
    if not spot.object("The interactive message"):
        return
    kind = spot["type"].choice("The kind of interactive message", tuple(_CHECKS))
    if kind and spot["action"].object("The action"):
        _CHECKS[kind](spot)


def _check_buttons(spot: Spot) -> None:
    check_header(spot, _MEDIA)
    check_body(spot)
    check_footer(spot)
    buttons = spot["action"]["buttons"].list("Buttons", 1, MOST_BUTTONS)
    for button in buttons:
        button["type"].choice("The button's type", ("reply",))
        if button["reply"].object("The button's reply"):
            button["reply"]["id"].text("The button's id", 256)
            button["reply"]["title"].text("The button's title", 20)
    no_repeats([button["reply"]["id"] for button in buttons], "Two buttons have the same id.")
    no_repeats([button["reply"]["title"] for button in buttons], "Two buttons have the same title.")


def _check_list(spot: Spot) -> None:
    check_header(spot, ("text",))
    check_body(spot, LIST_BODY_CHARACTERS)
    check_footer(spot)
    action = spot["action"]
    action["button"].text("The button that opens the list", 20)
    sections = action["sections"].list("Sections", 1, MOST_SECTIONS)
    rows = [row for section in sections for row in section["rows"].list("Rows", 1)]
    for section in sections:
        section["title"].text("The section's title", 24, required=len(sections) > 1)
    for row in rows:
        row["id"].text("The row's id", 200)
        row["title"].text("The row's title", 24)
        row["description"].text("The row's description", 72, required=False)
    no_repeats([row["id"] for row in rows], "Two rows have the same id.")
    if len(rows) > MOST_ROWS:
        action["sections"].note(
            f"A list holds {MOST_ROWS} rows over all sections; this one has {len(rows)}.",
            "too_many",
        )


def _check_cta_url(spot: Spot) -> None:
    check_header(spot, _MEDIA)
    check_body(spot)
    check_footer(spot)
    check_link_button(spot["action"])


def _check_flow(spot: Spot) -> None:
    check_header(spot, _MEDIA)
    check_body(spot)
    check_footer(spot)
    action = spot["action"]
    action["name"].choice("The action's name", ("flow",))
    options = action["parameters"]
    if options.object("The Flow's settings"):
        _check_flow_options(options)


def _check_flow_options(options: Spot) -> None:
    options["flow_message_version"].choice("The Flow message version", ("3",))
    if bool(options["flow_id"].value) == bool(options["flow_name"].value):
        options.note("A Flow is named either by its id or by its name.", "missing")
    options["flow_cta"].text("The Flow's button", _FLOW_BUTTON_CHARACTERS)
    options["flow_cta"].no_emoji("The Flow's button")
    options["mode"].choice("The mode", ("published", "draft"), required=False)
    options["flow_token"].text("The Flow token", required=False)
    action = options["flow_action"].choice("The Flow's action", ("navigate", "data_exchange"), required=False)
    payload = options["flow_action_payload"]
    if action == "data_exchange":
        payload.absent("A first screen is given only with the action navigate.")
    elif payload.object("The first screen", required=False):
        payload["screen"].text("The first screen")
        if payload["data"].value in ({}, []):
            payload["data"].note("The first screen's data may not be empty.", "missing")


def _check_product(spot: Spot) -> None:
    spot["header"].absent("A message about one product has no header.")
    check_body(spot, required=False)
    check_footer(spot)
    spot["action"]["catalog_id"].text("The catalogue")
    spot["action"]["product_retailer_id"].text("The product")


def _check_product_list(spot: Spot) -> None:
    check_header(spot, ("text",), required=True)
    check_body(spot)
    check_footer(spot)
    action = spot["action"]
    action["catalog_id"].text("The catalogue")
    sections = action["sections"].list("Sections", 1, MOST_SECTIONS)
    products = [p for section in sections for p in section["product_items"].list("Products", 1)]
    for section in sections:
        section["title"].text("The section's title", 24, required=len(sections) > 1)
    for product in products:
        product["product_retailer_id"].text("The product")
    if len(products) > MOST_PRODUCTS:
        action["sections"].note(
            f"A list holds {MOST_PRODUCTS} products; this one has {len(products)}.", "too_many"
        )


def _check_catalog(spot: Spot) -> None:
    spot["header"].absent(_NO_HEADER)
    check_body(spot)
    check_footer(spot)
    spot["action"]["name"].choice("The action's name", ("catalog_message",))
    spot["action"]["parameters"].object("The catalogue's settings", required=False)


def _check_body_only(action_name: str) -> Callable[[Spot], None]:
    def check(spot: Spot) -> None:
        check_body(spot)
        spot["header"].absent(_NO_HEADER)
        spot["footer"].absent("This kind of message has no footer.")
        spot["action"]["name"].choice("The action's name", (action_name,))

    return check


def _check_address(spot: Spot) -> None:
    spot["header"].absent(_NO_HEADER)
    check_body(spot)
    check_footer(spot)
    spot["action"]["name"].choice("The action's name", ("address_message",))
    options = spot["action"]["parameters"]
    if options.object("The address settings"):
        options["country"].choice("The country", ("IN",))


def _check_voice_call(spot: Spot) -> None:
    spot["header"].absent(_NO_HEADER)
    check_body(spot)
    check_footer(spot)
    spot["action"]["name"].choice("The action's name", ("voice_call",))
    options = spot["action"]["parameters"]
    if options.object("The call button's settings", required=False):
        options["display_text"].text("The call button's text", 20, required=False)
        if not options["ttl_minutes"].is_missing:
            options["ttl_minutes"].whole("The button's life in minutes", 1, _LONGEST_CALL_MINUTES)


def _check_call_permission(spot: Spot) -> None:
    spot["header"].absent(_NO_HEADER)
    check_body(spot)
    check_footer(spot)
    spot["action"]["name"].choice("The action's name", ("call_permission_request",))


def _check_order(action_name: str, headers: tuple[str, ...] = ()) -> Callable[[Spot], None]:
    def check(spot: Spot) -> None:
        if headers:
            check_header(spot, headers)
        else:
            spot["header"].absent(_NO_HEADER)
        check_body(spot)
        check_footer(spot)
        spot["action"]["name"].choice("The action's name", (action_name,))
        spot["action"]["parameters"].object("The order")

    return check


_CHECKS: dict[str, Callable[[Spot], None]] = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_cta_url,
    "flow": _check_flow,
    "product": _check_product,
    "product_list": _check_product_list,
    "catalog_message": _check_catalog,
    "location_request_message": _check_body_only("send_location"),
    "address_message": _check_address,
    "carousel": check_carousel,
    "voice_call": _check_voice_call,
    "call_permission_request": _check_call_permission,
    "request_contact_info": _check_body_only("request_contact_info"),
    "order_details": _check_order("review_and_pay", _MEDIA),
    "order_status": _check_order("review_order"),
}

INTERACTIVE_KINDS = tuple(_CHECKS)

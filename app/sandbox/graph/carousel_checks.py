"""Rules of carousels: two to ten cards, all made alike.

Source: Meta docs, "Interactive media carousel messages" page, read 2026-09.
"""

from typing import Any

from . import checks, errors
from .checks import list_at, object_at, optional_object_at, text_at
from .registry import Call

CARDS = "interactive['action']['cards']"
LONGEST_CARD_BODY, MOST_LINE_BREAKS, LONGEST_BUTTON = 160, 2, 20
Part = dict[str, Any]


def check(call: Call, action: Part) -> None:
    """Each card by itself, then all together."""
    cards = list_at(action, "cards", CARDS, 2, 10)
    shapes, catalogs = set(), set()
    for index, card in enumerate(cards):
        path = f"{CARDS}[{index}]"
        if card.get("card_index") != index or isinstance(card["card_index"], bool):
            raise errors.bad_value(f"{path}['card_index'] must be {index}.")
        inner = object_at(card, "action", f"{path}['action']")
        if card.get("type") == "product":
            text_at(inner, "product_retailer_id", f"{path}['action']['product_retailer_id']")
            catalogs.add(text_at(inner, "catalog_id", f"{path}['action']['catalog_id']"))
            shapes.add(("product", 0))
        elif card.get("type") == "cta_url":
            shapes.add(("cta_url", _media_card(call, card, inner, path)))
        else:
            raise errors.bad_value(f"{path}['type'] must be cta_url or product.")
    if len(shapes) > 1:
        raise errors.bad_value(f"{CARDS}: all cards need the same kind and number of buttons.")
    if len(catalogs) > 1:
        raise errors.bad_value(f"{CARDS}: all cards must come from one catalog.")


def _media_card(call: Call, card: Part, action: Part, path: str) -> int:
    """The number of quick replies; -1 for a link."""
    header = object_at(card, "header", f"{path}['header']")
    form = header.get("type")
    if form not in ("image", "video"):
        raise errors.bad_value(f"{path}['header']['type'] must be image or video.")
    media = object_at(header, form, f"{path}['header']['{form}']")
    checks.media_reference(call.db, call.node.waba_id, media, f"{path}['header']['{form}']")
    body = optional_object_at(card, "body", f"{path}['body']")
    checks.optional_text_at(body, "text", f"{path}['body']['text']", LONGEST_CARD_BODY)
    if (body.get("text") or "").count("\n") > MOST_LINE_BREAKS:
        raise errors.bad_value(f"{path}['body']['text'] has at most {MOST_LINE_BREAKS} line breaks.")
    if action.get("buttons") is None:
        check_link(action, f"{path}['action']")
        return -1
    buttons = list_at(action, "buttons", f"{path}['action']['buttons']", 1, None)
    for at, button in enumerate(buttons):
        _quick_reply(button, f"{path}['action']['buttons'][{at}]")
    return len(buttons)


def _quick_reply(button: Part, path: str) -> None:
    if button.get("type") != "quick_reply":
        raise errors.bad_value(f"{path}['type'] must be quick_reply.")
    reply = object_at(button, "quick_reply", f"{path}['quick_reply']")
    text_at(reply, "id", f"{path}['quick_reply']['id']", LONGEST_BUTTON)
    text_at(reply, "title", f"{path}['quick_reply']['title']", LONGEST_BUTTON)


def check_link(action: Part, path: str) -> None:
    """The action of a button that opens a web page."""
    if action.get("name") != "cta_url":
        raise errors.bad_value(f"{path}['name'] must be cta_url.")
    parameters = object_at(action, "parameters", f"{path}['parameters']")
    text_at(parameters, "display_text", f"{path}['parameters']['display_text']", LONGEST_BUTTON)
    checks.url_at(parameters, "url", f"{path}['parameters']['url']")

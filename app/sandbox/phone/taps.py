"""What a tap sends: the customer's answer to each kind of button, from the message it stands under."""

from collections.abc import Callable
from typing import Any

from .. import clock, ids
from ..database import Row, to_json
from ..digits import whole_number
from ..inbound import InvalidInbound
from .actions import product_names
from .chat import Customer

Message = dict[str, Any]

PLACE = {"latitude": 51.5045, "longitude": -0.0865, "name": "London Bridge", "address": "London SE1 9SP"}
ADDRESS = {"name": "Nadia Brook", "address": "12 Harbour Lane", "city": "Mumbai", "in_pin_code": "400001"}
# A permission to call lasts seven days. Source: Meta docs, "Calling API" page, read 2026-03.
CALL_PERMISSION_S = 7 * 86_400


def _button(target: Row, key: str, _customer: Customer) -> Message:
    buttons = target["payload"]["interactive"]["action"]["buttons"]
    reply = _chosen([button["reply"] for button in buttons], key)
    return _interactive("button_reply", {"id": reply["id"], "title": reply["title"]})


def _card(target: Row, key: str, _customer: Customer) -> Message:
    """A quick reply of a carousel's card (unverified: answered like a reply button)."""
    cards = target["payload"]["interactive"]["action"]["cards"]
    replies = [button["quick_reply"] for card in cards for button in card["action"].get("buttons", [])]
    reply = _chosen(replies, key)
    return _interactive("button_reply", {"id": reply["id"], "title": reply["title"]})


def _row(target: Row, key: str, _customer: Customer) -> Message:
    sections = target["payload"]["interactive"]["action"]["sections"]
    row = _chosen([row for section in sections for row in section["rows"]], key)
    reply = {name: row[name] for name in ("id", "title", "description") if row.get(name)}
    return _interactive("list_reply", reply)


def _template(target: Row, key: str, _customer: Customer) -> Message:
    """The payload of the send; without one it equals the label. `key`: button, or card, dot, button."""
    card, _, index = key.rpartition(".")
    created, sent = target["payload"]["_components"], target["payload"]["template"].get("components") or []
    if card:
        created, sent = _card_of(created, card), _card_of(sent, card)
    found = [part["buttons"] for part in created if part["type"] == "BUTTONS"]
    buttons = found[0] if found else []
    position = whole_number(index)
    if position is None or position >= len(buttons):
        raise InvalidInbound("That button does not exist.")
    label = buttons[position]["text"]
    payloads = [
        parameter["payload"]
        for part in sent
        if str(part.get("type", "")).lower() == "button" and str(part.get("index")) == index
        for parameter in part.get("parameters") or []
        if "payload" in parameter
    ]
    return {"type": "button", "button": {"payload": payloads[0] if payloads else label, "text": label}}


def _card_of(components: list[Message], card: str) -> list[Message]:
    """The components of the card with that index; none when there is no such card."""
    cards, position = _cards(components), whole_number(card)
    return [] if position is None or position >= len(cards) else list(cards[position]["components"])


def _cards(components: list[Message]) -> list[Message]:
    found = [part["cards"] for part in components if str(part.get("type")).lower() == "carousel"]
    return list(found[0]) if found else []


def _location(_target: Row, _key: str, _customer: Customer) -> Message:
    return {"type": "location", "location": PLACE}


def _address(_target: Row, _key: str, _customer: Customer) -> Message:
    answer = to_json({"saved_address_id": "", "values": ADDRESS})
    return _interactive("nfm_reply", {"name": "address_message", "body": "Sent", "response_json": answer})


def _call(_target: Row, key: str, _customer: Customer) -> Message:
    if key not in {"accept", "reject"}:
        raise InvalidInbound("A call is allowed with accept or reject.")
    reply: Message = {"response": key, "response_source": "user_action"}
    if key == "accept":
        reply["expiration_timestamp"] = int(clock.now()) + CALL_PERMISSION_S
    return _interactive("call_permission_reply", reply)


def _contact(_target: Row, _key: str, customer: Customer) -> Message:
    person = {
        "name": {"formatted_name": customer.name, "first_name": customer.name.split()[0]},
        "phones": [{"phone": ids.display_number(customer.wa_id), "type": "CELL", "wa_id": customer.wa_id}],
        "origin": "contact_request",
    }
    return {"type": "contacts", "contacts": [person]}


def _order(target: Row, key: str, _customer: Customer) -> Message:
    """One of that product, or without a key one of each; prices are made up."""
    action = target["payload"]["interactive"]["action"]
    offered = product_names(action) + [
        name for card in action.get("cards", []) for name in product_names(card.get("action") or {})
    ]
    wanted = [name for name in offered if key in ("", name)]
    if not wanted:
        raise InvalidInbound("That product was not offered.")
    catalogs = [action, *(card.get("action") or {} for card in action.get("cards", []))]
    catalog = next((str(part["catalog_id"]) for part in catalogs if "catalog_id" in part), "")
    items = [
        {"product_retailer_id": name, "quantity": 1, "item_price": 10, "currency": "USD"} for name in wanted
    ]
    return {"type": "order", "order": {"catalog_id": catalog, "text": "", "product_items": items}}


def _interactive(kind: str, reply: Message) -> Message:
    return {"type": "interactive", "interactive": {"type": kind, kind: reply}}


def _chosen(replies: list[Message], key: str) -> Message:
    found = next((reply for reply in replies if reply["id"] == key), None)
    if found is None:
        raise InvalidInbound("That button does not exist.")
    return found


TAPS: dict[str, Callable[[Row, str, Customer], Message]] = {
    "button": _button,
    "card": _card,
    "list": _row,
    "template": _template,
    "location": _location,
    "address": _address,
    "call": _call,
    "contact": _contact,
    "order": _order,
}

"""What can be tapped under a message, and the cards of a carousel: read from what the business sent."""

from dataclasses import dataclass, field
from typing import Any

Part = dict[str, Any]

ACCEPT, DECLINE = "Allow", "Not now"


@dataclass(frozen=True)
class Action:
    """A button or list row. `tap`: what to post when it can be tapped; "" when it cannot.

    reveal: what a real phone would do at a tap, said instead of done. copy: what it would copy.
    """

    label: str
    tap: str = ""
    icon: str = ""
    is_chosen: bool = False
    note: str = ""
    reveal: str = ""
    copy: str = ""


@dataclass
class Card:
    """One card of a carousel; `media`: (kind, its object) or None."""

    text: str = ""
    media: tuple[str, Part] | None = None
    actions: list[Action] = field(default_factory=list)


def of_interactive(content: Part, chosen: set[str]) -> list[Action]:
    """Every kind of Meta's but lists; one that is not known shows its name."""
    kind = str(content["type"])
    if kind not in READERS:
        return [Action(kind.replace("_", " ").capitalize())]
    return READERS[kind](content.get("action") or {}, chosen)


def cards_of(content: Part, chosen: set[str]) -> list[Card]:
    """Of an interactive carousel."""
    if content["type"] != "carousel":
        return []
    return [_card(card, chosen) for card in content["action"]["cards"]]


def _card(card: Part, chosen: set[str]) -> Card:
    action = card.get("action") or {}
    if "product_retailer_id" in action:
        name = str(action["product_retailer_id"])
        return Card(f"Product {name}", actions=[_order(name)])
    header = card.get("header") or {}
    kind = header.get("type")
    media = (str(kind), header[kind]) if kind in {"image", "video"} else None
    text = str((card.get("body") or {}).get("text") or "")
    if "buttons" in action:
        return Card(
            text, media, [_quick_reply(button["quick_reply"], chosen) for button in action["buttons"]]
        )
    return Card(text, media, _cta(action, chosen))


def _quick_reply(part: Part, chosen: set[str]) -> Action:
    return reply(f"card:{part['id']}", part, chosen)


def reply(tap: str, part: Part, chosen: set[str]) -> Action:
    is_chosen = str(part["id"]) in chosen
    return Action(str(part["title"]), tap, is_chosen=is_chosen, note=str(part.get("description") or ""))


def _buttons(action: Part, chosen: set[str]) -> list[Action]:
    return [reply(f"button:{part['reply']['id']}", part["reply"], chosen) for part in action["buttons"]]


def sections_of(action: Part, chosen: set[str]) -> list[tuple[str, list[Action]]]:
    """Of a list: title ("" when it has none) and rows."""
    return [
        (
            str(section.get("title") or ""),
            [reply(f"list:{row['id']}", row, chosen) for row in section["rows"]],
        )
        for section in action["sections"]
    ]


def _cta(action: Part, _chosen: set[str]) -> list[Action]:
    parameters = action["parameters"]
    return [
        Action(str(parameters["display_text"]), icon="external-link", reveal=f"Opens {parameters['url']}")
    ]


def _flow(action: Part, _chosen: set[str]) -> list[Action]:
    return [Action(str(action["parameters"]["flow_cta"]), "flow:", "list")]


def _location(_action: Part, _chosen: set[str]) -> list[Action]:
    return [Action("Send location", "location:", "map-pin")]


def _address(_action: Part, _chosen: set[str]) -> list[Action]:
    return [Action("Provide address", "address:", "map-pin")]


def _contact(_action: Part, _chosen: set[str]) -> list[Action]:
    return [Action("Share contact info", "contact:", "user")]


def _call_permission(_action: Part, chosen: set[str]) -> list[Action]:
    return call_permission(chosen)


def call_permission(chosen: set[str]) -> list[Action]:
    return [
        Action(ACCEPT, "call:accept", "phone", "accept" in chosen),
        Action(DECLINE, "call:reject", is_chosen="reject" in chosen),
    ]


def _call(action: Part, _chosen: set[str]) -> list[Action]:
    label = str((action.get("parameters") or {}).get("display_text") or "Call on WhatsApp")
    return [Action(label, icon="phone", reveal="Starts a WhatsApp call; the sandbox has no calls")]


def _order(name: str) -> Action:
    return Action("Order it", f"order:{name}", "shopping-cart")


def _product(action: Part, _chosen: set[str]) -> list[Action]:
    return [_order(str(action["product_retailer_id"]))]


def _products(action: Part, _chosen: set[str]) -> list[Action]:
    return [Action("Order one of each", "order:", "shopping-cart", note=", ".join(product_names(action)))]


def _catalog(action: Part, _chosen: set[str]) -> list[Action]:
    if names := product_names(action):
        return [_order(names[0])]
    return [
        Action("View catalogue", icon="shopping-cart", reveal="Opens the catalogue; the sandbox has none")
    ]


def _nothing(_action: Part, _chosen: set[str]) -> list[Action]:
    return []


def product_names(action: Part) -> list[str]:
    """Retailer ids of a list of products, a single one included; of a catalogue the one that is pictured."""
    if "product_retailer_id" in action:
        return [str(action["product_retailer_id"])]
    if shown := (action.get("parameters") or {}).get("thumbnail_product_retailer_id"):
        return [str(shown)]
    items = [item for section in action.get("sections") or [] for item in section.get("product_items") or []]
    return [str(item["product_retailer_id"]) for item in items]


READERS = {
    "button": _buttons,
    "list": _nothing,
    "cta_url": _cta,
    "flow": _flow,
    "location_request_message": _location,
    "address_message": _address,
    "request_contact_info": _contact,
    "call_permission_request": _call_permission,
    "voice_call": _call,
    "product": _product,
    "product_list": _products,
    "catalog_message": _catalog,
    "carousel": _nothing,
}

"""What the Node clients' scripts send, as Meta documents it, and what the customer writes to them."""

from __future__ import annotations

from typing import Any

Part = dict[str, Any]
IMAGE, AUDIO, VIDEO, DOCUMENT, STICKER = "<image>", "<audio>", "<video>", "<document>", "<sticker>"
GREETING, FLOW = "<greeting>", "<flow>"
CATALOG = "600100200300601"


def _interactive(kind: str, text: str, action: Part, **more: Any) -> Part:
    return {"type": kind, "body": {"text": text}, "action": action, **more}


def _card(index: int) -> Part:
    link = f"https://bakery.example/{index}"
    return {
        "card_index": index,
        "type": "cta_url",
        "header": {"type": "image", "image": {"link": f"{link}.jpg"}},
        "body": {"text": f"Bread {index}"},
        "action": {"name": "cta_url", "parameters": {"display_text": "Buy", "url": link}},
    }


def _body(*texts: str) -> Part:
    return {"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}


def _quick_reply(index: int, payload: str) -> Part:
    parameters = [{"type": "payload", "payload": payload}]
    return {"type": "button", "sub_type": "quick_reply", "index": index, "parameters": parameters}


# Step → type and its object. Names in angle brackets stand for ids of that day.
SENT: dict[str, tuple[str, Any]] = {
    "send text": (
        "text",
        {"body": "Your loaf is ready: https://bakery.example/17 \U0001f35e", "preview_url": True},
    ),
    "send image": ("image", {"id": IMAGE, "caption": "Your loaf"}),
    "send image by link": ("image", {"link": "https://bakery.example/loaf.jpg"}),
    "send audio": ("audio", {"id": AUDIO, "voice": True}),
    "send video": ("video", {"id": VIDEO, "caption": "The oven"}),
    "send document": ("document", {"id": DOCUMENT, "caption": "The menu", "filename": "menu.pdf"}),
    "send sticker": ("sticker", {"id": STICKER}),
    "send location": (
        "location",
        {"latitude": 51.5, "longitude": -0.12, "name": "Harbour Lane", "address": "1 Harbour Lane"},
    ),
    "send contacts": (
        "contacts",
        [
            {
                "name": {"formatted_name": "Ada Baker", "first_name": "Ada"},
                "phones": [{"phone": "+447700900123", "type": "WORK", "wa_id": "447700900123"}],
                "emails": [{"email": "ada@bakery.example", "type": "WORK"}],
                "org": {"company": "Harbour Lane"},
            }
        ],
    ),
    "send reaction": ("reaction", {"message_id": GREETING, "emoji": "\U0001f35e"}),
    "send buttons": (
        "interactive",
        _interactive(
            "button",
            "Collect it today?",
            {
                "buttons": [
                    {"type": "reply", "reply": {"id": "yes", "title": "Yes"}},
                    {"type": "reply", "reply": {"id": "no", "title": "No"}},
                ]
            },
            header={"type": "image", "image": {"id": IMAGE}},
            footer={"text": "Harbour Lane"},
        ),
    ),
    "send list": (
        "interactive",
        _interactive(
            "list",
            "When?",
            {
                "button": "Times",
                "sections": [
                    {
                        "title": "Today",
                        "rows": [{"id": "t10", "title": "10:00", "description": "Half an hour"}],
                    }
                ],
            },
            header={"type": "text", "text": "Slots"},
        ),
    ),
    "send link button": (
        "interactive",
        _interactive(
            "cta_url",
            "Track it",
            {
                "name": "cta_url",
                "parameters": {"display_text": "Open", "url": "https://bakery.example/17"},
            },
        ),
    ),
    "send location request": (
        "interactive",
        _interactive("location_request_message", "Where are you?", {"name": "send_location"}),
    ),
    "send call permission request": (
        "interactive",
        _interactive("call_permission_request", "May we call?", {"name": "call_permission_request"}),
    ),
    "send contact request": (
        "interactive",
        _interactive("request_contact_info", "Your number, please", {"name": "request_contact_info"}),
    ),
    "send address request": (
        "interactive",
        _interactive(
            "address_message",
            "Where to?",
            {"name": "address_message", "parameters": {"country": "IN", "values": {"name": "Asha"}}},
        ),
    ),
    "send product": (
        "interactive",
        _interactive("product", "Our rye", {"catalog_id": CATALOG, "product_retailer_id": "RYE-1"}),
    ),
    "send product list": (
        "interactive",
        _interactive(
            "product_list",
            "Our picks",
            {
                "catalog_id": CATALOG,
                "sections": [{"title": "Bread", "product_items": [{"product_retailer_id": "RYE-1"}]}],
            },
            header={"type": "text", "text": "Shop"},
        ),
    ),
    "send catalog": (
        "interactive",
        _interactive(
            "catalog_message",
            "All we bake",
            {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "RYE-1"}},
        ),
    ),
    "send carousel": ("interactive", _interactive("carousel", "New in", {"cards": [_card(0), _card(1)]})),
    "send flow": (
        "interactive",
        _interactive(
            "flow",
            "Breakfast?",
            {
                "name": "flow",
                "parameters": {
                    "flow_message_version": "3",
                    "flow_id": FLOW,
                    "flow_cta": "Choose",
                    "flow_token": "tok-1",
                    "mode": "published",
                    "flow_action": "navigate",
                    "flow_action_payload": {"screen": "ASK", "data": {"bread": "rye"}},
                },
            },
        ),
    ),
    "send message template": (
        "template",
        {"name": "order_update", "language": {"code": "en_US"}, "components": [_body("Ana", "17")]},
    ),
    "send message template with buttons": (
        "template",
        {
            "name": "appointment_confirmation",
            "language": {"code": "en_US"},
            "components": [
                _body("Ana", "Monday"),
                *(_quick_reply(index, word) for index, word in enumerate(("confirm", "move", "cancel"))),
            ],
        },
    ),
}

PERSON = {"name": {"formatted_name": "Bo Miller", "first_name": "Bo"}, "phones": [{"phone": "+447700900124"}]}
ORDER_ITEM = {"product_retailer_id": "RYE-1", "quantity": 2, "item_price": 4.5, "currency": "GBP"}
MOVED = {"body": "Ana changed", "type": "user_changed_number", "wa_id": "447700900901"}


def _plain(kind: str, content: Any, **more: Any) -> Part:
    return {"type": kind, kind: content, **more}


# What the customer writes after the script's steps.
WRITTEN: dict[str, Part] = {
    "text": _plain("text", {"body": "Wo ist mein Brot? \u00bfY el caf\u00e9? \U0001f950"}),
    "image": _plain("image", {"caption": "Like this"}),
    "audio": _plain("audio", {}),
    "video": _plain("video", {}),
    "document": _plain("document", {"filename": "order.pdf"}),
    "sticker": _plain("sticker", {"animated": False}),
    "location": _plain("location", {"latitude": 51.5, "longitude": -0.12, "name": "Home"}),
    "contacts": _plain("contacts", [PERSON]),
    "template button": _plain("button", {"payload": "confirm", "text": "Confirm"}),
    "reply button": _plain(
        "interactive", {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes"}}
    ),
    "list row": _plain("interactive", {"type": "list_reply", "list_reply": {"id": "t10", "title": "10:00"}}),
    "flow answer": _plain(
        "interactive",
        {
            "type": "nfm_reply",
            "nfm_reply": {
                "name": "flow",
                "body": "Sent",
                "response_json": '{"flow_token":"tok-1","bread":"rye"}',
            },
        },
    ),
    "order": _plain("order", {"catalog_id": CATALOG, "product_items": [ORDER_ITEM]}),
    "reaction": _plain("reaction", {"message_id": "wamid.X", "emoji": "\U0001f44d"}),
    "changed number": _plain("system", MOVED),
    "unsupported": {"type": "unsupported"},
}

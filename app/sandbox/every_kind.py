"""One message of every kind a customer can send: to see how an app shows them.

Source: Meta docs, "Webhooks: messages" pages, read 2026-09.
"""

import json
from typing import Any

from . import ids

Message = dict[str, Any]

_FORMATTED = (
    "*Bold*, _italic_, ~struck~ and `code`\n> a quote\n- one point\n- another point\n1. first\n"
    "```let x = 1```\nhttps://shop.example/p/4711?from=chat"
)
_AD = {
    "source_url": "https://fb.example/ad/abc123",
    "source_id": "120210000000000001",
    "source_type": "ad",
    "headline": "Harbour tours",
    "body": "Book this week and save",
    "media_type": "image",
    "image_url": "https://media.example/ad.jpg",
    "ctwa_clid": "ARsampleClickId0001",
    "welcome_message": {"text": "Hi! How can we help?"},
}
_PERSON = {
    "name": {"formatted_name": "Eve Demo", "first_name": "Eve", "last_name": "Demo"},
    "org": {"company": "Demo Ltd", "title": "Buyer"},
    "phones": [
        {"phone": "+44 7700 900321", "type": "CELL", "wa_id": "447700900321"},
        {"phone": "+44 20 7946 0321", "type": "WORK"},
    ],
    "emails": [{"email": "eve@example.com", "type": "WORK"}],
    "urls": [{"url": "https://demo.example", "type": "WORK"}],
    "addresses": [{"street": "1 Example Street", "city": "Sampletown", "country": "United Kingdom"}],
    "birthday": "1990-02-28",
}
_ITEMS = [
    {"product_retailer_id": "SKU-1001", "quantity": 2, "item_price": 12.5, "currency": "GBP"},
    {"product_retailer_id": "SKU-1002", "quantity": 1, "item_price": 4, "currency": "GBP"},
]
_ADDRESS = {"name": "Nadia Brook", "address": "12 Harbour Lane", "city": "Mumbai", "in_pin_code": "400001"}
_UNKNOWN_TO_US = {"id": "wamid.NEVER-KEPT"}


def every_kind(wa_id: str) -> list[Message]:
    """In an order that makes sense in a chat; those that speak of another bring its id."""
    greeting, typo, regret, photo = (ids.wamid(wa_id) for _ in range(4))
    return [
        {"type": "request_welcome"},
        _text("Can I get more info about the tour?", referral=_AD),
        _text(_FORMATTED, id=greeting),
        _text("The 13 of May", id=typo),
        {"type": "edit", "edit": _edit(typo, "The 31 of May")},
        _text("My card number is 4242", id=regret),
        {"type": "revoke", "revoke": {"original_message_id": regret}},
        _text("Yes, that one", context={"id": greeting}),
        _text("About what you wrote in spring", context=_UNKNOWN_TO_US),
        _text(
            "Is it in stock?",
            context={"referred_product": {"catalog_id": "6001", "product_retailer_id": "SKU-1"}},
        ),
        _text("Passed on", context={"forwarded": True}),
        {"type": "image", "image": {"caption": "The damaged box"}, "id": photo},
        {"type": "reaction", "reaction": {"message_id": photo, "emoji": "👍"}},
        {"type": "image", "image": {}, "context": {"forwarded": True, "frequently_forwarded": True}},
        {"type": "video", "video": {"caption": "clip"}},
        {"type": "audio", "audio": {"voice": True}},
        {"type": "audio", "audio": {"voice": False}},
        {"type": "document", "document": {"filename": "invoice 17.pdf", "caption": "My invoice"}},
        {"type": "sticker", "sticker": {"animated": False}},
        {"type": "location", "location": _place()},
        {"type": "contacts", "contacts": [_PERSON]},
        {"type": "button", "button": {"payload": "CONFIRM_4711", "text": "Confirm"}},
        _chosen("button_reply", {"id": "menu:orders", "title": "My orders"}),
        _chosen("list_reply", {"id": "slot:2", "title": "Tuesday 10:00", "description": "30 minutes"}),
        _form("flow", {"flow_token": "tok-0001", "email": "ana@example.com", "guests": "3"}),
        _form("address_message", {"values": _ADDRESS}),
        _chosen("call_permission_reply", {"response": "accept", "response_source": "user_action"}),
        {
            "type": "order",
            "order": {"catalog_id": "600100200300601", "text": "After 6 pm, please", "product_items": _ITEMS},
        },
        _system("user_changed_number", "User Ana changed from 15550100101 to 15550100111"),
        _system("customer_identity_changed", "") | {"identity": {"acknowledged": "true", "hash": "Df6Z"}},
        {"type": "unsupported", "unsupported": {"type": "poll_creation"}},
        {"type": "unsupported"},
        _text("Written in a group", group_id="Y2FwaV9ncm91cDpzYW1wbGU"),
    ]


def _text(body: str, **beside: Any) -> Message:
    return {"type": "text", "text": {"body": body}, **beside}


def _edit(wamid: str, body: str) -> Message:
    return {"original_message_id": wamid, "message": {"type": "text", "text": {"body": body}}}


def _place() -> Message:
    named = {"name": "Sample Cafe", "address": "1 Example Street, Sampletown", "url": "https://cafe.example/"}
    return {"latitude": 51.5045, "longitude": -0.0865} | named


def _chosen(kind: str, reply: Message) -> Message:
    return {"type": "interactive", "interactive": {"type": kind, kind: reply}}


def _form(name: str, answers: Message) -> Message:
    return _chosen("nfm_reply", {"name": name, "body": "Sent", "response_json": json.dumps(answers)})


def _system(kind: str, body: str) -> Message:
    return {"type": "system", "system": {"type": kind, "body": body}}

"""One payload of every kind of message that the client can send, made by its own builders."""

from __future__ import annotations

from typing import Any

from app.graph import payloads

Components = list[dict[str, Any]]
LINK = "https://shop.example/file"
MEDIA_KINDS = ("image", "audio", "video", "document", "sticker")
CARD = {
    "name": {"formatted_name": "Nadia Brook", "first_name": "Nadia", "last_name": "Brook"},
    "phones": [{"phone": "+447700900900", "type": "WORK", "wa_id": "447700900900"}],
    "emails": [{"email": "nadia@shop.example", "type": "WORK"}],
    "addresses": [{"street": "1 Harbour Lane", "city": "Leith", "country": "UK", "type": "WORK"}],
    "org": {"company": "Harbour Lane", "title": "Baker"},
    "urls": [{"url": LINK, "type": "WORK"}],
    "birthday": "1990-01-31",
}
IMAGE_HEADER = {"type": "image", "image": {"link": LINK}}
ROWS = [{"id": "a", "title": "First", "description": "The first row"}, {"id": "b", "title": "Second"}]


def plain() -> dict[str, Any]:
    """Everything but media, interactive messages and message templates."""
    return {
        "text": payloads.text("Hello", preview_url=True),
        "location": payloads.location(55.97, -3.17, "Bakery", "1 Harbour Lane"),
        "contacts": payloads.contacts([CARD]),
    }


def media(ids: dict[str, str]) -> dict[str, Any]:
    """Each kind by id (`ids` by kind) and by link."""
    by_id = {f"{kind} by id": payloads.media(kind, media_id=ids[kind]) for kind in MEDIA_KINDS}
    by_link = {f"{kind} by link": payloads.media(kind, link=LINK) for kind in MEDIA_KINDS}
    return {
        **by_id,
        **by_link,
        "image with caption": payloads.media("image", link=LINK, caption="Look"),
        "document with name": payloads.media("document", link=LINK, caption="Bill", filename="bill.pdf"),
        "voice message": payloads.media("audio", media_id=ids["audio"], voice=True),
    }


def interactive(flow_id: str) -> dict[str, Any]:
    """Every interactive kind."""
    section = {"title": "Rows", "rows": ROWS}
    cards = [
        {
            "type": "cta_url",
            "header": IMAGE_HEADER,
            "body": {"text": "A card"},
            "action": {"name": "cta_url", "parameters": {"display_text": "Open", "url": LINK}},
        }
    ] * 2
    return {
        "buttons": payloads.interactive_buttons("Choose", [("a", "A"), ("b", "B")], IMAGE_HEADER, "Foot"),
        "buttons with text": payloads.interactive_buttons("Choose", [("a", "A")], "Head"),
        "list": payloads.interactive_list("Choose", "Open", [section], "Head", "Foot"),
        "link": payloads.interactive_link("Read", "Open", LINK, "Head", "Foot"),
        "flow": payloads.interactive_flow(
            "Fill in", "Start", flow_token="t", flow_id=flow_id, screen="ONLY", data={"a": "b"}
        ),
        "product": payloads.interactive_product("880011", "sku-1", "One", "Foot"),
        "products": payloads.interactive_products("Head", "Body", "880011", [("Bread", ["sku-1", "sku-2"])]),
        "catalog": payloads.interactive_catalog("All of it", "sku-1", "Foot"),
        "carousel": payloads.interactive_carousel("Look", cards),
        "location request": payloads.location_request("Where are you?"),
        "contact request": payloads.contact_request("Your number?"),
        "call request": payloads.call_request("May we call?"),
        "voice call": payloads.voice_call("Call us", "Call", 60),
        "address request": payloads.address_request("Where to?", values={"name": "Nadia"}),
    }


def text_value(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def message_templates() -> dict[str, Any]:
    """The ready-made ones with their values, and (see `TEMPLATE_BODIES`) every kind of component."""
    code: Components = [{"type": "body", "parameters": [text_value("123456")]}]
    otp = {"type": "button", "sub_type": "url", "index": "0", "parameters": [text_value("123456")]}
    money = {"fallback_value": "£5", "code": "GBP", "amount_1000": 5000}
    every: Components = [
        {"type": "header", "parameters": [{"type": "image", "image": {"link": LINK}}]},
        {
            "type": "body",
            "parameters": [
                text_value("Nadia"),
                {"type": "currency", "currency": money},
                {"type": "date_time", "date_time": {"fallback_value": "Monday"}},
            ],
        },
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "0",
            "parameters": [{"type": "payload", "payload": "yes"}],
        },
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [text_value("42")]},
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "2",
            "parameters": [{"type": "coupon_code", "coupon_code": "BREAD10"}],
        },
    ]
    named = [
        {"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Nadia"}]}
    ]
    card = {
        "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"link": LINK}}]},
            {"type": "body", "parameters": [text_value("bread")]},
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": "0",
                "parameters": [{"type": "payload", "payload": "more"}],
            },
        ]
    }
    cards = [{"card_index": at, **card} for at in (0, 1)]
    return {
        "no values": payloads.message_template("hello_world", "en_US"),
        "every component": payloads.message_template("every_component", "en_US", every),
        "named": payloads.message_template("with_names", "en_US", named),
        "one-time code": payloads.message_template("one_time_code", "en_US", [*code, otp]),
        "carousel": payloads.message_template("with_cards", "en_US", [{"type": "carousel", "cards": cards}]),
    }


def template_bodies(handle: str) -> list[dict[str, Any]]:
    """What is submitted for the messages above."""
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [handle]}}
    quick = {"type": "QUICK_REPLY", "text": "Yes"}
    link = {"type": "URL", "text": "Open", "url": f"{LINK}/{{{{1}}}}", "example": [f"{LINK}/1"]}
    every: Components = [
        header,
        {
            "type": "BODY",
            "text": "Hi {{1}}, your order now costs {{2}} if you fetch it on {{3}} at the latest.",
            "example": {"body_text": [["Nadia", "£5", "Monday"]]},
        },
        {"type": "FOOTER", "text": "Harbour Lane"},
        {"type": "BUTTONS", "buttons": [quick, link, {"type": "COPY_CODE", "example": "BREAD10"}]},
    ]
    named = {
        "type": "BODY",
        "text": "Hi {{first_name}}, welcome to our bakery.",
        "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Nadia"}]},
    }
    code: Components = [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 5},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
    ]
    card = {
        "components": [
            header,
            {
                "type": "BODY",
                "text": "Fresh {{1}} from the oven.",
                "example": {"body_text": [["bread"]]},
            },
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "More"}]},
        ]
    }
    cards: Components = [
        {"type": "BODY", "text": "Look at this."},
        {"type": "CAROUSEL", "cards": [card, card]},
    ]
    return [
        _body("every_component", "MARKETING", every),
        _body("with_names", "UTILITY", [named]) | {"parameter_format": "NAMED"},
        _body("one_time_code", "AUTHENTICATION", code),
        _body("with_cards", "MARKETING", cards),
    ]


def _body(name: str, category: str, components: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "language": "en_US", "category": category, "components": components}

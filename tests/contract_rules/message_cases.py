"""Messages of every kind that Meta takes, to be changed a little by `mutations`.

Source: Meta docs, "Messages" pages, read 2026-09.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.contract_rules.mutations import Limits, mutated

Part = dict[str, Any]
FILE = {"link": "https://shop.example/a.jpg"}
LIMITS = Limits(
    lengths=(1, 20, 24, 30, 32, 60, 64, 72, 160, 200, 240, 256, 320, 512, 1000, 1024, 2000, 4096),
    counts=(1, 2, 3, 5, 10, 30),
    words={
        "type": ("text", "image", "video", "document", "audio", "sticker", "button", "list", "reply",
                 "quick_reply", "cta_url", "product", "flow", "carousel", "rocket"),
        "link": ("https://shop.example/b", "http://shop.example/b", "HTTPS://shop.example", "shop.example",
                 "https://", "https://shop.example/a b"),
        "url": ("https://shop.example/b", "http://shop.example/b", "shop.example", "https://"),
        "id": ("880011223344556",),
        "caption": ("Bill",),
        "filename": ("a.pdf",),
        "voice": (True, "yes"),
        "preview_url": (True, "yes"),
        "latitude": (90, -90, 90.01, "12.5", "north"),
        "longitude": (180, -180, 180.01, "12.5"),
        "birthday": ("1990-02-28", "1990-02-30", "19900228", "1990-2-1"),
        "name": ("cta_url", "flow", "catalog_message", "send_location", "Shop"),
        "flow_name": ("booking",),
        "flow_cta": ("Book 🎉", "Book"),
        "mode": ("draft", "published", "live"),
        "flow_action": ("navigate", "data_exchange", "complete"),
        "flow_action_payload": ({"screen": "A"}, {"screen": "A", "data": {}}, {}),
        "data": ({}, {"a": 1}, '{"a":1}'),
        "country": ("IN", "DE"),
        "ttl_minutes": (0, 1, 43200, 43201, "60", 1.5),
        "card_index": (0, 1, 2),
        "header": ({"type": "text", "text": "Shop"}, {"type": "image", "image": {**FILE}}),
        "body": ({"text": "Hello"}, {"text": "a\nb\nc"}, {"text": "a\nb\nc\nd"}),
        "footer": ({"text": "Shop"},),
        "colour": ("red",),
        "emoji": ("👍", ""),
        "wa_id": ("15550100001",),
        "buttons": ([{"type": "quick_reply", "quick_reply": {"id": "a", "title": "A"}}],),
    },
    pieces=("🎉", "\n", " "),
    numbers=(-1, 0, 1, 2, 43200, 43201, 90, 91),
)  # fmt: skip


def interactive(kind: str, action: Part, **parts: Any) -> tuple[str, Part]:
    return "interactive", {"type": kind, "body": {"text": "Hello"}, "action": action, **parts}


def named(name: str, **parameters: Any) -> Part:
    return {"name": name, "parameters": parameters}


def card(index: int, action: Part | None = None) -> Part:
    link = named("cta_url", display_text="Buy", url="https://shop.example/a")
    header = {"type": "image", "image": {**FILE}}
    return {
        "card_index": index,
        "type": "cta_url",
        "header": header,
        "body": {"text": "One"},
        "action": action or link,
    }


def product_card(index: int) -> Part:
    return {
        "card_index": index,
        "type": "product",
        "action": {"catalog_id": "9", "product_retailer_id": f"S{index}"},
    }


QUICK = {"buttons": [{"type": "quick_reply", "quick_reply": {"id": "a", "title": "A"}}]}
REPLIES = [{"type": "reply", "reply": {"id": f"b{n}", "title": f"Choice {n}"}} for n in range(3)]
SECTIONS = [
    {
        "title": f"Part {n}",
        "rows": [{"id": f"r{n}{m}", "title": "Row", "description": "One"} for m in range(5)],
    }
    for n in range(2)
]
PRODUCTS = [{"title": f"Part {n}", "product_items": [{"product_retailer_id": f"S{n}"}]} for n in range(2)]
FLOW = {
    "flow_message_version": "3",
    "flow_id": "400100200300901",
    "flow_cta": "Book",
    "flow_token": "t-1",
    "mode": "published",
    "flow_action": "navigate",
    "flow_action_payload": {"screen": "START", "data": {"name": "Ana"}},
}
PERSON = {
    "name": {"formatted_name": "Ann Bay", "first_name": "Ann"},
    "phones": [{"phone": "+15550100001", "type": "CELL"}],
    "emails": [{"email": "ann@shop.example"}],
    "urls": [{"url": "https://shop.example"}],
    "addresses": [{"city": "Porto"}],
    "org": {"company": "Shop"},
    "birthday": "1990-02-28",
}
HEADER = {"type": "text", "text": "Shop"}
FOOTER = {"text": "Harbour Lane"}
VALID: tuple[tuple[str, Any], ...] = (
    ("text", {"body": "Hello", "preview_url": False}),
    ("image", {**FILE, "caption": "Bill"}),
    ("video", {**FILE, "caption": "Bill"}),
    ("document", {**FILE, "caption": "Bill", "filename": "a.pdf"}),
    ("audio", {**FILE, "voice": True}),
    ("sticker", {**FILE}),
    ("location", {"latitude": 41.1, "longitude": "-8.6", "name": "Shop", "address": "1 Quay"}),
    ("contacts", [PERSON, PERSON]),
    ("reaction", {"message_id": "wamid.X", "emoji": "👍"}),
    interactive("button", {"buttons": REPLIES}, header={"type": "image", "image": FILE}, footer=FOOTER),
    interactive("list", {"button": "Show", "sections": SECTIONS}, header=HEADER, footer=FOOTER),
    interactive("list", {"button": "Show", "sections": SECTIONS[:1]}),
    interactive("cta_url", named("cta_url", display_text="Open", url="https://shop.example"), header=HEADER),
    interactive("flow", named("flow", **FLOW), footer=FOOTER),
    interactive("flow", named("flow", flow_message_version="3", flow_name="a", flow_cta="Go",
                              flow_action="data_exchange")),
    interactive("product", {"catalog_id": "9", "product_retailer_id": "S1"}, footer=FOOTER),
    interactive("product_list", {"catalog_id": "9", "sections": PRODUCTS}, header=HEADER),
    interactive("catalog_message", named("catalog_message", thumbnail_product_retailer_id="S1")),
    interactive("location_request_message", {"name": "send_location"}),
    interactive("address_message", named("address_message", country="IN")),
    interactive("carousel", {"cards": [card(0), card(1)]}),
    interactive("carousel", {"cards": [card(0, QUICK), card(1, QUICK), card(2, QUICK)]}),
    interactive("carousel", {"cards": [product_card(0), product_card(1)]}),
    interactive("voice_call", named("voice_call", display_text="Call", ttl_minutes=60)),
    interactive("call_permission_request", {"name": "call_permission_request"}),
    interactive("request_contact_info", {"name": "request_contact_info"}),
    interactive("order_details", named("review_and_pay", reference_id="1")),
    interactive("order_status", named("review_order", reference_id="1")),
)  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, listed: tuple[tuple[str, Any], ...]) -> tuple[str, Any]:
    """A message with one to three changes; contents that are nothing at all are another matter."""
    kind, content = draw(st.sampled_from(listed))
    return kind, draw(mutated(st.just(content), LIMITS, most=3, least=1))

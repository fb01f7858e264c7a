"""Meta's limits on what is sent, known before the call."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph import payloads
from app.graph.payloads import InvalidPayload, validate
from tests.graph.test_reading import anything

FILE = {"link": "https://shop.example/a.jpg"}


def fields(message_type: str, content: object) -> list[str]:
    return [problem.field for problem in validate(message_type, content)]


def test_text_goes_out_in_its_envelope() -> None:
    body = payloads.envelope(
        "1 (555) 010-0001",
        content=payloads.text("Hi", preview_url=True),
        context_wamid="wamid.IN",
        callback_data="row=1",
    )
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+15550100001",
        "type": "text",
        "text": {"body": "Hi", "preview_url": True},
        "context": {"message_id": "wamid.IN"},
        "biz_opaque_callback_data": "row=1",
    }


def test_person_without_a_visible_number_is_reached_by_user_id() -> None:
    body = payloads.envelope(recipient="US.77", content=payloads.text("Hi"))
    assert body["recipient"] == "US.77"
    assert "to" not in body


def test_group_is_reached_by_its_id() -> None:
    body = payloads.envelope(group_id="G1", content=payloads.text("Hi"))
    assert (body["recipient_type"], body["to"]) == ("group", "G1")


@pytest.mark.parametrize(
    "address, field",
    [({}, "to"), ({"to": "US.77"}, "to"), ({"to": "12"}, "to"), ({"recipient": "15550100001"}, "recipient")],
)
def test_address_that_cannot_be_one_is_refused(address: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidPayload) as caught:
        payloads.envelope(**address, content=payloads.text("Hi"))
    assert [problem.field for problem in caught.value.problems] == [field]


def test_reaction_quotes_nothing_and_references_are_short() -> None:
    with pytest.raises(InvalidPayload) as caught:
        payloads.envelope(
            "+15550100001",
            content=payloads.reaction("wamid.1", "👍"),
            context_wamid="wamid.1",
            callback_data="x" * 513,
        )
    assert [problem.field for problem in caught.value.problems] == ["context", "biz_opaque_callback_data"]


def test_builders_speak_the_users_words() -> None:
    with pytest.raises(InvalidPayload) as caught:
        payloads.interactive_buttons("Sure?", [("yes", "Yes, of course and at once"), ("no", "No")])
    assert [problem.message for problem in caught.value.problems] == [
        "The button's title has 26 characters; WhatsApp allows 20."
    ]
    assert caught.value.problems[0].field == "interactive.action.buttons[0].reply.title"


def test_builders_make_metas_objects() -> None:
    assert payloads.media("document", media_id="5", caption="Bill", filename="a.pdf") == {
        "type": "document",
        "document": {"id": "5", "caption": "Bill", "filename": "a.pdf"},
    }
    assert payloads.media("audio", link="https://a.example/x.ogg", voice=True)["audio"]["voice"] is True
    assert payloads.location(1.5, -2, name="Shop")["location"] == {
        "latitude": 1.5,
        "longitude": -2,
        "name": "Shop",
    }
    person = {"name": {"formatted_name": "Ann B", "first_name": "Ann"}, "phones": [{"phone": "+1555"}]}
    assert payloads.contacts([person])["contacts"] == [person]
    assert payloads.message_template("order_sent", "en_US") == {
        "type": "template",
        "template": {"name": "order_sent", "language": {"code": "en_US"}},
    }
    listed = payloads.interactive_list(
        "Choose", "Show", [{"rows": [{"id": "1", "title": "Ten"}]}], header="Slots", footer="Shop"
    )
    assert listed["interactive"] == {
        "type": "list",
        "body": {"text": "Choose"},
        "action": {"button": "Show", "sections": [{"rows": [{"id": "1", "title": "Ten"}]}]},
        "header": {"type": "text", "text": "Slots"},
        "footer": {"text": "Shop"},
    }


def button(id_: str = "a", title: str = "A") -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": id_, "title": title}}


def interactive(kind: str, action: object, **parts: object) -> dict[str, Any]:
    return {"type": kind, "body": {"text": "Hello"}, "action": action, **parts}


def rows(count: int, start: int = 0) -> dict[str, Any]:
    listed = [{"id": f"r{number}", "title": "Row"} for number in range(start, start + count)]
    return {"title": "Part", "rows": listed}


def card(number: int, **parts: object) -> dict[str, Any]:
    link = {"name": "cta_url", "parameters": {"display_text": "Buy", "url": "https://shop.example/1"}}
    header = {"type": "image", "image": FILE}
    return {"card_index": number, "type": "cta_url", "header": header, "action": link, **parts}


def quick(count: int) -> dict[str, Any]:
    one = {"type": "quick_reply", "quick_reply": {"id": "a", "title": "A"}}
    return {"buttons": [one] * count}


FLOW = {"flow_message_version": "3", "flow_id": "9", "flow_cta": "Book"}


def flow(**options: object) -> dict[str, Any]:
    return interactive("flow", {"name": "flow", "parameters": {**FLOW, **options}})


def link_button(**options: object) -> dict[str, Any]:
    parameters = {"display_text": "Open", "url": "https://shop.example", **options}
    return interactive("cta_url", {"name": "cta_url", "parameters": parameters})


PRODUCT = {"catalog_id": "9", "product_retailer_id": "S1"}
PRODUCTS = {
    "catalog_id": "9",
    "sections": [{"title": "Tea", "product_items": [{"product_retailer_id": "S"}]}],
}
TITLE = {"type": "text", "text": "Title"}

GOOD = [
    ("text", {"body": "x" * 4096}),
    ("image", {"id": "5", "caption": "x" * 1024}),
    ("sticker", FILE),
    ("audio", {"id": "5", "voice": True}),
    ("location", {"latitude": "40.71", "longitude": -74, "name": "Shop"}),
    ("reaction", {"message_id": "wamid.1", "emoji": "👩‍👩‍👧‍👦"}),
    ("reaction", {"message_id": "wamid.1", "emoji": ""}),
    ("pin", {"type": "pin", "message_id": "wamid.1", "expiration_days": 30}),
    ("pin", {"type": "unpin", "message_id": "wamid.1"}),
    ("contacts", [{"name": {"formatted_name": "A", "last_name": "B"}, "birthday": "2000-02-29"}]),
    (
        "interactive",
        interactive("button", {"buttons": [button("a", "A"), button("b", "B"), button("c", "C")]}),
    ),
    ("interactive", interactive("button", {"buttons": [button()]}, header={"type": "image", "image": FILE})),
    ("interactive", interactive("list", {"button": "Show", "sections": [rows(4), rows(6, 4)]})),
    (
        "interactive",
        interactive("list", {"button": "Show", "sections": [rows(1)]}, body={"text": "x" * 4096}),
    ),
    ("interactive", link_button()),
    ("interactive", flow(mode="draft", flow_action="navigate", flow_action_payload={"screen": "A"})),
    ("interactive", {"type": "product", "action": PRODUCT}),
    ("interactive", interactive("product_list", PRODUCTS, header=TITLE)),
    ("interactive", interactive("catalog_message", {"name": "catalog_message"})),
    ("interactive", interactive("location_request_message", {"name": "send_location"})),
    ("interactive", interactive("request_contact_info", {"name": "request_contact_info"})),
    (
        "interactive",
        interactive("address_message", {"name": "address_message", "parameters": {"country": "IN"}}),
    ),
    ("interactive", interactive("voice_call", {"name": "voice_call", "parameters": {"ttl_minutes": 43200}})),
    ("interactive", interactive("call_permission_request", {"name": "call_permission_request"})),
    ("interactive", interactive("carousel", {"cards": [card(0), card(1)]})),
    ("interactive", interactive("carousel", {"cards": [card(0, action=quick(2)), card(1, action=quick(2))]})),
    ("interactive", interactive("order_details", {"name": "review_and_pay", "parameters": {}})),
    (
        "template",
        {
            "name": "order_sent",
            "language": {"code": "en", "policy": "deterministic"},
            "components": [
                {"type": "header", "parameters": [{"type": "image", "image": {"id": "5"}}]},
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": 0,
                    "parameters": [{"type": "text", "text": "a"}],
                },
            ],
        },
    ),
]


@pytest.mark.parametrize("kind, content", GOOD)
def test_content_within_the_limits_is_taken(kind: str, content: object) -> None:
    assert validate(kind, content) == []
    assert payloads.content(kind, content) == {"type": kind, kind: content}


BAD = [
    ("smoke", {}, "type"),
    ("text", None, "text"),
    ("text", "Hi", "text"),
    ("text", {}, "text.body"),
    ("text", {"body": " \n"}, "text.body"),
    ("text", {"body": 5}, "text.body"),
    ("text", {"body": "x" * 4097}, "text.body"),
    ("text", {"body": "x", "preview_url": "yes"}, "text.preview_url"),
    ("image", {}, "image"),
    ("image", {"id": "5", **FILE}, "image"),
    ("image", {"id": "a b"}, "image.id"),
    ("image", {"link": "http://shop.example/a.jpg"}, "image.link"),
    ("image", {"link": "javascript:alert(1)"}, "image.link"),
    ("image", {"id": "5", "caption": "x" * 1025}, "image.caption"),
    ("audio", {"id": "5", "caption": "x"}, "audio.caption"),
    ("sticker", {"id": "5", "caption": "x"}, "sticker.caption"),
    ("location", {"latitude": 91, "longitude": 0}, "location.latitude"),
    ("location", {"latitude": float("nan"), "longitude": 0}, "location.latitude"),
    ("location", {"latitude": True, "longitude": 0}, "location.latitude"),
    ("location", {"latitude": 0}, "location.longitude"),
    ("contacts", [], "contacts"),
    ("contacts", [{"name": {"formatted_name": "A", "first_name": "A"}}] * 6, "contacts"),
    ("contacts", [{"name": {"formatted_name": "A"}}], "contacts[0].name"),
    ("contacts", [{"name": {"first_name": "A"}}], "contacts[0].name.formatted_name"),
    ("contacts", [{}], "contacts[0].name"),
    (
        "contacts",
        [{"name": {"formatted_name": "A", "first_name": "A"}, "birthday": "29.2.2000"}],
        "contacts[0].birthday",
    ),
    ("reaction", {"emoji": "👍"}, "reaction.message_id"),
    ("reaction", {"message_id": "wamid.1"}, "reaction.emoji"),
    ("pin", {"type": "pin", "message_id": "w", "expiration_days": 31}, "pin.expiration_days"),
    ("interactive", {}, "interactive.type"),
    ("interactive", {"type": "button"}, "interactive.action"),
    ("interactive", interactive("button", {"buttons": []}), "interactive.action.buttons"),
    (
        "interactive",
        interactive("button", {"buttons": [button(str(n), str(n)) for n in range(4)]}),
        "interactive.action.buttons",
    ),
    (
        "interactive",
        interactive("button", {"buttons": [button("a", "A"), button("a", "B")]}),
        "interactive.action.buttons[1].reply.id",
    ),
    (
        "interactive",
        interactive("button", {"buttons": [button("a", "A"), button("b", "A")]}),
        "interactive.action.buttons[1].reply.title",
    ),
    (
        "interactive",
        interactive("button", {"buttons": [button("x" * 257)]}),
        "interactive.action.buttons[0].reply.id",
    ),
    (
        "interactive",
        interactive("button", {"buttons": [button()]}, body={"text": "x" * 1025}),
        "interactive.body.text",
    ),
    (
        "interactive",
        interactive("button", {"buttons": [button()]}, footer={"text": "x" * 61}),
        "interactive.footer.text",
    ),
    (
        "interactive",
        interactive("button", {"buttons": [button()]}, header={"type": "text", "text": "x" * 61}),
        "interactive.header.text",
    ),
    (
        "interactive",
        interactive("list", {"button": "x" * 21, "sections": [rows(1)]}),
        "interactive.action.button",
    ),
    (
        "interactive",
        interactive("list", {"button": "S", "sections": [rows(5), rows(6, 5)]}),
        "interactive.action.sections",
    ),
    (
        "interactive",
        interactive("list", {"button": "S", "sections": [rows(1)]}, header={"type": "image", "image": FILE}),
        "interactive.header.type",
    ),
    (
        "interactive",
        interactive("list", {"button": "S", "sections": [rows(1), {"rows": [{"id": "z", "title": "Z"}]}]}),
        "interactive.action.sections[1].title",
    ),
    (
        "interactive",
        interactive("list", {"button": "S", "sections": [rows(1), rows(1)]}),
        "interactive.action.sections[1].rows[0].id",
    ),
    ("interactive", link_button(url="shop.example"), "interactive.action.parameters.url"),
    ("interactive", link_button(display_text="x" * 21), "interactive.action.parameters.display_text"),
    ("interactive", flow(flow_name="x"), "interactive.action.parameters"),
    ("interactive", flow(flow_cta="Go 🚀"), "interactive.action.parameters.flow_cta"),
    ("interactive", flow(flow_cta="x" * 31), "interactive.action.parameters.flow_cta"),
    (
        "interactive",
        flow(flow_action="data_exchange", flow_action_payload={"screen": "A"}),
        "interactive.action.parameters.flow_action_payload",
    ),
    (
        "interactive",
        flow(flow_action_payload={"screen": "A", "data": {}}),
        "interactive.action.parameters.flow_action_payload.data",
    ),
    ("interactive", {"type": "product", "action": PRODUCT, "header": TITLE}, "interactive.header"),
    ("interactive", interactive("product_list", PRODUCTS), "interactive.header"),
    (
        "interactive",
        interactive(
            "product_list",
            {
                "catalog_id": "9",
                "sections": [{"title": "T", "product_items": [{"product_retailer_id": "S"}] * 31}],
            },
            header=TITLE,
        ),
        "interactive.action.sections",
    ),
    (
        "interactive",
        interactive("location_request_message", {"name": "send_location"}, footer={"text": "x"}),
        "interactive.footer",
    ),
    (
        "interactive",
        interactive("voice_call", {"name": "voice_call", "parameters": {"ttl_minutes": 0}}),
        "interactive.action.parameters.ttl_minutes",
    ),
    ("interactive", interactive("carousel", {"cards": [card(0)]}), "interactive.action.cards"),
    (
        "interactive",
        interactive("carousel", {"cards": [card(n) for n in range(11)]}),
        "interactive.action.cards",
    ),
    (
        "interactive",
        interactive("carousel", {"cards": [card(0), card(1, action=quick(1))]}),
        "interactive.action.cards",
    ),
    (
        "interactive",
        interactive("carousel", {"cards": [card(0), card(1, body={"text": "a\nb\nc\nd"})]}),
        "interactive.action.cards[1].body.text",
    ),
    (
        "interactive",
        interactive("carousel", {"cards": [card(0), card(1, body={"text": "x" * 161})]}),
        "interactive.action.cards[1].body.text",
    ),
    (
        "interactive",
        interactive("carousel", {"cards": [card(0), card(1, header=TITLE)]}),
        "interactive.action.cards[1].header.type",
    ),
    (
        "interactive",
        interactive("carousel", {"cards": [card(0), card(1)]}, header=TITLE),
        "interactive.header",
    ),
    ("template", {"name": "Order", "language": {"code": "en"}}, "template.name"),
    ("template", {"name": "order"}, "template.language"),
    ("template", {"name": "order", "language": {"code": "en-US"}}, "template.language.code"),
    (
        "template",
        {"name": "order", "language": {"code": "en"}, "components": [{"type": "foot"}]},
        "template.components[0].type",
    ),
    (
        "template",
        {
            "name": "order",
            "language": {"code": "en"},
            "components": [{"type": "button", "sub_type": "url", "index": "10"}],
        },
        "template.components[0].index",
    ),
    (
        "template",
        {
            "name": "order",
            "language": {"code": "en"},
            "components": [{"type": "body", "parameters": [{"type": "text"}]}],
        },
        "template.components[0].parameters[0].text",
    ),
]


@pytest.mark.parametrize("kind, content, field", BAD)
def test_content_over_a_limit_is_refused_at_its_place(kind: str, content: object, field: str) -> None:
    assert fields(kind, content) == [field]
    with pytest.raises(InvalidPayload):
        payloads.content(kind, content)


@given(st.sampled_from(payloads.KINDS), anything)
def test_validation_never_raises(kind: str, content: object) -> None:
    validate(kind, content)


@given(anything, st.sampled_from(["button", "list", "flow", "carousel", "product_list", "cta_url"]))
def test_validation_of_odd_interactive_parts_never_raises(odd: object, kind: str) -> None:
    for action in (odd, {"buttons": odd, "sections": odd, "cards": odd, "parameters": odd, "button": odd}):
        validate("interactive", {"type": kind, "body": odd, "header": odd, "action": action})
    nested = {"cards": [{"type": "cta_url", "header": odd, "action": odd}], "sections": [{"rows": odd}]}
    validate("interactive", {"type": kind, "action": nested})

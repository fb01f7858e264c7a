"""Filling a message template: which values it wants, how it looks, what goes out, what does not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.message_template_rules import (
    PreviewButton,
    check_send,
    expected_parameters,
    render_preview,
    send_components,
    variables,
)
from app.graph.problems import InvalidPayload
from tests.graph.conftest import samples
from tests.graph.test_reading import anything

ORDER: list[dict[str, Any]] = [
    {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["17"]}},
    {
        "type": "BODY",
        "text": "Hello {{2}}, order {{1}} is on its way.",
        "example": {"body_text": [["17", "Ann"]]},
    },
    {"type": "FOOTER", "text": "Shop"},
    {
        "type": "BUTTONS",
        "buttons": [
            {"type": "QUICK_REPLY", "text": "Thanks"},
            {
                "type": "URL",
                "text": "Track",
                "url": "https://shop.example/t/{{1}}",
                "example": ["https://shop.example/t/17"],
            },
        ],
    },
]
VALUES = {"header.1": "18", "body.1": "18", "body.2": "Bo", "button.1.url": "x18"}
NAMED: list[dict[str, Any]] = [
    {
        "type": "BODY",
        "text": "Hello {{first_name}}, order {{number}} is on its way.",
        "example": {
            "body_text_named_params": [
                {"param_name": "number", "example": "17"},
                {"param_name": "first_name", "example": "Ann"},
            ]
        },
    }
]
LOGIN: list[dict[str, Any]] = [
    {"type": "BODY", "add_security_recommendation": True},
    {"type": "FOOTER", "code_expiration_minutes": 10},
    {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
]
# How Meta hands the same back: text, and a URL button with an internal address.
LOGIN_READ_BACK: list[dict[str, Any]] = [
    {"type": "BODY", "text": "*{{1}}* is your verification code.", "add_security_recommendation": True},
    {
        "type": "BUTTONS",
        "buttons": [
            {
                "type": "URL",
                "text": "Copy code",
                "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
            }
        ],
    },
]


def text(value: str, **more: str) -> dict[str, str]:
    return {"type": "text", "text": value, **more}


def test_values_are_asked_for_by_key_with_examples() -> None:
    assert [(one.key, one.label, one.example, one.is_required) for one in variables(ORDER)] == [
        ("header.1", "Header {{1}}", "17", True),
        ("body.1", "Body {{1}}", "17", True),
        ("body.2", "Body {{2}}", "Ann", True),
        ("button.0.payload", "Payload of “Thanks”", "", False),
        ("button.1.url", "End of the link “Track”", "17", True),
    ]


def test_named_values_keep_the_order_of_the_text() -> None:
    found = [(one.key, one.example, one.is_named) for one in variables(NAMED)]
    assert found == [("body.first_name", "Ann", True), ("body.number", "17", True)]


def test_values_go_out_in_the_order_of_their_numbers() -> None:
    assert send_components(ORDER, VALUES) == [
        {"type": "header", "parameters": [text("18")]},
        {"type": "body", "parameters": [text("18"), text("Bo")]},
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [text("x18")]},
    ]


def test_named_values_go_out_with_their_names() -> None:
    values = {"body.first_name": "Bo", "body.number": 18}
    assert send_components(NAMED, values) == [
        {
            "type": "body",
            "parameters": [text("Bo", parameter_name="first_name"), text("18", parameter_name="number")],
        }
    ]


@pytest.mark.parametrize("components", [LOGIN, LOGIN_READ_BACK])
def test_login_code_is_asked_once_and_goes_out_twice(components: list[dict[str, Any]]) -> None:
    assert [one.key for one in variables(components)] == ["body.1"]
    sent = send_components(components, {"body.1": "604218"})
    assert sent == [
        {"type": "body", "parameters": [text("604218")]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [text("604218")]},
    ]
    assert check_send(components, sent) == []


def test_missing_values_are_named_all_at_once() -> None:
    with pytest.raises(InvalidPayload) as caught:
        send_components(ORDER, {"body.1": "18", "body.2": ""})
    assert [one.field for one in caught.value.problems] == ["header.1", "body.2", "button.1.url"]
    assert caught.value.problems[1].message == "Body {{2}} is missing."


@pytest.mark.parametrize(
    "form, key, value, sent",
    [
        ("IMAGE", "header.image", "880011", {"type": "image", "image": {"id": "880011"}}),
        (
            "VIDEO",
            "header.video",
            "https://a.example/v",
            {"type": "video", "video": {"link": "https://a.example/v"}},
        ),
        (
            "DOCUMENT",
            "header.document",
            {"id": "5", "filename": "a.pdf"},
            {"type": "document", "document": {"id": "5", "filename": "a.pdf"}},
        ),
        ("LOCATION", "header.location", {"latitude": 1}, {"type": "location", "location": {"latitude": 1}}),
        (
            "PRODUCT",
            "header.product",
            {"product_retailer_id": "S"},
            {"type": "product", "product": {"product_retailer_id": "S"}},
        ),
    ],
)
def test_headers_of_every_kind_are_filled(form: str, key: str, value: Any, sent: dict[str, Any]) -> None:
    components = [{"type": "HEADER", "format": form}, {"type": "BODY", "text": "Hello."}]
    assert [one.key for one in variables(components)] == [key]
    made = send_components(components, {key: value})
    assert made == [{"type": "header", "parameters": [sent]}]
    assert check_send(components, made) == []


def test_special_buttons_and_offers_are_filled() -> None:
    components = [
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon", "has_expiration": True}},
        {"type": "BODY", "text": "Hello."},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "COPY_CODE", "example": "SAVE"},
                {"type": "FLOW", "text": "Book"},
                {"type": "CATALOG", "text": "View"},
                {"type": "MPM", "text": "View"},
                {"type": "QUICK_REPLY", "text": "Yes"},
            ],
        },
    ]
    values = {
        "offer.expires_at": "1804262400000",
        "button.0.code": "SAVE10",
        "button.1.flow": "token-1",
        "button.2.product": "S1",
        "button.3.products": {"sections": []},
        "button.4.payload": "yes:1",
    }
    made = send_components(components, values)
    assert [part["parameters"][0] for part in made] == [
        {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1804262400000}},
        {"type": "coupon_code", "coupon_code": "SAVE10"},
        {"type": "action", "action": {"flow_token": "token-1"}},
        {"type": "action", "action": {"thumbnail_product_retailer_id": "S1"}},
        {"type": "action", "action": {"sections": []}},
        {"type": "payload", "payload": "yes:1"},
    ]
    assert [part.get("index") for part in made] == [None, "0", "1", "2", "3", "4"]
    assert check_send(components, made) == []


def card(body: str) -> dict[str, Any]:
    image = {"type": "HEADER", "format": "IMAGE"}
    return {"components": [image, {"type": "BODY", "text": body}]}


CAROUSEL: list[dict[str, Any]] = [
    {"type": "BODY", "text": "New for you."},
    {"type": "CAROUSEL", "cards": [card("From {{1}} on."), card("Only {{1}} today.")]},
]


def test_cards_are_filled_each_on_its_own() -> None:
    keys = [one.key for one in variables(CAROUSEL)]
    assert keys == ["card.0.header.image", "card.0.body.1", "card.1.header.image", "card.1.body.1"]
    made = send_components(CAROUSEL, dict.fromkeys(keys, "9"))
    assert made[-1]["type"] == "carousel"
    assert [one["card_index"] for one in made[-1]["cards"]] == [0, 1]
    assert made[-1]["cards"][1]["components"][1] == {"type": "body", "parameters": [text("9")]}
    assert check_send(CAROUSEL, made) == []


@pytest.mark.parametrize("path", samples("templates/*.create.json"))
def test_sample_send_fits_its_message_template(path: Path) -> None:
    created = json.loads(path.read_text())
    sent = json.loads(path.with_name(path.name.replace(".create", ".send")).read_text())["template"]
    assert check_send(created.get("components", []), sent.get("components")) == []


@pytest.mark.parametrize(
    "sent, code",
    [
        ([], "132000"),
        (None, "132000"),
        ([{"type": "body", "parameters": [text("a")]}], "132000"),
        ([{"type": "body", "parameters": [text("a"), text("b"), text("c")]}], "132000"),
        ([{"type": "body", "parameters": [text("a"), {"type": "image", "image": {"id": "1"}}]}], "132012"),
        ([{"type": "body", "parameters": [text("a"), text(" ")]}], "132012"),
        ([{"type": "body", "parameters": [text("a"), {"type": "text"}]}], "132012"),
        ([{"type": "body", "parameters": [text("a"), text("b" * 1025)]}], "132005"),
        ([{"type": "body", "parameters": [text("a"), text("b")]}] * 2, "132000"),
    ],
)
def test_values_that_do_not_fit_are_known_before_the_call(sent: Any, code: str) -> None:
    components = [{"type": "BODY", "text": "Hello {{1}}, order {{2}} is on its way."}]
    assert [one.code for one in check_send(components, sent)] == [code]


def test_button_at_the_wrong_index_does_not_fit() -> None:
    sent = send_components(ORDER, VALUES)
    sent[2]["index"] = 0
    assert [one.code for one in check_send(ORDER, sent)] == ["132000", "132000"]
    sent[2]["index"] = 1
    assert check_send(ORDER, sent) == []


def test_currencies_and_dates_stand_for_texts() -> None:
    money = {"type": "currency", "currency": {"fallback_value": "£5", "code": "GBP", "amount_1000": 5000}}
    sent = send_components(ORDER, {**VALUES, "body.2": money})
    assert sent[1]["parameters"][1] == money
    assert check_send(ORDER, sent) == []
    assert "£5" in render_preview(ORDER, {**VALUES, "body.2": money}).body


def test_named_values_need_their_names() -> None:
    sent = [{"type": "body", "parameters": [text("Bo", parameter_name="first_name"), text("18")]}]
    assert [one.code for one in check_send(NAMED, sent)] == ["132012"]
    sent[0]["parameters"][1]["parameter_name"] = "first_name"  # type: ignore[index]
    assert [one.code for one in check_send(NAMED, sent)] == ["132012"]


def test_values_for_nothing_do_not_fit() -> None:
    plain = [{"type": "BODY", "text": "Hello."}]
    assert [one.code for one in check_send(plain, [{"type": "body", "parameters": [text("a")]}])] == [
        "132000"
    ]
    assert check_send(plain, [{"type": "body"}]) == []
    assert check_send([], [{"type": "body", "parameters": [text("a")]}]) == []


def test_untidy_values_are_refused() -> None:
    sent = send_components(ORDER, {**VALUES, "body.2": "two\nlines"})
    assert [(one.code, one.severity) for one in check_send(ORDER, sent)] == [("132018", "error")]


def test_carousel_needs_as_many_cards_as_were_made() -> None:
    made = send_components(CAROUSEL, dict.fromkeys([one.key for one in variables(CAROUSEL)], "9"))
    assert [one.code for one in check_send(CAROUSEL, [])] == ["132000"]
    made[-1]["cards"].append(made[-1]["cards"][0])
    assert [one.code for one in check_send(CAROUSEL, made)] == ["132000"]


def test_preview_shows_values_and_keeps_open_places() -> None:
    filled = render_preview(ORDER, VALUES)
    assert (filled.header_kind, filled.header_text) == ("text", "Order 18")
    assert filled.body == "Hello Bo, order 18 is on its way."
    assert filled.footer == "Shop"
    assert filled.buttons == (
        PreviewButton("QUICK_REPLY", "Thanks"),
        PreviewButton("URL", "Track", "https://shop.example/t/x18"),
    )
    assert render_preview(ORDER, {"body.2": "Bo"}).body == "Hello Bo, order {{1}} is on its way."


def test_placeholder_inside_a_value_is_not_filled_again() -> None:
    shown = render_preview(ORDER, {"body.1": "{{2}}", "body.2": "{{1}} \\1 {0.__class__} {{7*7}}"})
    assert shown.body == "Hello {{1}} \\1 {0.__class__} {{7*7}}, order {{2}} is on its way."


def test_preview_of_a_login_code_and_of_cards() -> None:
    login = render_preview(LOGIN, {"body.1": "604218"})
    assert login.body.startswith("604218 is your verification code.")
    assert login.footer == "This code expires in 10 minutes."
    assert login.buttons == (PreviewButton("OTP", "Copy code"),)
    cards = render_preview(CAROUSEL, {"card.1.body.1": "9"}).cards
    assert [one.body for one in cards] == ["From {{1}} on.", "Only 9 today."]


@given(anything, st.sampled_from(["HEADER", "BODY", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER"]))
def test_odd_message_templates_never_raise(odd: Any, kind: str) -> None:
    part = {"type": kind, "text": odd, "format": odd, "example": odd, "buttons": odd, "cards": odd}
    deep = [
        {"type": "BUTTONS", "buttons": [{"type": "URL", "url": odd, "text": odd, "example": odd}, odd]},
        {"type": "CAROUSEL", "cards": [odd, {"components": odd}]},
    ]
    for components in ([part], [odd], [part, *deep]):
        expected_parameters(components)
        render_preview(components, {"body.1": odd})
        check_send(components, odd)
        check_send(components, [odd, {"type": "body", "parameters": odd}, {"type": "carousel", "cards": odd}])
        check_send(ORDER, [{"type": "body", "parameters": [odd, {"type": odd, "text": odd}]}])

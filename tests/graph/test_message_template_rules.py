"""What Meta accepts as a message template, known before it is submitted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.message_template_rules import LANGUAGES, MessageTemplateDraft, check
from app.graph.problems import Problem
from tests.graph.conftest import SAMPLES, samples
from tests.graph.test_reading import anything

TEXT = "Hello {{1}}, your order {{2}} left our store this morning and arrives soon."
BODY = {"type": "BODY", "text": TEXT, "example": {"body_text": [["Ann", "17"]]}}
PLAIN = {"type": "BODY", "text": "Your order left our store this morning."}
URL = {"type": "URL", "text": "Track", "url": "https://shop.example/t"}
QUICK = {"type": "QUICK_REPLY", "text": "Yes"}
IMAGE = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::abc"]}}


def draft(*components: object, category: str = "UTILITY", **fields: object) -> dict[str, Any]:
    body = {"name": "order_sent", "language": "en", "category": category, "components": list(components)}
    return {**body, **fields}


def buttons(*listed: object) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(listed)}


def body(text: str, *examples: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text, "example": {"body_text": [list(examples)]}}


def errors(given: MessageTemplateDraft | dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in check(given) if one.severity == "error"]


def warnings(given: dict[str, Any]) -> list[Problem]:
    return [one for one in check(given) if one.severity == "warning"]


@pytest.mark.parametrize("path", samples("templates/*.create.json"))
def test_valid_sample_is_accepted_without_a_word(path: Path) -> None:
    assert check(json.loads(path.read_text())) == []


@pytest.mark.parametrize("path", samples("templates/invalid/*.json"))
def test_invalid_sample_is_refused_for_one_reason(path: Path) -> None:
    assert len(errors(json.loads(path.read_text())["body"])) == 1


def test_all_samples_are_there() -> None:
    assert len(samples("templates/invalid/*.json")) in {1, 28}
    assert len(samples("templates/*.create.json")) in {1, 28}


@pytest.mark.parametrize(
    "given",
    [
        draft(BODY),
        draft(PLAIN, category="utility"),
        draft({"type": "body", "text": PLAIN["text"]}),
        draft(BODY, message_send_ttl_seconds=-1),
        draft(body("Hello {{1}}, welcome to us.", "Ann")),
        draft({**body("Hello {{1}}, welcome to us."), "example": {"body_text": "Ann"}}),
        draft({**body("Hello {{1}}, welcome to us."), "example": {"body_text": ["Ann"]}}),
        draft(body("Hello {{1}} and also {{2}} from everyone in the shop", "Ann", "Bo")),
        draft(body("Guten Tag {{1}}, schön dass Sie da sind", "Ann")),
        draft(body("您好{{1}}先生您的訂單已經寄出", "王")),
        draft(PLAIN, buttons(QUICK, {**QUICK, "text": "No"}, URL)),
        draft(
            PLAIN,
            buttons(URL, {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15550100001"}, QUICK),
        ),
        draft(PLAIN, buttons({**URL, "url": "https://shop.example/{{1}}", "example": ["a"]})),
        draft(PLAIN, buttons({"type": "FLOW", "text": "Book", "flow_name": "booking"})),
        draft({"type": "HEADER", "format": "LOCATION"}, PLAIN),
        draft(category="UTILITY", library_template_name="low_balance_warning_1"),
    ],
)
def test_these_are_accepted(given: dict[str, Any]) -> None:
    assert check(given) == []


@pytest.mark.parametrize(
    "given, field, code",
    [
        (draft(PLAIN, name=""), "name", "missing"),
        (draft(PLAIN, name="Order"), "name", "bad_name"),
        (draft(PLAIN, name="x" * 513), "name", "too_long"),
        (draft(PLAIN, name=7), "name", "wrong_type"),
        (draft(PLAIN, language="xx"), "language", "not_allowed"),
        (draft(PLAIN, category="AUTH"), "category", "not_allowed"),
        (draft(PLAIN, parameter_format="MIXED"), "parameter_format", "not_allowed"),
        (draft(PLAIN, message_send_ttl_seconds=29), "message_send_ttl_seconds", "out_of_range"),
        (
            draft(PLAIN, category="MARKETING", message_send_ttl_seconds=-1),
            "message_send_ttl_seconds",
            "out_of_range",
        ),
        (draft(components=None), "components", "missing"),
        (draft(), "components", "missing"),
        (draft({"type": "SIDEBAR"}, PLAIN), "components[0].type", "not_allowed"),
        (draft(PLAIN, PLAIN), "components", "repeated"),
        (draft({"type": "BODY", "text": " "}), "components[0].text", "missing"),
        (draft(body("Hello {{2}}, welcome to our shop.", "Ann")), "components[0].text", "variable_sequence"),
        (draft(body("Hello {{0}}, welcome to our shop.", "Ann")), "components[0].text", "variable_name"),
        (draft(body("Hello {{name}}, welcome to our shop.", "Ann")), "components[0].text", "variable_name"),
        (draft(body("Hello {{#1}}, welcome to our shop.", "Ann")), "components[0].text", "variable_name"),
        (draft(body("Hello {{1}, welcome to our shop.")), "components[0].text", "braces"),
        (draft(body("{{1}} welcome to our shop.", "Ann")), "components[0].text", "variable_edge"),
        (draft(body("Welcome to our shop {{1}} ", "Ann")), "components[0].text", "variable_edge"),
        (
            draft(body("Welcome {{1}}{{2}} to our new and large shop.", "A", "B")),
            "components[0].text",
            "variables_touch",
        ),
        (
            draft(body("Hello {{1}}, welcome to our shop.", "Ann", "Bo")),
            "components[0].example",
            "missing_example",
        ),
        (draft(body("Hello {{1}}, welcome to our shop.", " ")), "components[0].example", "missing_example"),
        (
            draft(
                {**BODY, "text": "Hello {{name}}, you are welcome here.", "example": {}},
                parameter_format="NAMED",
            ),
            "components[0].example",
            "missing_example",
        ),
        (draft({"type": "HEADER", "format": "SOUND"}, PLAIN), "components[0].format", "not_allowed"),
        (draft({"type": "HEADER", "format": "TEXT"}, PLAIN), "components[0].text", "missing"),
        (
            draft({"type": "HEADER", "format": "VIDEO", "example": {}}, PLAIN),
            "components[0].example",
            "missing_example",
        ),
        (draft({**IMAGE, "format": "GIF"}, PLAIN), "components[0].format", "not_allowed"),
        (draft(PLAIN, {"type": "FOOTER"}), "components[1].text", "missing"),
        (draft(PLAIN, buttons()), "components[1].buttons", "too_few"),
        (draft(PLAIN, buttons({"type": "ROCKET"})), "components[1].buttons[0].type", "not_allowed"),
        (
            draft(PLAIN, buttons({**QUICK, "text": "Hi {{1}}"})),
            "components[1].buttons[0].text",
            "not_allowed",
        ),
        (draft(PLAIN, buttons(URL, QUICK, URL)), "components[1].buttons", "quick_replies_apart"),
        (draft(PLAIN, buttons({**URL, "url": "shop.example"})), "components[1].buttons[0].url", "bad_link"),
        (
            draft(PLAIN, buttons({**URL, "url": "https://shop.example/{{1}}{{2}}", "example": ["a"]})),
            "components[1].buttons[0].url",
            "url_variable",
        ),
        (
            draft(PLAIN, buttons({**URL, "url": "https://shop.example/{{1}}"})),
            "components[1].buttons[0].example",
            "missing_example",
        ),
        (
            draft(PLAIN, buttons({"type": "PHONE_NUMBER", "text": "Call", "phone_number": "now"})),
            "components[1].buttons[0].phone_number",
            "bad_phone",
        ),
        (
            draft(PLAIN, buttons({"type": "COPY_CODE", "example": "X"})),
            "components[1].buttons[0].type",
            "not_allowed",
        ),
        (
            draft(PLAIN, buttons({"type": "COPY_CODE", "example": "X" * 21}), category="MARKETING"),
            "components[1].buttons[0].example",
            "too_long",
        ),
        (
            draft(PLAIN, buttons({"type": "FLOW", "text": "Go", "flow_id": "1", "flow_name": "x"})),
            "components[1].buttons[0]",
            "missing",
        ),
        (
            draft(PLAIN, buttons({"type": "OTP", "otp_type": "COPY_CODE"})),
            "components[1].buttons[0].type",
            "not_allowed",
        ),
        (
            draft(PLAIN, buttons({"type": "MPM", "text": "View"}), category="MARKETING"),
            "components[1].buttons",
            "missing",
        ),
        (draft(library_template_name="x", category="MARKETING"), "category", "not_allowed"),
    ],
)
def test_these_are_refused_at_their_place(given: dict[str, Any], field: str, code: str) -> None:
    assert errors(given) == [(field, code)]


OTP = {
    "type": "OTP",
    "otp_type": "ONE_TAP",
    "supported_apps": [{"package_name": "com.a.b", "signature_hash": "a" * 11}],
}


def login(*components: object) -> dict[str, Any]:
    return draft(*components, category="AUTHENTICATION")


@pytest.mark.parametrize(
    "given, field",
    [
        (login({"type": "BODY"}), "components"),
        (login(buttons(OTP)), "components"),
        (
            login({"type": "HEADER", "format": "TEXT", "text": "x"}, {"type": "BODY"}, buttons(OTP)),
            "components[0]",
        ),
        (login({"type": "BODY"}, {"type": "FOOTER", "text": "x"}, buttons(OTP)), "components[1].text"),
        (
            login({"type": "BODY"}, {"type": "FOOTER", "code_expiration_minutes": 91}, buttons(OTP)),
            "components[1].code_expiration_minutes",
        ),
        (login({"type": "BODY"}, buttons(OTP, OTP)), "components[1].buttons"),
        (login({"type": "BODY"}, buttons(URL)), "components[1].buttons[0].type"),
        (login({"type": "BODY"}, buttons({**OTP, "otp_type": "SMS"})), "components[1].buttons[0].otp_type"),
        (
            login({"type": "BODY"}, buttons({**OTP, "supported_apps": []})),
            "components[1].buttons[0].supported_apps",
        ),
        (
            login({"type": "BODY"}, buttons({**OTP, "otp_type": "ZERO_TAP"})),
            "components[1].buttons[0].zero_tap_terms_accepted",
        ),
        (
            login(
                {"type": "BODY"},
                buttons({**OTP, "supported_apps": [{"package_name": "x", "signature_hash": "a" * 11}]}),
            ),
            "components[1].buttons[0].supported_apps[0].package_name",
        ),
        (
            login(
                {"type": "BODY"},
                buttons({**OTP, "supported_apps": [{"package_name": "a.b", "signature_hash": "a" * 12}]}),
            ),
            "components[1].buttons[0].supported_apps[0].signature_hash",
        ),
        (
            login({"type": "BODY"}, buttons({**OTP, "package_name": "com.a.b"})),
            "components[1].buttons[0].package_name",
        ),
    ],
)
def test_login_codes_have_a_fixed_form(given: dict[str, Any], field: str) -> None:
    assert [place for place, _ in errors(given)] == [field]


OFFER = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": True}}
CODE = {"type": "COPY_CODE", "example": "SAVE"}


def offer(*components: object, category: str = "MARKETING") -> dict[str, Any]:
    return draft(*components, category=category)


@pytest.mark.parametrize(
    "given, code",
    [
        (offer(OFFER, PLAIN, buttons(CODE)), "missing"),
        (offer(OFFER, PLAIN, buttons(URL, CODE)), "button_order"),
        (offer(OFFER, PLAIN, buttons(URL, QUICK)), "not_allowed"),
        (offer(OFFER, PLAIN, buttons(URL), {"type": "HEADER", "format": "TEXT", "text": "x"}), "not_allowed"),
        (offer({**OFFER, "limited_time_offer": {"text": "x" * 17}}, PLAIN, buttons(URL)), "too_long"),
        (offer(OFFER, body("x " * 301), buttons(URL)), "too_long"),
        (offer(OFFER, PLAIN, buttons(URL), category="UTILITY"), "not_allowed"),
    ],
)
def test_limited_time_offer_keeps_its_rules(given: dict[str, Any], code: str) -> None:
    assert [found for _, found in errors(given)] == [code]


def card(*components: object) -> dict[str, Any]:
    return {"components": list(components)}


def carousel(*cards: object, category: str = "MARKETING") -> dict[str, Any]:
    return draft(PLAIN, {"type": "CAROUSEL", "cards": list(cards)}, category=category)


GOOD_CARD = card(IMAGE, buttons(QUICK))
PRODUCT_CARD = card({"type": "HEADER", "format": "PRODUCT"}, buttons({"type": "SPM", "text": "View"}))


@pytest.mark.parametrize(
    "given, code",
    [
        (carousel(GOOD_CARD, GOOD_CARD, category="UTILITY"), "not_allowed"),
        (carousel(*[GOOD_CARD] * 11), "too_many"),
        (carousel(*[card(buttons(QUICK))] * 2), "missing"),
        (carousel(*[card(IMAGE)] * 2), "missing"),
        (carousel(*[card(IMAGE, buttons(QUICK, QUICK, QUICK))] * 2), "too_many"),
        (carousel(*[card(IMAGE, buttons(CODE))] * 2), "not_allowed"),
        (carousel(*[card(IMAGE, {"type": "BODY", "text": "x" * 161}, buttons(QUICK))] * 2), "too_long"),
        (carousel(GOOD_CARD, card(IMAGE, PLAIN, buttons(QUICK))), "cards_differ"),
        (carousel(*[PRODUCT_CARD] * 3), "too_many"),
    ],
)
def test_carousel_keeps_its_rules(given: dict[str, Any], code: str) -> None:
    assert {found for _, found in errors(given)} == {code}


@pytest.mark.parametrize(
    "given, code",
    [
        (draft(body("– {{1}}, welcome to our shop", "Ann")), "variable_edge"),
        (draft(body("Welcome to our shop {{1}} 🎉", "Ann")), "variable_edge"),
        (draft(body("Hello {you}, welcome to us.")), "braces"),
        (draft({"type": "BODY", "text": "One\n\n\nTwo"}), "line_breaks"),
        (draft({"type": "BODY", "text": "Party " + "🎉" * 11}), "emoji"),
        (draft({"type": "HEADER", "format": "TEXT", "text": "A *bold* word"}, PLAIN), "markdown"),
        (draft(PLAIN, buttons({**CODE, "example": "X" * 16}), category="MARKETING"), "too_long"),
    ],
)
def test_what_meta_may_refuse_is_only_a_warning(given: dict[str, Any], code: str) -> None:
    assert errors(given) == []
    assert [one.code for one in warnings(given)] == [code]


def test_draft_and_body_say_the_same() -> None:
    given = draft(
        BODY,
        parameter_format="POSITIONAL",
        message_send_ttl_seconds=60,
        cta_url_link_tracking_opted_out=True,
        sub_category="CUSTOM",
    )
    made = MessageTemplateDraft.from_body(given)
    assert made.to_body() == given
    assert check(made) == check(given) == []


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of facts beside the checkout is absent")
def test_languages_are_the_documented_ones() -> None:
    page = (SAMPLES.parent / "templates.md").read_text()
    listed = page[page.index("## 11. Languages") :].split("\n\n")[1].split(" [docs page]")[0]
    assert set(LANGUAGES) == set(listed.split())


@given(anything, st.sampled_from(["UTILITY", "MARKETING", "AUTHENTICATION"]))
def test_check_never_raises(odd: Any, category: str) -> None:
    check(draft(category=category, name=odd, language=odd, components=odd))
    check({"components": odd, "parameter_format": odd, "category": odd, "message_send_ttl_seconds": odd})
    kinds = ("HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER")
    parts = [
        {"type": kind, "text": odd, "format": "IMAGE", "example": odd, "buttons": odd, "cards": odd}
        for kind in kinds
    ]
    check(draft(*parts, category=category))
    listed = [
        {"type": kind, "text": odd, "url": odd, "example": odd, "supported_apps": odd}
        for kind in ("URL", "OTP", "COPY_CODE", "FLOW", "PHONE_NUMBER")
    ]
    check(draft(PLAIN, {"type": "BUTTONS", "buttons": listed}, category=category))
    check(carousel(odd, {"components": odd}, {"components": [odd, {"type": "HEADER", "format": odd}]}))

"""Message templates: creation and its refusals, review, edit, deletion, and sends that must fit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.support import Meta, Receiver, code_of, error_of, eventually, wamid_of

HANDLE = "4::aW1hZ2U=:ARx1nvented"  # create() puts one of an uploaded picture in its place
BODY = {"type": "BODY", "text": "Your documents were received and will be checked by our team this week."}
FOOTER = {"type": "FOOTER", "text": "Harbour Lane"}
IMAGE = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [HANDLE]}}
URL = {"type": "URL", "text": "Open", "url": "https://shop.example.com/a"}
QUICK = {"type": "QUICK_REPLY", "text": "Yes"}
OTP = {"type": "OTP", "otp_type": "COPY_CODE"}


def body(text: str, *examples: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text} | ({"example": {"body_text": [list(examples)]}} if examples else {})


def buttons(*given: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": [dict(button) for button in given]}


def header(text: str, *examples: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": "TEXT", "text": text, "example": {"header_text": list(examples)}}


def template(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": "a_template",
        "language": "en_US",
        "category": "UTILITY",
        "components": list(components) or [BODY],
        **more,
    }


def card(*components: dict[str, Any]) -> dict[str, Any]:
    return {"components": [dict(part) for part in components]}


def create(meta: Meta, given: dict[str, Any]) -> Any:
    if HANDLE in (text := json.dumps(given)):
        given = json.loads(text.replace(HANDLE, meta.handle("image/png")))
    return meta.post(f"{meta.waba_id}/message_templates", given)


def created_id(meta: Meta, given: dict[str, Any]) -> str:
    answer = create(meta, given)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def status_of(meta: Meta, template_id: str) -> str:
    return str(meta.get(template_id, fields="status").json()["status"])


def approved(meta: Meta, given: dict[str, Any]) -> str:
    template_id = created_id(meta, given)
    eventually(lambda: status_of(meta, template_id) == "APPROVED")
    return template_id


TWO_CARDS = [card(IMAGE, buttons(URL)), card(IMAGE, buttons(URL))]

GOOD = [
    template(),
    template(body("Hello {{1}}, your order {{2}} leaves our house today.", "Ana", "7"), FOOTER),
    template(header("Order {{1}} today", "7"), BODY, buttons(QUICK, QUICK, URL)),
    template(
        {
            "type": "BODY",
            "text": "Hello {{first_name}}, your order leaves our house today.",
            "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Ana"}]},
        },
        parameter_format="NAMED",
    ),
    template(IMAGE, BODY, category="MARKETING"),
    template({"type": "HEADER", "format": "LOCATION"}, BODY),
    template(BODY, buttons({**URL, "url": "https://shop.example.com/{{1}}", "example": ["a"]})),
    template(BODY, buttons({"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15555550117"})),
    template(BODY, buttons({"type": "FLOW", "text": "Start", "flow_id": "1"})),
    template({"type": "BODY"}, buttons(OTP), category="AUTHENTICATION"),
    template(BODY, {"type": "CAROUSEL", "cards": TWO_CARDS}, category="MARKETING"),
    template(
        BODY,
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon"}},
        buttons({"type": "COPY_CODE", "example": "GO25"}, URL),
        category="MARKETING",
    ),
    template(message_send_ttl_seconds=60),
    {
        "name": "from_library",
        "language": "en_US",
        "category": "UTILITY",
        "library_template_name": "low_balance",
    },
]  # fmt: skip

LONG = "The quick brown fox jumps over the lazy dog near the bank. "
# Each with the subcode it is refused by.
REFUSED: list[tuple[int | None, dict[str, Any]]] = [
    (2388046, template(name="Not Valid")),
    (2388049, template(language="en-US")),
    (None, template(category="TRANSACTIONAL")),
    (2388072, template(FOOTER)),
    (None, template(BODY, BODY)),
    (None, template(BODY, {"type": "MUSIC"})),
    (2388040, template(body(LONG * 20))),
    (2388040, template(BODY, {"type": "FOOTER", "text": "x" * 61})),
    (2388073, template(BODY, {"type": "FOOTER", "text": "For {{1}} only"})),
    (2388040, template(header("x" * 61), BODY)),
    (2388047, template(header("{{1}} and {{2}} today", "a", "b"), BODY)),
    (2388299, template(body("{{1}}, your order leaves our house today.", "Ana"))),
    (2388299, template(body("Your order leaves our house today, {{1}}.", "Ana"))),
    (2388293, template(body("Hi {{1}} and {{2}} ok", "a", "b"))),
    (2388072, template(body("Hello {{1}} {{2}}, your order leaves our house today.", "a", "b"))),
    (2388072, template(body("Hello {{1}}, order {{3}} leaves our house today.", "a", "b"))),
    (2388072, template(body("Hello {{name}}, your order leaves our house today.", "a"))),
    (2388072, template(body("Hello {{1}, your order leaves our house today.", "a"))),
    (2388043, template(body("Hello {{1}}, your order leaves our house today."))),
    (2388043, template({"type": "HEADER", "format": "IMAGE"}, BODY)),
    (None, template({**IMAGE, "example": {"header_handle": ["880011223344556"]}}, BODY)),
    (None, template(BODY, buttons(*[QUICK] * 11))),
    (None, template(BODY, buttons(URL, URL, URL))),
    (None, template(BODY, buttons(QUICK, URL, QUICK))),
    (2388040, template(BODY, buttons({**QUICK, "text": "x" * 26}))),
    (None, template(BODY, buttons({**URL, "url": "https://a.example/{{1}}/b", "example": ["a"]}))),
    (2388043, template(BODY, buttons({**URL, "url": "https://a.example/{{1}}"}))),
    (None, template(BODY, buttons({"type": "CATALOG", "text": "View"}))),
    (None, template(BODY, buttons(OTP))),
    (2388072, template(BODY, buttons(OTP), category="AUTHENTICATION")),
    (None, template({"type": "BODY"}, category="AUTHENTICATION")),
    (None, template({"type": "BODY"}, buttons({**OTP, "otp_type": "ONE_TAP"}), category="AUTHENTICATION")),
    (None, template(BODY, {"type": "CAROUSEL", "cards": [card(IMAGE)]}, category="MARKETING")),
    (None, template(BODY, {"type": "CAROUSEL", "cards": [card(IMAGE)] * 2})),
    (None, template(message_send_ttl_seconds=5)),
]


@pytest.mark.parametrize("given", GOOD, ids=lambda given: str(given)[:70])
def test_good_message_template_is_taken_and_approved(meta: Meta, given: dict[str, Any]) -> None:
    template_id = approved(meta, given)
    read = meta.get(template_id).json()
    assert (read["name"], read["category"]) == (given["name"], given["category"])


@pytest.mark.parametrize("subcode,given", REFUSED, ids=lambda value: str(value)[:70])
def test_bad_message_template_is_refused(meta: Meta, subcode: int | None, given: dict[str, Any]) -> None:
    answer = create(meta, given)
    assert code_of(answer) == (400, 100), answer.text
    assert error_of(answer).get("error_subcode") == subcode
    assert len(meta.get(f"{meta.waba_id}/message_templates").json()["data"]) == 4


def test_bad_phone_number_of_a_button_is_192_and_names_its_path(meta: Meta) -> None:
    given = template(BODY, buttons({"type": "PHONE_NUMBER", "text": "Call", "phone_number": "12"}))
    answer = create(meta, given)
    assert code_of(answer) == (400, 192)
    assert "['phone_number']" in error_of(answer)["message"]


def test_name_refusal_blames_the_field_and_speaks_to_people(meta: Meta) -> None:
    error = error_of(create(meta, template(name="Bad")))
    assert error["error_data"] == {"blame_field_specs": [["name"]]}
    assert error["error_user_title"]
    assert error["error_user_msg"]


def test_same_name_and_language_is_2388024(meta: Meta) -> None:
    created_id(meta, template())
    assert error_of(create(meta, template()))["error_subcode"] == 2388024


def test_another_language_must_have_the_same_category(meta: Meta) -> None:
    created_id(meta, template())
    assert create(meta, template(language="de")).status_code == 200
    answer = create(meta, template(language="fr", category="MARKETING"))
    assert "Category Doesn't Match" in error_of(answer)["error_user_title"]


def test_deleted_approved_name_is_locked(meta: Meta) -> None:
    template_id = approved(meta, template())
    deleted = meta.call("DELETE", f"{meta.waba_id}/message_templates", params={"name": "a_template"})
    assert deleted.json() == {"success": True}
    assert error_of(meta.get(template_id))["error_subcode"] == 33
    assert error_of(create(meta, template()))["error_subcode"] == 2388023


def test_one_language_can_be_deleted_by_id(meta: Meta) -> None:
    english, german = created_id(meta, template()), created_id(meta, template(language="de"))
    params = {"name": "a_template", "hsm_id": german}
    assert meta.call("DELETE", f"{meta.waba_id}/message_templates", params=params).status_code == 200
    assert meta.get(english).status_code == 200
    assert meta.get(german).status_code == 400


def test_deleting_nothing_is_refused(meta: Meta) -> None:
    assert (
        meta.call("DELETE", f"{meta.waba_id}/message_templates", params={"name": "none"}).status_code == 400
    )
    assert meta.call("DELETE", f"{meta.waba_id}/message_templates").status_code == 400


def test_review_is_pending_first_and_announced(connected: Meta, receiver: Receiver) -> None:
    connected.sandbox.control("POST", "settings", {"review_delay_s": 6})
    answer = create(connected, template()).json()
    assert answer["status"] == "PENDING"
    [event] = eventually(lambda: receiver.changes("message_template_status_update"))
    assert event["event"] == "APPROVED"
    assert event["message_template_id"] == int(answer["id"])
    assert (event["message_template_name"], event["message_template_language"]) == ("a_template", "en_US")
    assert event["reason"] == "NONE"


def test_name_with_reject_is_rejected_with_a_reason(connected: Meta, receiver: Receiver) -> None:
    template_id = created_id(connected, template(name="please_reject_me"))
    [event] = eventually(lambda: receiver.changes("message_template_status_update"))
    assert (event["event"], event["reason"]) == ("REJECTED", "INVALID_FORMAT")
    assert event["rejection_info"]["recommendation"]
    read = connected.get(template_id, fields="status,rejected_reason").json()
    assert (read["status"], read["rejected_reason"]) == ("REJECTED", "INVALID_FORMAT")


def test_reject_once_is_approved_after_an_edit(meta: Meta) -> None:
    template_id = created_id(meta, template(name="reject_once"))
    eventually(lambda: status_of(meta, template_id) == "REJECTED")
    edited = meta.post(template_id, {"components": [BODY, FOOTER]})
    assert edited.json()["success"] is True
    assert status_of(meta, template_id) in {"PENDING", "APPROVED"}
    eventually(lambda: status_of(meta, template_id) == "APPROVED")


def test_recategorised_submission_comes_back_as_marketing(meta: Meta) -> None:
    assert create(meta, template(name="recategorise_me")).json()["category"] == "MARKETING"


@pytest.mark.parametrize(
    "decision,status",
    [("approve", "APPROVED"), ("reject", "REJECTED"), ("pause", "PAUSED"), ("disable", "DISABLED")],
)
def test_control_decides_a_review(connected: Meta, receiver: Receiver, decision: str, status: str) -> None:
    connected.sandbox.control("POST", "settings", {"review_delay_s": 600})
    template_id = created_id(connected, template())
    path = f"message_templates/{template_id}/review"
    reason = {"reason": "SCAM"} if decision == "reject" else {}
    assert (
        connected.sandbox.control("POST", path, {"decision": decision, **reason}).json()["status"] == status
    )
    [event] = eventually(lambda: receiver.changes("message_template_status_update"))
    assert (event["event"], event["reason"]) == (status, reason.get("reason", "NONE"))
    assert status_of(connected, template_id) == status


def test_edit_in_review_and_second_edit_a_day_are_2388039(meta: Meta) -> None:
    meta.sandbox.control("POST", "settings", {"review_delay_s": 600})
    template_id = created_id(meta, template())
    assert error_of(meta.post(template_id, {"components": [BODY, FOOTER]}))["error_subcode"] == 2388039
    meta.sandbox.control("POST", f"message_templates/{template_id}/review", {"decision": "approve"})
    assert meta.post(template_id, {"components": [BODY, FOOTER]}).status_code == 200
    assert error_of(meta.post(template_id, {"components": [BODY]}))["error_subcode"] == 2388039


def test_category_of_an_approved_one_cannot_change_and_content_is_checked(meta: Meta) -> None:
    template_id = approved(meta, template())
    assert error_of(meta.post(template_id, {"category": "MARKETING"}))["error_subcode"] == 2388039
    assert error_of(meta.post(template_id, {"components": [FOOTER]}))["error_subcode"] == 2388072
    assert code_of(meta.post(template_id, {"name": "other"})) == (400, 100)


def test_list_is_filtered_and_summed_up(meta: Meta) -> None:
    path = f"{meta.waba_id}/message_templates"

    def names(**filters: str) -> list[str]:
        return [row["name"] for row in meta.get(path, fields="name", **filters).json()["data"]]

    assert names(name="hello_world") == ["hello_world"]
    assert names(category="MARKETING") == ["seasonal_offer"]
    assert names(status="PENDING") == []
    assert names(language="de") == []
    assert names(name_or_content="ten per cent") == ["seasonal_offer"]
    assert meta.get(path, summary="total_count").json()["summary"]["total_count"] == 4


def parameters(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


def body_values(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "body", "parameters": parameters(*texts)}]


def test_send_with_the_right_values_is_accepted(meta: Meta) -> None:
    answer = meta.send_template("order_update", body_values("Ana", "7"))
    assert answer.json()["messages"][0]["message_status"] == "accepted"


@pytest.mark.parametrize(
    "expected,name,components",
    [
        ((404, 132001), "no_such_template", None),
        ((400, 132000), "order_update", None),
        ((400, 132000), "order_update", body_values("Ana")),
        ((400, 132000), "hello_world", body_values("Ana")),
        (
            (400, 132012),
            "order_update",
            [
                {
                    "type": "body",
                    "parameters": [{"type": "image", "image": {"link": "https://a.example/b"}}] * 2,
                }
            ],
        ),
        ((400, 131008), "order_update", body_values("Ana", "")),
        ((400, 132018), "order_update", body_values("Ana", "a\nb")),
        ((400, 132005), "order_update", body_values("Ana", "x" * 1000)),
        (
            (400, 132012),
            "appointment_confirmation",
            [*body_values("A", "B"), {"type": "button", "sub_type": "quick_reply", "index": "7"}],
        ),
        ((400, 131009), "order_update", {"type": "body"}),
    ],
)
def test_send_that_does_not_fit_is_refused(
    meta: Meta, expected: tuple[int, int], name: str, components: Any
) -> None:
    assert code_of(meta.send_template(name, components)) == expected


def test_other_language_and_unapproved_status_are_132001_disabled_is_132016(meta: Meta) -> None:
    meta.sandbox.control("POST", "settings", {"review_delay_s": 600})
    template_id = created_id(meta, template())
    assert code_of(meta.send_template("a_template")) == (404, 132001)
    assert code_of(meta.send_template(language="de")) == (404, 132001)
    meta.sandbox.control("POST", f"message_templates/{template_id}/review", {"decision": "disable"})
    assert code_of(meta.send_template("a_template")) == (400, 132016)


def test_named_values_must_carry_the_names(meta: Meta) -> None:
    approved(meta, GOOD[3])
    named = [
        {"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Ana"}]}
    ]
    assert meta.send_template("a_template", named).status_code == 200
    assert code_of(meta.send_template("a_template", body_values("Ana"))) == (400, 132012)


def test_url_with_a_variable_needs_its_value(meta: Meta) -> None:
    approved(meta, GOOD[6])
    part = {"type": "button", "sub_type": "url", "index": "0", "parameters": parameters("a")}
    assert meta.send_template("a_template", [part]).status_code == 200
    assert code_of(meta.send_template("a_template")) == (400, 131008)
    assert code_of(meta.send_template("a_template", [part | {"sub_type": "flow"}])) == (400, 132012)


def test_media_header_wants_its_medium(meta: Meta) -> None:
    approved(meta, GOOD[4])
    good = [
        {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://a.example/b.jpg"}}]}
    ]
    assert meta.send_template("a_template", good).status_code == 200
    assert code_of(meta.send_template("a_template")) == (400, 132000)
    wrong = [{"type": "header", "parameters": parameters("text")}]
    assert code_of(meta.send_template("a_template", wrong)) == (400, 132012)


def test_one_time_code_goes_in_twice(meta: Meta) -> None:
    approved(meta, GOOD[9])
    code = [
        *body_values("604218"),
        {"type": "button", "sub_type": "url", "index": 0, "parameters": parameters("604218")},
    ]
    assert wamid_of(meta.send_template("a_template", code))
    assert code_of(meta.send_template("a_template", code[:1])) == (400, 131008)


def test_carousel_is_sent_with_as_many_cards_as_created(meta: Meta) -> None:
    approved(meta, GOOD[10])
    image = {
        "type": "header",
        "parameters": [{"type": "image", "image": {"link": "https://a.example/b.jpg"}}],
    }
    cards = [{"card_index": index, "components": [image]} for index in (0, 1)]
    assert meta.send_template("a_template", [{"type": "carousel", "cards": cards}]).status_code == 200
    assert code_of(meta.send_template("a_template", [{"type": "carousel", "cards": cards[:1]}])) == (
        400,
        132000,
    )

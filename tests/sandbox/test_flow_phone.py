"""A customer fills in a Flow on the sandbox phone, screen by screen."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.sandbox.flow_support import (
    FOOTER,
    Phone,
    create_flow,
    flow,
    footer,
    post_flow,
    screen,
    send_flow,
    send_flow_id,
    text_input,
)
from tests.sandbox.support import Meta, Receiver, code_of, eventually, wamid_of
from tests.sandbox.test_phone_page import page

CLAIM = flow(
    screen(
        "DAMAGE",
        {"type": "TextHeading", "text": "${data.claim}"},
        text_input("place", required=True, **{"helper-text": "Room or street"}),
        footer("navigate", {"place": "${form.place}", "claim": "${data.claim}"}, "CONFIRM"),
        data={"claim": "BM-1"},
    ),
    screen(
        "CONFIRM",
        {"type": "TextBody", "text": "`'In the ' ${data.place} '?'`"},
        footer("complete", {"place": "${data.place}", "first": "${screen.DAMAGE.form.place}", "sure": True}),
        data={"place": "Kitchen", "claim": "BM-1"},
        terminal=True,
    ),
)
START = {"flow_action_payload": {"screen": "DAMAGE", "data": {"claim": "BM-20418"}}}


def one_screen(*children: Any, payload: Any = None, **more: Any) -> Any:
    return flow(screen("ASK", *children, footer("complete", payload), terminal=True, **more))


def sent(receiver: Receiver) -> dict[str, Any]:
    """The one nfm_reply that came."""
    found = eventually(lambda: [one for one in receiver.messages() if one["type"] == "interactive"])
    assert len(found) == 1
    assert found[0]["interactive"]["nfm_reply"]["name"] == "flow"
    answer: dict[str, Any] = json.loads(found[0]["interactive"]["nfm_reply"]["response_json"])
    return answer | {"_context": found[0]["context"]["id"]}


def test_flow_is_filled_in_screen_by_screen_and_answered(connected: Meta, receiver: Receiver) -> None:
    wamid = send_flow(connected, CLAIM, **START)
    phone = Phone(connected, wamid)
    assert phone.title == "Damage"
    assert "BM-20418" in phone.shown
    phone.press("Go on")
    assert phone.errors == ["This is required."]
    phone.press("Go on", place="Kitchen")
    assert phone.title == "Confirm"
    assert "In the Kitchen?" in phone.shown
    phone.press("Go on")
    assert "place: Kitchen" in phone.shown  # back on the phone, as a bubble
    answer = {"flow_token": "tok", "place": "Kitchen", "first": "Kitchen", "sure": True}
    assert sent(receiver) == answer | {"_context": wamid}


def test_going_back_keeps_what_was_entered(meta: Meta) -> None:
    phone = Phone(meta, send_flow(meta, CLAIM, **START)).press("Go on", place="Hall")
    phone.do("back")
    assert phone.title == "Damage"
    assert 'value="Hall"' in phone.shown


def test_run_stays_where_it_is_and_another_tab_does_not_tread_on_it(
    connected: Meta, receiver: Receiver
) -> None:
    wamid = send_flow(connected, CLAIM, **START)
    first, second = Phone(connected, wamid), Phone(connected, wamid)
    first.press("Go on", place="Kitchen")
    assert Phone(connected, wamid).title == "Confirm"
    second.press("Go on", place="Hall")
    assert second.title == "Confirm"
    assert "another tab" in second.notice
    assert "In the Kitchen?" in second.shown
    fields = first.fields() | {"do": first.place_of("Go on")}
    first.submit(fields)
    second.submit(fields)  # the same button pressed twice
    assert second.title == "Form sent"
    assert sent(receiver)["place"] == "Kitchen"
    assert second.again().title == "Damage"


FIELDS: list[tuple[dict[str, Any], Any, str]] = [
    (text_input("f", **{"input-type": "number"}), "many", "This must be a number."),
    (text_input("f", **{"input-type": "email"}), "nadia@", "This must be an e-mail address"),
    (text_input("f", **{"input-type": "phone"}), "call me", "This must be a phone number."),
    (text_input("f", **{"input-type": "passcode"}), "12a", "A passcode has digits only."),
    (text_input("f", **{"min-chars": 3}), "ab", "At least 3 characters"),
    (text_input("f", **{"max-chars": 3}), "abcd", "At most 3 characters"),
    (text_input("f", pattern="[A-Z]{2}-\\d+", **{"error-message": "As BM-7"}), "BM7", "As BM-7"),
    (text_input("f", pattern="(a+)+$"), "a" * 60 + "!", "does not have the form"),
    ({"type": "TextArea", "name": "f", "label": "F", "max-length": 5}, "abcdef", "At most 5 characters"),
    ({"type": "OptIn", "name": "f", "label": "F", "required": True}, "", "This is required."),
    (
        {"type": "DatePicker", "name": "f", "label": "F", "min-date": "2026-12-01"},
        "2026-11-30",
        "The earliest day is 2026-12-01.",
    ),
    (
        {"type": "CalendarPicker", "name": "f", "label": "F", "include-days": ["Mon"]},
        "2026-12-01",
        "Only these days: Mon.",
    ),
    (
        {
            "type": "CheckboxGroup",
            "name": "f",
            "label": "F",
            "min-selected-items": 2,
            "data-source": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}],
        },
        ["a"],
        "At least 2 choices",
    ),
    (
        {"type": "PhotoPicker", "name": "f", "label": "F", "min-uploaded-photos": 1},
        "",
        "At least 1 files",
    ),
]


@pytest.mark.parametrize("field,entry,complaint", FIELDS, ids=[complaint for _, _, complaint in FIELDS])
def test_phone_holds_back_what_is_not_right(meta: Meta, field: Any, entry: Any, complaint: str) -> None:
    phone = Phone(meta, send_flow(meta, one_screen(field))).press("Go on", f=entry)
    assert len(phone.errors) == 1
    assert complaint in phone.errors[0]


def test_every_kind_of_field_is_answered_in_its_own_form(connected: Meta, receiver: Receiver) -> None:
    source = [
        {"id": "a", "title": "A"},
        {"id": "b", "title": "B", "enabled": False},
        {"id": "c", "title": "C"},
    ]
    fields = [
        {"type": kind, "name": name, "label": name, "data-source": source}
        for kind, name in (
            ("CheckboxGroup", "some"),
            ("ChipsSelector", "chips"),
            ("RadioButtonsGroup", "one"),
            ("Dropdown", "drop"),
        )
    ]
    fields += [
        {"type": "OptIn", "name": "news", "label": "News"},
        {"type": "CalendarPicker", "name": "stay", "label": {"start-date": "In"}, "mode": "range"},
        {"type": "TextInput", "name": "kept", "label": "Kept", "init-value": "as it was", "enabled": False},
    ]
    names = ("some", "chips", "one", "drop", "news", "stay", "kept")
    ask = one_screen(*fields, payload={name: f"${{form.{name}}}" for name in names})
    entries = {"some": ["a", "b", "c"], "chips": ["c"], "one": "x", "drop": "c", "news": "true", "kept": "!"}
    days = {"stay:start-date": "2026-12-01", "stay:end-date": "2026-12-03"}
    Phone(connected, send_flow(connected, ask)).press("Go on", **entries, **days)
    answer = sent(receiver)
    assert {name: answer[name] for name in names} == {
        "some": ["a", "c"],  # b cannot be chosen, x was never offered
        "chips": ["c"],
        "one": "",
        "drop": "c",
        "news": True,
        "stay": {"start-date": "2026-12-01", "end-date": "2026-12-03"},
        "kept": "as it was",
    }


def test_conditions_show_and_hide_and_a_choice_can_change_the_screen(
    connected: Meta, receiver: Receiver
) -> None:
    kinds = [
        {"id": "car", "title": "Car"},
        {
            "id": "boat",
            "title": "Boat",
            "on-select-action": {"name": "update_data", "payload": {"hint": "Ahoy"}},
        },
    ]
    ask = one_screen(
        {"type": "Dropdown", "name": "kind", "label": "Kind", "data-source": kinds},
        {
            "type": "If",
            "condition": "${form.kind} == 'car' && !(${form.kind} == '')",
            "then": [text_input("plate", required=True)],
            "else": [{"type": "TextBody", "text": "No plate"}],
        },
        {
            "type": "Switch",
            "value": "${form.kind}",
            "cases": {"boat": [{"type": "TextBody", "text": "It floats"}], "default": []},
        },
        {"type": "TextCaption", "text": "${data.hint}"},
        {"type": "TextBody", "text": "Only boats", "visible": "`${form.kind} == 'boat'`"},
        payload={"plate": "${form.plate}"},
        data={"hint": "none"},
    )
    wamid = send_flow(connected, ask)
    phone = Phone(connected, wamid)
    assert "No plate" in phone.shown
    assert "It floats" not in phone.shown
    phone.do("refresh", kind="boat")
    for words in ("It floats", "Ahoy", "Only boats"):
        assert words in phone.shown
    phone.press("Go on", kind="car")
    assert phone.errors == ["This is required."]
    phone.press("Go on", kind="car", plate="BM 7")
    assert sent(receiver)["plate"] == "BM 7"


def test_list_leads_on_and_a_link_is_said_not_opened(meta: Meta) -> None:
    row = {"id": "r1", "main-content": {"title": "Roof", "description": "Tiles"}, "end": {"title": "£40"}}
    listed = {
        "type": "NavigationList",
        "name": "what",
        "list-items": [row],
        "on-click-action": {"name": "navigate", "next": {"type": "screen", "name": "END"}, "payload": {}},
    }
    link = {
        "type": "EmbeddedLink",
        "text": "Our terms",
        "on-click-action": {"name": "open_url", "url": "https://bakery.example/terms"},
    }
    end = screen("END", {"type": "TextBody", "text": "`${screen.ASK.form.what}`"}, FOOTER, terminal=True)
    phone = Phone(meta, send_flow(meta, flow(screen("ASK", link, listed), end)))
    assert "£40" in phone.shown
    phone.press("Our terms")
    assert phone.notice == "A phone would open https://bakery.example/terms"
    phone.press("Roof")
    assert phone.title == "End"
    assert "r1" in phone.shown


def test_picked_files_come_back_as_media_that_can_be_fetched(connected: Meta, receiver: Receiver) -> None:
    field = {"type": "PhotoPicker", "name": "photos", "label": "Photos", "max-uploaded-photos": 2}
    phone = Phone(connected, send_flow(connected, one_screen(field, payload={"photos": "${form.photos}"})))
    files = {"f:photos": ("roof.jpg", b"\xff\xd8\xff roof", "image/jpeg")}
    phone.do(phone.place_of("Go on"), files, **{"photos:sample": "1"})
    first, second = sent(receiver)["photos"]
    assert (first["file_name"], first["mime_type"]) == ("roof.jpg", "image/jpeg")
    assert second["file_name"] == "photo.png"
    address = connected.get(first["id"]).json()["url"]
    headers = {"Authorization": f"Bearer {connected.token}"}
    assert requests.get(address, headers=headers, timeout=20).content == b"\xff\xd8\xff roof"


def test_message_template_opens_its_flow_at_its_screen(connected: Meta, receiver: Receiver) -> None:
    flow_id = create_flow(connected, CLAIM, publish=True)
    button = {"type": "FLOW", "text": "Book", "flow_id": flow_id, "navigate_screen": "DAMAGE"}
    components = [{"type": "BODY", "text": "Book a visit"}, {"type": "BUTTONS", "buttons": [button]}]
    given = {"name": "visit", "language": "en_US", "category": "UTILITY", "components": components}
    body = {"waba_id": connected.waba_id, "message_templates": [given]}
    assert connected.sandbox.control("POST", "message_templates", body).status_code == 201
    action = {"type": "action", "action": {"flow_token": "tok-2", "flow_action_data": {"claim": "BM-9"}}}
    part = {"type": "button", "sub_type": "flow", "index": "0", "parameters": [action]}
    wamid = wamid_of(connected.send_template("visit", [part]))
    assert eventually(lambda: "/phone/flow?" in page(connected))
    phone = Phone(connected, wamid)
    assert "BM-9" in phone.shown
    phone.press("Go on", place="Hall").press("Go on")
    assert sent(receiver)["flow_token"] == "tok-2"


def test_flow_that_is_gone_is_said(meta: Meta) -> None:
    flow_id = create_flow(meta, CLAIM)
    wamid = send_flow_id(meta, flow_id, mode="draft")
    meta.call("DELETE", flow_id)
    assert "The form is not there" in Phone(meta, wamid).shown


@pytest.mark.parametrize(
    "code,parameters",
    [
        (131009, {"flow_id": "1"}),
        (131009, {"mode": "published"}),
        (131009, {"flow_action_payload": {"screen": "NOWHERE"}}),
        (131009, {"flow_action_payload": {"screen": "DAMAGE", "data": {}}}),
        (131009, {"flow_action_payload": {"screen": "DAMAGE", "data": "no JSON"}}),
        (131009, {"flow_action_payload": {"screen": ["DAMAGE"]}}),
        (131009, {"flow_action_payload": {"screen": "DAMAGE", "data": '{"claim": "\\ud800"}'}}),
        (131009, {"flow_action": "data_exchange"}),
    ],
)
def test_wrong_flow_message_is_refused(meta: Meta, code: int, parameters: dict[str, Any]) -> None:
    answer = post_flow(meta, create_flow(meta, CLAIM), **({"mode": "draft"} | parameters))
    assert code_of(answer) == (400, code)


def test_data_for_the_first_screen_may_be_a_text(meta: Meta) -> None:
    start = {"screen": "DAMAGE", "data": json.dumps({"claim": "BM-5"})}
    assert "BM-5" in Phone(meta, send_flow(meta, CLAIM, flow_action_payload=start)).shown


def test_preview_plays_the_draft_and_sends_nothing(connected: Meta, receiver: Receiver) -> None:
    flow_id = create_flow(connected, CLAIM)
    address = connected.get(flow_id, fields="preview").json()["preview"]["preview_url"]
    start = json.dumps({"screen": "DAMAGE", "data": {"claim": "BM-77"}})
    shown = requests.get(address, params={"flow_action_payload": start}, timeout=20)
    assert "BM-77" in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    plain = requests.get(address, timeout=20)
    assert "BM-1" in plain.text  # its examples
    press = PreviewPage(connected, plain)
    press.press("Go on", place="Hall")
    press.press("Go on", place="Hall")
    assert "Here the answer would be sent" in press.answer.text
    assert receiver.messages() == []


class PreviewPage(Phone):
    """The same page behind a preview's link."""

    def __init__(self, meta: Meta, answer: requests.Response) -> None:
        self._meta = meta
        self._known = {}
        self.answer = answer

    def submit(self, fields: Any, files: Any = None) -> Phone:
        marked = self.shown.partition('id="flow-form"')[2].partition('action="')[2].partition('"')[0]
        self.answer = requests.post(self._meta.sandbox.url + marked, data=fields, timeout=15)
        return self

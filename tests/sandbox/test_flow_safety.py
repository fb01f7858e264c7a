"""What a Flow holds and a customer enters does no harm: the page stays whole, and never is a 500."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import requests

from app.sandbox.flow_json.vocabulary import COMPONENTS
from tests.sandbox.flow_support import Phone, create_flow, send_flow, send_flow_id, text_input
from tests.sandbox.support import CUSTOMER, Meta, Receiver
from tests.sandbox.test_flow_phone import CLAIM, START, one_screen, sent


def test_texts_of_a_flow_are_escaped_and_what_is_entered_is_no_binding(
    connected: Meta, receiver: Receiver
) -> None:
    evil = "<script>alert(1)</script>"
    ask = one_screen(
        {"type": "RichText", "text": ["# " + evil, "- **bold** [x](javascript:alert(2))"]},
        {"type": "TextBody", "text": evil},
        text_input("f", label=evil, **{"init-value": '"><b>'}),
        {"type": "Dropdown", "name": "d", "label": "D", "data-source": "${data.list}"},
        payload={"f": "${form.f}"},
        data={"secret": "", "list": [{"id": "a", "title": "A"}]},
    )
    given = {"secret": "s3cret", "list": [{"id": "a", "title": "${data.secret}"}]}
    start = {"screen": "ASK", "data": given}
    phone = Phone(connected, send_flow(connected, ask, flow_action_payload=start))
    assert "s3cret" not in phone.answer.text
    assert "<script>alert" not in phone.answer.text
    assert 'href="javascript' not in phone.answer.text
    assert '"><b>' not in phone.answer.text
    phone.press("Go on", f="${data.secret}")
    assert sent(receiver)["f"] == "${data.secret}"


def test_page_of_a_flow_allows_no_inline_code_and_labels_what_it_asks(meta: Meta) -> None:
    kinds = [kind for kind, component in COMPONENTS.items() if {"name", "label"} <= set(component.required)]
    fields = [
        {"type": kind, "name": f"n{n}", "label": f"Field {n}", "data-source": [{"id": "a", "title": "A"}]}
        for n, kind in enumerate(kinds)
    ]
    phone = Phone(meta, send_flow(meta, one_screen(*fields)))
    shown = phone.answer.text
    assert "default-src 'none'" in phone.answer.headers["Content-Security-Policy"]
    assert shown.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\son\w+=", shown)
    ids = re.findall(r'\bid="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'\bfor="([^"]+)"', shown)) <= set(ids)
    for n in range(len(fields)):
        assert f"Field {n}" in shown
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', shown):
        assert requests.get(f"{meta.sandbox.url}{asset}", timeout=20).status_code == 200


def test_form_of_one_customer_is_not_another_ones(meta: Meta) -> None:
    wamid = send_flow(meta, CLAIM, **START)
    query = {"to": meta.number_id, "as": "447700900901", "wamid": wamid}
    answer = requests.get(f"{meta.sandbox.url}/phone/flow", params=query, timeout=20)
    assert "<h1>Sandbox phone</h1>" in answer.text
    posted = requests.post(f"{meta.sandbox.url}/phone/flow", data=query | {"do": "back"}, timeout=20)
    assert posted.status_code == 400


def deep(levels: int) -> Any:
    part: Any = {"type": "TextBody", "text": "x"}
    for _ in range(levels):
        part = {"type": "If", "condition": "true", "then": [part]}
    return part


HOSTILE = {
    "no object": "[]",
    "no JSON": "{",
    "half a character": '{"version":"7.3","screens":[{"id":"A","title":"\\ud800"}]}',
    "deep brackets": "[" * 100_000,
    "deep components": json.dumps(one_screen(deep(12))),
    "wrong types": json.dumps(
        {
            "version": [],
            "screens": [{"id": "A", "title": {}, "data": [], "layout": {"children": [[], 7, {}]}}],
        }
    ),
    "wrong properties": json.dumps(
        one_screen(
            *(
                {"type": kind, **dict.fromkeys(("name", "label"), "n"), **dict.fromkeys(WRONG, value)}
                for value in ([[]], {"a": {}}, 1e300, True)
                for kind in (
                    "TextInput",
                    "Dropdown",
                    "CalendarPicker",
                    "Image",
                    "PhotoPicker",
                    "Switch",
                    "Form",
                )
                for WRONG in [
                    ("data-source", "required", "visible", "pattern", "min-chars", "src", "cases", "children")
                ]
            )
        )
    ),
    "no bindings": json.dumps(one_screen({"type": "TextBody", "text": "`${data.} + ${x.y.z} ('`"})),
    "lists of itself": json.dumps(
        one_screen(text_input("f"), payload={str(index): ["${form}"] * 100 for index in range(100)})
    ),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_flow_is_never_an_error_of_ours(meta: Meta, text: str) -> None:
    flow_id = create_flow(meta, text)
    assert meta.get(flow_id).json()["validation_errors"]
    phone = Phone(meta, send_flow_id(meta, flow_id, mode="draft"))
    assert phone.answer.status_code == 200
    fields = {"to": meta.number_id, "as": CUSTOMER} | phone.fields(f="x" * 20_000) | {"do": "0"}
    for place in ("0", "refresh", "back", "28", "1", "é" * 50):
        assert phone.submit(fields | {"do": place, "step": phone.fields()["step"]}).answer.status_code == 200

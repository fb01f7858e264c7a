"""The page: quoting, reacting, reading, forms, customers, reviews, faults of one's own, the wire log."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.sandbox.support import CUSTOMER, Meta, Receiver, eventually, wamid_of
from tests.sandbox.test_phone_page import is_on, page, page_with, press, tap


def interactive(meta: Meta, kind: str, action: dict[str, Any], **more: Any) -> str:
    meta.receive()
    content = {"type": kind, "body": {"text": "Please choose"}, "action": action} | more
    return wamid_of(meta.send(type="interactive", interactive=content))


def replies(receiver: Receiver, kind: str) -> list[dict[str, Any]]:
    return [message for message in receiver.messages() if message["type"] == kind]


def test_answer_quotes_the_message_it_replies_to(connected: Meta, receiver: Receiver) -> None:
    wamid = wamid_of(connected.send_template())
    assert "Replying to" in page(connected, reply=wamid)
    press(connected, "messages", text="This one", reply=wamid)
    [message] = eventually(receiver.messages)
    assert message["context"] == {"from": connected.account["phone_number"][1:], "id": wamid}


def test_reaction_is_given_and_taken_back(connected: Meta, receiver: Receiver) -> None:
    wamid = wamid_of(connected.send_template())
    quoted = quote(wamid, safe="")
    page_with(connected, "Hello World")
    assert "Reactions: </span>👍" in press(connected, f"reactions?wamid={quoted}", emoji="👍")
    assert 'class="reaction"' not in press(connected, f"reactions?wamid={quoted}", emoji="")
    first, second = eventually(lambda: receiver.messages() if len(receiver.messages()) == 2 else [])
    assert first["reaction"] == {"message_id": wamid, "emoji": "👍"}
    assert second["reaction"] == {"message_id": wamid}


def test_customer_reads_when_told_to(connected: Meta, receiver: Receiver) -> None:
    press(connected, "switches", switch="reads_messages")
    wamid = wamid_of(connected.send_template())
    receiver.wait_for_status(wamid, "delivered")
    assert "Read 1" in page(connected)
    assert "Read 1" not in press(connected, "read")
    receiver.wait_for_status(wamid, "read")


def test_what_was_delivered_does_not_fail_when_its_customer_leaves_whatsapp(
    connected: Meta, receiver: Receiver
) -> None:
    press(connected, "switches", switch="reads_messages")
    wamid = wamid_of(connected.send_template())
    receiver.wait_for_status(wamid, "delivered")
    press(connected, "switches", switch="is_on_whatsapp")
    press(connected, "read")
    rows = connected.sandbox.control("GET", "messages").json()["data"]
    assert {row["wamid"]: row["status"] for row in rows}[wamid] == "delivered"


def test_messages_to_other_customers_are_marked_until_shown(connected: Meta, receiver: Receiver) -> None:
    receiver.wait_for_status(wamid_of(connected.send_template(to="+46701740605")), "delivered")
    mark = '<span class="badge is-info">1<span class="vh"> new</span>'
    assert mark in page(connected)
    page(connected, **{"as": "46701740605"})
    assert mark not in page(connected)


def test_link_and_call_are_said_not_done(meta: Meta) -> None:
    parameters = {"display_text": "See menu", "url": "https://bakery.example/menu"}
    interactive(meta, "cta_url", {"name": "cta_url", "parameters": parameters})
    shown = page_with(meta, "See menu")
    assert "<p><span class='lines'>Opens <a href='https://bakery.example/menu' target='_blank'" in shown


@pytest.mark.parametrize(
    "kind,action,what,expected",
    [
        ("call_permission_request", {"name": "call_permission_request"}, "call:accept", "interactive"),
        ("product", {"catalog_id": "1", "product_retailer_id": "rye"}, "order:rye", "order"),
        (
            "catalog_message",
            {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "rye"}},
            "order:rye",
            "order",
        ),
        ("request_contact_info", {"name": "request_contact_info"}, "contact:", "contacts"),
    ],
)
def test_rarer_button_is_answered_in_its_own_way(
    connected: Meta, receiver: Receiver, kind: str, action: dict[str, Any], what: str, expected: str
) -> None:
    wamid = interactive(connected, kind, action)
    tap(connected, wamid, what)
    [answer] = eventually(lambda: replies(receiver, expected))
    assert answer["context"]["id"] == wamid


def test_carousel_card_is_shown_and_answered(connected: Meta, receiver: Receiver) -> None:
    cards = [
        {
            "card_index": index,
            "type": "cta_url",
            "header": {"type": "image", "image": {"link": "https://bakery.example/a.png"}},
            "body": {"text": f"Loaf {index}"},
            "action": {
                "buttons": [
                    {"type": "quick_reply", "quick_reply": {"id": f"q{index}", "title": f"More {index}"}}
                ]
            },
        }
        for index in range(2)
    ]
    wamid = interactive(connected, "carousel", {"cards": cards})
    page_with(connected, "Loaf 1")
    tap(connected, wamid, "card:q1")
    [answer] = eventually(lambda: replies(receiver, "interactive"))
    assert answer["interactive"]["button_reply"] == {"id": "q1", "title": "More 1"}


def test_traits_are_switched_and_the_app_is_told_of_a_stop(meta: Meta, receiver: Receiver) -> None:
    meta.connect(receiver, fields="user_preferences")
    for trait in ("is_opted_out", "has_blocked", "hides_phone"):
        assert is_on(press(meta, "switches", switch=trait), trait)
    assert not is_on(press(meta, "switches", switch="is_on_whatsapp"), "is_on_whatsapp")
    [value] = eventually(lambda: receiver.changes("user_preferences"))
    assert value["user_preferences"][0]["value"] == "stop"
    assert "You blocked this business" in page(meta)


def test_customer_is_added_with_and_without_a_number(meta: Meta) -> None:
    assert 'as=447700900777" aria-current="page">' in press(
        meta, "customers", name="Mia Wong", other="+44 7700 900777"
    )
    assert "@kim</span>" in press(meta, "customers", name="Kim", username="@kim")


def test_message_template_is_reviewed_on_the_page(connected: Meta, receiver: Receiver) -> None:
    [first, *_] = connected.get(f"{connected.waba_id}/message_templates").json()["data"]
    key = first["id"]
    press(connected, "reviews", decision=f"reject:{key}:SCAM")
    field = "message_template_status_update"
    [value] = eventually(lambda: receiver.changes(field))
    assert (value["event"], value["reason"]) == ("REJECTED", "SCAM")


def test_fault_of_ones_own_is_added_and_removed(meta: Meta) -> None:
    form = {"kind": "throttle:131056", "count": "", "percent": "50", "for_s": "60", "endpoint": "/messages"}
    shown = press(meta, "faults", **form, recipient="+44 7700 900900")
    assert "131056, pair rate limit, 50 % of the time, at /messages, to +44 7700 900900" in shown
    [fault] = meta.sandbox.logged("faults")
    assert (fault["count"], fault["percent"], fault["code"]) == (None, 50, 131056)
    press(meta, "faults", remove=str(fault["id"]))
    assert meta.sandbox.logged("faults") == []


@pytest.mark.parametrize("form", [{"kind": "nothing"}, {"kind": "outage", "percent": "500"}])
def test_wrong_fault_of_ones_own_is_refused(meta: Meta, form: dict[str, str]) -> None:
    body = {"to": meta.number_id, "as": CUSTOMER} | form
    assert requests.post(f"{meta.sandbox.url}/phone/faults", data=body, timeout=20).status_code == 400


def test_wire_log_shows_both_sides_and_filters(connected: Meta, receiver: Receiver) -> None:
    wamid = wamid_of(connected.send_template())
    receiver.wait_for_status(wamid, "read")
    connected.fault("throttle")
    connected.send_template()
    shown = page(connected, "/phone/wire", q=wamid)
    assert "POST /v23.0/" in shown
    assert "messages, status read" in shown
    assert connected.token not in page(connected, "/phone/wire")
    calls = page(connected, "/phone/wire", what="calls", result="trouble", q=connected.number_id)
    assert "130429" in calls
    assert "status read" not in calls

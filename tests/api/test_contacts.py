"""Contacts over the API: what is said about them, and marketing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import ConsentSource, ContactConsent
from tests.api.conftest import Program


@pytest.fixture
def conversation(make: Any) -> Any:
    account = make.account()
    return make.conversation(account, contact=make.contact(account, wa_id="447700900123"))


@pytest.fixture
def caller(program: Any, conversation: Any) -> Program:
    found: Program = program(role="agent", accounts=[conversation.account])
    return found


def test_a_contact_is_changed_in_the_fields_that_are_given(caller: Program, conversation: Any) -> None:
    path = f"contacts/{conversation.contact_id}/"
    caller.call("PATCH", path, json={"own_name": "Grace A.", "tags": ["VIP", "new"]}, status=200)
    changed = caller.call("PATCH", path, json={"language": "de"}, status=200)
    assert (changed["own_name"], changed["language"], changed["tags"]) == ("Grace A.", "de", ["new", "vip"])
    assert [row["id"] for row in caller.get("contacts/", tag="vip")["results"]] == [conversation.contact_id]
    assert caller.get("contacts/", search="grace a")["results"]
    assert set(caller.refused_fields("PATCH", path, json={"language": "xx"})) == {"language"}
    assert set(caller.refused_fields("PATCH", path, json={"profile_name": "Ada"})) == {"profile_name"}


def test_marketing_to_one_who_opted_out_is_a_clear_409(caller: Program, make: Any, conversation: Any) -> None:
    account, path = conversation.account, f"contacts/{conversation.contact_id}/"
    send = f"accounts/{account.id}/send_message/"
    body = [{"type": "BODY", "text": "Ten percent off."}]
    make.message_template(account, name="offer", category="MARKETING", components=body)
    make.message_template(account, name="notice", components=body)
    assert caller.call("POST", f"{path}opt_out/", json={"note": "Letter"}, status=200)["opted_out_at"]
    assert len(caller.get("contacts/", opted_out="yes")["results"]) == 1
    message = {
        "to_phone_number": "+447700900123",
        "message_type": "template",
        "template": {"name": "offer", "language": {"code": "en_US"}},
    }
    assert caller.refused("POST", send, 409, json=message)["code"] == "opted_out"
    caller.call(
        "POST",
        send,
        json={**message, "template": {**message["template"], "name": "notice"}},
        status=202,
    )
    assert caller.call("POST", f"{path}opt_in/", json={}, status=200)["opted_out_at"] is None
    caller.call("POST", send, json=message, status=202)
    sources = set(db.session.scalars(select(ContactConsent.source)))
    assert sources == {ConsentSource.API}


def test_fields_of_ones_own_are_made_written_and_read(program: Any, make: Any, conversation: Any) -> None:
    caller: Program = program(role="manager", accounts=[conversation.account])
    made = {"waba_account_id": conversation.account_id, "name": "Shoe size", "kind": "number"}
    field = caller.call("POST", "contact-fields/", json=made, status=201)
    assert (field["key"], field["is_retired"]) == ("shoe_size", False)
    path = f"contacts/{conversation.contact_id}/"
    changed = caller.call("PATCH", path, json={"fields": {"shoe_size": 44.5}}, status=200)
    assert (changed["fields"], changed["local_time_zone"]) == ({"shoe_size": "44.5"}, "Europe/London")
    caller.call("PATCH", path, json={"fields": {}, "time_zone": "Asia/Tokyo"}, status=200)
    (found,) = caller.get("contacts/", field="shoe_size", field_is="is", value="44.5")["results"]
    assert (found["fields"], found["time_zone"]) == ({"shoe_size": "44.5"}, "Asia/Tokyo")
    refused = caller.refused_fields("PATCH", path, json={"fields": {"shoe_size": "big", "hat": "1"}})
    assert set(refused) == {"fields.hat", "fields.shoe_size"}
    one = f"contact-fields/{field['id']}/"
    assert caller.call("PATCH", one, json={"name": "Size", "is_retired": True}, status=200)["is_retired"]
    assert caller.get(path)["fields"] == {}
    assert [row["name"] for row in caller.get("contact-fields/")["results"]] == ["Size"]

"""Who is who over the API: customers without a number, addresses, joins, blocks."""

from __future__ import annotations

from typing import Any

import pytest

from app.extensions import db
from app.models import BlockState, ContactBlock
from tests.api.conftest import Program


@pytest.fixture
def conversation(make: Any) -> Any:
    account = make.account()
    contact = make.contact(account, wa_id=None, user_id="BR.1349", username="lucia.m")
    return make.conversation(account, contact=contact)


@pytest.fixture
def caller(program: Any, conversation: Any) -> Program:
    found: Program = program(role="agent", accounts=[conversation.account])
    return found


def test_a_customer_without_a_number_is_found_and_written_to_by_user_id(
    caller: Program, conversation: Any
) -> None:
    for query in ({"user_id": "BR.1349"}, {"search": "BR.1349"}, {"search": "@lucia.m"}):
        (found,) = caller.get("contacts/", **query)["results"]
        assert (found["phone_number"], found["username"], found["joined_to_id"]) == ("", "lucia.m", None)
    send = f"accounts/{conversation.account_id}/send_message/"
    text = {"message_type": "text", "text_content": "Hello"}
    for address in ({"to_user_id": "BR.1349"}, {"to_phone_number": "BR.1349"}):
        message = caller.call("POST", send, json={**text, **address}, status=202)
        assert (message["to_user_id"], message["to_phone_number"]) == ("BR.1349", None)
    assert caller.call("POST", send, json={**text, "to_phone_number": "@Lucia.M"}, status=202)
    assert set(caller.refused_fields("POST", send, json={**text, "to_phone_number": "@nobody"})) == {
        "to_phone_number"
    }
    assert len(caller.get("messages/", contact="BR.1349")["results"]) == 3
    (address,) = caller.get(f"contacts/{conversation.contact_id}/addresses/")["results"]
    assert (address["kind"], address["value"], address["source"]) == ("user_id", "BR.1349", "api")


def test_a_login_code_for_somebody_without_a_number_is_refused_before_meta_is_asked(
    caller: Program, make: Any, conversation: Any
) -> None:
    body = [{"type": "BODY", "text": "Your code is 1234."}]
    make.message_template(conversation.account, name="code", category="AUTHENTICATION", components=body)
    message = {
        "to_user_id": "BR.1349",
        "message_type": "template",
        "template": {"name": "code", "language": {"code": "en_US"}},
    }
    send = f"accounts/{conversation.account_id}/send_message/"
    assert "phone numbers only" in caller.refused("POST", send, 409, json=message)["message"]


def test_a_number_is_found_in_either_spelling(caller: Program, make: Any, conversation: Any) -> None:
    make.contact(conversation.account, wa_id="551187654321")
    for spelling in ("+55 11 98765-4321", "551187654321"):
        assert len(caller.get("contacts/", phone_number=spelling)["results"]) == 1


def test_two_contacts_are_joined_and_taken_apart(caller: Program, make: Any, conversation: Any) -> None:
    one_id = conversation.contact_id
    two_id = make.contact(conversation.account).id
    path = f"contacts/{one_id}/join/"
    join = caller.call("POST", path, json={"contact_id": two_id}, status=200)
    assert (join["into_id"], join["contact_id"], join["state"]) == (one_id, two_id, "joined")
    assert caller.get(f"contacts/{two_id}/")["joined_to_id"] == one_id
    assert caller.refused("POST", path, 409, json={"contact_id": two_id})["code"] == "account_not_ready"
    assert set(caller.refused_fields("POST", path, json={"contact_id": 2**62})) == {"contact_id"}
    caller.call("POST", f"contacts/joins/{join['id']}/undo/", json={}, status=200)
    assert caller.get(f"contacts/{two_id}/")["joined_to_id"] is None
    (listed,) = caller.get("contacts/joins/", contact=two_id, state="undone")["results"]
    assert listed["id"] == join["id"]


def test_sending_to_the_blocked_is_a_clear_409_and_whom_the_rule_protects_stays_unblocked(
    caller: Program, make: Any, conversation: Any
) -> None:
    silent = make.contact(conversation.account)
    refused = caller.refused("POST", f"contacts/{silent.id}/block/", 409, json={})
    assert "in the last 24 hours" in refused["message"]
    number_id = conversation.phone_number_id
    row = ContactBlock(
        account_id=conversation.account_id,
        phone_number_id=number_id,
        contact_id=conversation.contact_id,
        user_id="BR.1349",
        state=BlockState.BLOCKED,
    )
    db.session.add(row)
    db.session.commit()
    (blocked,) = caller.get("contacts/blocked/", phone_number_id=number_id)["results"]
    assert (blocked["user_id"], blocked["phone_number"], blocked["state"]) == ("BR.1349", None, "blocked")
    send = f"accounts/{conversation.account_id}/send_message/"
    text = {"message_type": "text", "text_content": "Hello", "to_user_id": "BR.1349"}
    assert caller.refused("POST", send, 409, json=text)["code"] == "blocked"

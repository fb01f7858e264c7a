"""Privacy requests over the API: all that is held, and erasing with a proof."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import NotReady
from app.extensions import db
from app.queries.access import SYSTEM
from app.services.erasing import work
from app.services.messages import queue_message
from tests.api.conftest import Program


def test_a_person_is_told_everything_and_erased(program: Any, make: Any) -> None:
    caller: Program = program(role="owner")
    conversation = make.conversation(window_open=True)
    make.message(conversation, outbound=False, text_content="Hello you")
    contact = conversation.contact
    path, number = f"contacts/{contact.id}/", contact.phone_number
    make.contact_join(make.contact(contact.account, joined_to_id=contact.id), contact, state="joined")
    held = caller.call("POST", f"{path}data/", json={}, status=200)["tables"]
    assert [row["text_content"] for row in held["whatsapp_messages"]] == ["Hello you"]
    assert set(caller.refused_fields("POST", f"{path}erase/", json={"confirm": "+44 7700 900000"})) == {
        "confirm"
    }
    asked = caller.call("POST", f"{path}erase/", json={"confirm": number, "joined": True}, status=202)
    again = caller.call("POST", f"{path}erase/", json={"confirm": number}, status=202)
    assert (asked["state"], asked["id"]) == ("waiting", again["id"])
    db.session.rollback()
    assert (work.work_off("w"), work.work_off("w")) == (1, 1)
    done = caller.get(f"erasures/{asked['id']}/")
    assert (done["state"], done["rows"]["whatsapp_messages"], done["rows"]["contacts"]) == ("done", 1, 2)
    assert done["signature"].startswith("sha256=")
    assert asked["id"] in [row["id"] for row in caller.get("erasures/")["results"]]
    left = caller.get(path)
    assert (left["phone_number"], left["profile_name"], left["own_name"]) == ("", "", "Erased person")
    with pytest.raises(NotReady, match="nobody to write to"):
        queue_message(
            conversation=conversation,
            message_type="text",
            content={"body": "Hi"},
            actor=SYSTEM,
            is_trial=True,
        )

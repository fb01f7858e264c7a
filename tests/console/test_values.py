"""The values of a message template in the console: each kind is asked for as what it is."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.extensions import db
from app.graph.message_template_rules import check_send
from app.models import Message, OutgoingFile, PlannedMessage, utcnow
from tests.graph.conftest import samples
from tests.support.media import PNG

IMAGE = [
    {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}},
    {"type": "BODY", "text": "Look at this."},
]
PLACE = [{"type": "HEADER", "format": "LOCATION"}, {"type": "BODY", "text": "Meet us here."}]
MEETING = {
    "value_header_location_latitude": "51.5034",
    "value_header_location_longitude": "-0.1276",
    "value_header_location_name": "The office",
    "value_header_location_address": "1 High Street",
}


@pytest.fixture
def conversation(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("agent", [account])
    return make.conversation(account)


def sent() -> list[Any]:
    db.session.expire_all()
    message = db.session.query(Message).order_by(Message.id.desc()).first()
    assert message is not None
    found: list[Any] = message.content["components"]
    return found


def send(page: Any, conversation: Any, row: Any, status: int = 303, **data: Any) -> Any:
    return page.post(
        "console.send_message_template",
        conversation_id=conversation.id,
        data={"message_template": row.id, **data},
        status=status,
    )


def test_a_place_is_asked_for_in_its_parts_and_sent_as_meta_wants_it(
    page: Any, make: Any, conversation: Any
) -> None:
    row = make.message_template(conversation.account, components=PLACE)
    refused = send(page, conversation, row, 422, **{**MEETING, "value_header_location_latitude": "123"})
    assert refused.soup.select_one("#value_header_location_latitude")["aria-invalid"] == "true"
    assert refused.soup.select_one("#value_header_location_name")["value"] == "The office"
    send(page, conversation, row, **MEETING)
    place = {"latitude": "51.5034", "longitude": "-0.1276", "name": "The office", "address": "1 High Street"}
    assert sent() == [{"type": "header", "parameters": [{"type": "location", "location": place}]}]


def test_the_end_of_an_offer_is_typed_as_a_time_and_sent_in_milliseconds(
    page: Any, make: Any, conversation: Any
) -> None:
    offer = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon", "has_expiration": True}}
    row = make.message_template(
        conversation.account, components=[{"type": "BODY", "text": "Only today."}, offer]
    )
    send(page, conversation, row, value_offer_expires_at="2027-01-01T12:00")
    [part] = sent()
    assert part["parameters"][0]["limited_time_offer"] == {"expiration_time_ms": 1_798_804_800_000}


def test_a_picture_is_chosen_here_or_given_by_its_address(
    sandbox: Any, page: Any, make: Any, sign_in: Any
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    conversation = make.conversation(account)
    sign_in("agent", [account])
    row = make.message_template(account, components=IMAGE)
    missing = send(page, conversation, row, 422)
    assert "Give its address, or choose a file." in missing.text()
    send(page, conversation, row, value_header_image_file=(io.BytesIO(PNG), "a.png", "image/png"))
    [part] = sent()
    assert part["parameters"][0]["image"]["id"].isdigit()
    send(page, conversation, row, value_header_image="https://example.com/a.png")
    assert sent()[0]["parameters"][0]["image"] == {"link": "https://example.com/a.png"}
    wrong = send(
        page,
        conversation,
        row,
        422,
        value_header_image_file=(io.BytesIO(b"MZ"), "a.exe", "application/x-msdownload"),
    )
    assert "does not take this type of file" in wrong.text()
    # Planned far beyond the window, pressed twice: it is kept here with its one plan.
    conversation.last_inbound_at = None
    db.session.commit()
    later = {"send_at": (utcnow() + timedelta(days=40)).strftime("%Y-%m-%dT%H:%M"), "send_key": "c" * 32}
    for _ in range(2):
        send(page, conversation, row, **later, value_header_image_file=(io.BytesIO(PNG), "a.png"))
    song = (io.BytesIO(b"%PDF-1.4 x"), "a.pdf")
    send(page, conversation, row, 422, **{**later, "send_key": "d" * 32}, value_header_image_file=song)
    [file], [plan] = db.session.query(OutgoingFile).all(), db.session.query(PlannedMessage).all()
    assert file.is_planned
    assert plan.content["components"][0]["parameters"][0]["image"]["id"] == file.meta_id


def typed(page: Any, conversation: Any, row: Any) -> dict[str, str]:
    """Something fitting in each field the composer asks for."""
    shown = page.open(f"/console/{conversation.id}/?compose=template&message_template={row.id}", status=200)
    data = {}
    for field in shown.soup.select("#composer-form [name^=value_]"):
        name, kind = field["name"], field.get("type", "")
        if kind == "file":
            continue
        if kind == "datetime-local":
            data[name] = "2027-01-01T12:00"
        elif field.get("placeholder") == "https://":
            data[name] = "https://example.com/a"
        else:
            data[name] = "12"
    return data


@pytest.mark.parametrize("path", samples("templates/*.create.json"))
def test_every_kind_of_message_template_can_be_sent_from_the_console(
    page: Any, make: Any, conversation: Any, path: Path
) -> None:
    body = json.loads(path.read_text(encoding="utf-8"))
    components = body.get("components", [])
    row = make.message_template(
        conversation.account,
        components=components,
        parameter_format=body.get("parameter_format", "POSITIONAL"),
    )
    send(page, conversation, row, **typed(page, conversation, row))
    db.session.expire_all()
    message = db.session.query(Message).order_by(Message.id.desc()).first()
    assert message is not None
    assert check_send(components, message.content.get("components") or []) == []

"""heyoo 0.1.2, an old and simple client, sends and receives with the sandbox.

It is written for v14.0 and v15.0, older than what the sandbox answers: its two addresses get a newer one.
It has no signature check and turns an answer over as it came, an error too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from heyoo import WhatsApp

from app.sandbox import sample_media
from tests.sandbox.support import CUSTOMER, Meta, Receiver

LINK = "https://shop.example.com/file"
LIST = {
    "header": "Slots",
    "body": "When?",
    "footer": "Bakery",
    "action": {"button": "Show", "sections": [{"title": "Today", "rows": [{"id": "s1", "title": "10:00"}]}]},
}
YES = {
    "type": "button",
    "body": {"text": "Come?"},
    "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]},
}
CARD = {"name": {"formatted_name": "Ana Doe", "first_name": "Ana"}}
VALUES = [{"type": "body", "parameters": [{"type": "text", "text": text} for text in ("Ana", "A-1")]}]


@pytest.fixture
def heyoo(connected: Meta) -> WhatsApp:
    connected.receive()
    client = WhatsApp(connected.token, phone_number_id=connected.number_id)
    client.base_url = client.v15_base_url = f"{connected.sandbox.url}/v23.0"
    client.url = f"{client.base_url}/{connected.number_id}/messages"
    return client


def test_heyoo_sends_every_kind_it_knows(heyoo: WhatsApp, connected: Meta) -> None:
    wamid = connected.receive().json()["wamid"]
    answers: list[dict[str, Any]] = [
        heyoo.send_message(f"See {LINK}", CUSTOMER),
        heyoo.send_reaction("👍", wamid, CUSTOMER),
        heyoo.reply_to_message(wamid, CUSTOMER, "Yes"),
        heyoo.send_template("order_update", CUSTOMER, VALUES),
        heyoo.send_location(51.5, -0.1, "Shop", "1 Harbour Lane", CUSTOMER),
        heyoo.send_image(LINK, CUSTOMER, caption="Bread"),
        heyoo.send_sticker(LINK, CUSTOMER),
        heyoo.send_audio(LINK, CUSTOMER),
        heyoo.send_video(LINK, CUSTOMER, caption="Bread"),
        heyoo.send_document(LINK, CUSTOMER, caption="Bill"),
        heyoo.send_contacts([CARD], CUSTOMER),
        heyoo.send_button(LIST, CUSTOMER),
        heyoo.send_reply_button(YES, CUSTOMER),
    ]
    for answer in answers:
        assert answer["messages"][0]["id"].startswith("wamid."), answer
    assert heyoo.mark_as_read(wamid) == {"success": True}


# Its upload leaves the file open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_heyoo_moves_media(heyoo: WhatsApp, tmp_path: Path) -> None:
    picture = tmp_path / "bread.png"
    picture.write_bytes(sample_media.sample("image").data)
    media_id = heyoo.upload_media(str(picture))["id"]
    assert heyoo.send_image(media_id, CUSTOMER, link=False)["messages"]
    url = heyoo.query_media_url(media_id)
    saved = heyoo.download_media(url, "image/png", str(tmp_path / "again"))
    assert Path(saved).read_bytes() == picture.read_bytes()
    assert heyoo.delete_media(media_id) == {"success": True}
    assert heyoo.query_media_url(media_id) is None


def test_heyoo_reads_messages_and_statuses(heyoo: WhatsApp, connected: Meta, receiver: Receiver) -> None:
    connected.receive({"type": "text", "text": {"body": "Where is my order?"}})
    sent = heyoo.send_message("On its way", CUSTOMER)["messages"][0]["id"]
    receiver.wait_for_status(sent, "read")
    data = [wrapped(value) for value in receiver.changes()]
    [written] = [one for one in data if heyoo.is_message(one) and heyoo.get_message(one) != "Hello"]
    assert heyoo.changed_field(written) == "messages"
    assert (heyoo.get_message_type(written), heyoo.get_message(written)) == ("text", "Where is my order?")
    assert (heyoo.get_mobile(written), heyoo.get_name(written)) == (CUSTOMER, "Nadia Brook")
    statuses = [heyoo.get_delivery(one) for one in data if not heyoo.is_message(one)]
    assert statuses == ["sent", "delivered", "read"]


def wrapped(value: dict[str, Any]) -> dict[str, Any]:
    return {"entry": [{"changes": [{"field": "messages", "value": value}]}]}


def test_heyoo_shows_the_error(heyoo: WhatsApp) -> None:
    answer = heyoo.send_template("nobody_made_this", CUSTOMER, [])
    assert answer["error"]["code"] == 132001

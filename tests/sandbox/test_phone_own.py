"""What the customer sends of his own: files, places, contacts; and what he takes back."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from app.sandbox import sample_media
from tests.sandbox.support import CUSTOMER, Meta, Receiver, eventually, wamid_of
from tests.sandbox.test_phone_page import page, page_with, press

PICTURE = ("a.png", sample_media.sample("image").data, "image/png")


def send_files(meta: Meta, files: list[tuple[str, bytes, str]], **form: str) -> requests.Response:
    body = {"to": meta.number_id, "as": CUSTOMER} | form
    parts = [("files", file) for file in files]
    return requests.post(f"{meta.sandbox.url}/phone/messages", data=body, files=parts, timeout=10)


def received(receiver: Receiver, count: int) -> list[dict[str, Any]]:
    return eventually(lambda: found if len(found := receiver.messages()) == count else [])


def test_several_files_go_at_once_with_one_caption(connected: Meta, receiver: Receiver) -> None:
    text = ("notes.txt", b"hello", "text/plain")
    assert send_files(connected, [PICTURE, PICTURE, text], text="Here they are").status_code == 200
    first, second, third = received(receiver, 3)
    assert [first["type"], second["type"], third["type"]] == ["image", "image", "document"]
    assert first["image"]["caption"] == "Here they are"
    assert "caption" not in second["image"]
    assert third["document"]["filename"] == "notes.txt"
    assert connected.get(third["document"]["id"]).json()["file_size"] == 5


@pytest.mark.parametrize(
    "name,mime_type,form,kind",
    [
        ("voice.ogg", "audio/ogg", {}, "audio"),
        ("film.mp4", "video/mp4", {}, "video"),
        ("face.webp", "image/webp", {}, "sticker"),
        ("picture.tiff", "image/tiff", {}, "document"),
        ("film.mp4", "application/octet-stream", {}, "video"),
        ("a.png", "image/png", {"as_documents": "1"}, "document"),
    ],
)
def test_kind_of_a_file_is_known_by_its_type(
    connected: Meta, receiver: Receiver, name: str, mime_type: str, form: dict[str, str], kind: str
) -> None:
    send_files(connected, [(name, b"some bytes", mime_type)], **form)
    assert received(receiver, 1)[0]["type"] == kind


def test_text_beside_a_sound_follows_by_itself(connected: Meta, receiver: Receiver) -> None:
    send_files(connected, [("v.ogg", b"some bytes", "audio/ogg")], text="Listen")
    assert [message["type"] for message in received(receiver, 2)] == ["audio", "text"]


@pytest.mark.parametrize(
    "files,words",
    [
        ([("big.png", b"x" * (5 * 1024 * 1024 + 1), "image/png")], "WhatsApp takes at most 5.0 MB"),
        ([("none.txt", b"", "text/plain")], "none.txt is empty"),
        ([PICTURE] * 11, "At most 10 files"),
    ],
)
def test_file_that_cannot_go_is_refused_in_words(
    meta: Meta, files: list[tuple[str, bytes, str]], words: str
) -> None:
    answer = send_files(meta, files)
    assert answer.status_code == 400
    assert words in answer.text
    assert "Back to the phone" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "No messages yet" in page(meta)


def test_place_and_contact_of_ones_own_choice(connected: Meta, receiver: Receiver) -> None:
    press(connected, "messages", thing="place", latitude="-33.86", longitude="151.2", place="Quay")
    press(connected, "messages", thing="contact", contact="رنا حداد", phone="+44 7700 900111")
    place, person = received(receiver, 2)
    assert place["location"] == {"latitude": -33.86, "longitude": 151.2, "name": "Quay"}
    assert person["contacts"][0]["name"]["formatted_name"] == "رنا حداد"
    assert person["contacts"][0]["phones"][0]["wa_id"] == "447700900111"


@pytest.mark.parametrize(
    "form",
    [
        {"thing": "place", "latitude": "north", "longitude": "1"},
        {"thing": "place", "latitude": "nan", "longitude": "1"},
        {"thing": "place", "latitude": "91", "longitude": "1"},
        {"thing": "contact", "contact": " ", "phone": "+44 7700 900111"},
        {"thing": "contact", "contact": "Ana", "phone": "12"},
        {"thing": "spaceship"},
        {"edit": "wamid.none", "text": "x"},
        {"reply": "wamid.none", "text": "x"},
    ],
)
def test_what_makes_no_sense_is_refused(meta: Meta, form: dict[str, str]) -> None:
    body = {"to": meta.number_id, "as": CUSTOMER} | form
    assert requests.post(f"{meta.sandbox.url}/phone/messages", data=body, timeout=20).status_code == 400


def test_own_text_is_changed_and_deleted(connected: Meta, receiver: Receiver) -> None:
    wamid = connected.receive({"type": "text", "text": {"body": "Tpyo"}}).json()["wamid"]
    assert ">Tpyo</textarea>" in page(connected, edit=wamid)
    chat = press(connected, "messages", edit=wamid, text="Typo").partition('id="thread"')[2]
    assert "Typo" in chat
    assert "Edited" in chat
    assert ">Typo</textarea>" in page(connected, edit=wamid)
    shown = press(connected, f"deletions?wamid={wamid.replace('=', '%3D')}")
    assert "You deleted this message" in shown
    changed, deleted = received(receiver, 3)[1:]
    assert changed["edit"] == {
        "original_message_id": wamid,
        "message": {"type": "text", "text": {"body": "Typo"}},
    }
    assert deleted["revoke"] == {"original_message_id": wamid}


def test_message_of_the_business_can_be_neither_changed_nor_deleted(meta: Meta) -> None:
    wamid = wamid_of(meta.send_template())
    page_with(meta, "Hello World")
    body = {"to": meta.number_id, "as": CUSTOMER}
    url = f"{meta.sandbox.url}/phone/deletions"
    answer = requests.post(url, params={"wamid": wamid}, data=body, timeout=20)
    assert answer.status_code == 400
    assert "Only an own message" in answer.text


def test_message_of_another_customer_cannot_be_touched(meta: Meta) -> None:
    wamid = meta.receive().json()["wamid"]
    body = {"to": meta.number_id, "as": "12025550147", "emoji": "👍"}
    url = f"{meta.sandbox.url}/phone/reactions"
    assert requests.post(url, params={"wamid": wamid}, data=body, timeout=20).status_code == 400


def test_reply_to_an_own_message_names_oneself(connected: Meta, receiver: Receiver) -> None:
    wamid = connected.receive().json()["wamid"]
    press(connected, "messages", text="I mean this", reply=wamid)
    assert received(receiver, 2)[1]["context"] == {"from": CUSTOMER, "id": wamid}


def test_nothing_is_written_to_a_blocked_business(meta: Meta) -> None:
    press(meta, "switches", switch="has_blocked")
    answer = send_files(meta, [PICTURE])
    assert answer.status_code == 400
    assert "Unblock it" in answer.text


def test_two_people_without_a_number_are_two(meta: Meta) -> None:
    press(meta, "customers", name="Kim")
    shown = press(meta, "customers", name="Lou")
    assert ">Kim</span>" in shown
    assert ">Lou</span>" in shown

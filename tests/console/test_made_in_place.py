"""Places, cards, link buttons and questions for a place, as the composer makes them and Meta wants them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Message, OutgoingFile
from tests.support.media import PNG


@pytest.fixture
def conversation(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("agent", [account])
    return make.conversation(account)


def send(page: Any, conversation: Any, endpoint: str, status: int = 200, **data: Any) -> Any:
    return page.post(
        f"console.{endpoint}", conversation_id=conversation.id, data=data, htmx=True, status=status
    )


def last(conversation: Any) -> Message:
    db.session.expire_all()
    statement = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.id.desc())
    message = db.session.scalars(statement).first()
    assert message is not None
    return message


def test_a_place_is_typed_in_parts_or_pasted_as_maps_copy_it(page: Any, conversation: Any) -> None:
    words = {"name": "The office", "address": "1 High Street"}
    shown = send(
        page,
        conversation,
        "send_location",
        latitude="51.5034, -0.1276",
        longitude="",
        body="typed before",
        **words,
    )
    message = last(conversation)
    assert message.message_type == "location"
    assert message.content == {"latitude": 51.5034, "longitude": -0.1276, **words}
    assert shown.soup.select_one("#message-body").get_text().strip() == "typed before"
    bad = send(page, conversation, "send_location", 422, latitude="91", longitude="nan", **words)
    assert bad.soup.select_one("#latitude")["aria-invalid"] == "true"
    assert bad.soup.select_one("#longitude")["aria-invalid"] == "true"
    assert bad.soup.select_one("#name")["value"] == "The office"
    kept = page.post(
        "console.composer",
        conversation_id=conversation.id,
        compose="location",
        data={"body": "put by"},
        htmx=True,
    )
    assert kept.soup.select_one("#kept-body")["value"] == "put by"


def test_several_contact_cards_go_as_one_message(page: Any, conversation: Any) -> None:
    send(
        page,
        conversation,
        "send_contacts",
        **{
            "people-0-first_name": "Ana",
            "people-0-last_name": "Costa",
            "people-0-phone": "+44 7700 900123",
            "people-0-has_whatsapp": "y",
            "people-1-first_name": " ",
            "people-2-company": "The garage",
            "people-2-email": "desk@garage.example",
        },
    )
    message = last(conversation)
    assert message.text_content == "Ana Costa, The garage"
    assert message.content == {
        "contacts": [
            {
                "name": {"formatted_name": "Ana Costa", "first_name": "Ana", "last_name": "Costa"},
                "phones": [{"phone": "+44 7700 900123", "type": "WORK", "wa_id": "447700900123"}],
            },
            {
                "name": {"formatted_name": "The garage", "first_name": "The garage"},
                "emails": [{"email": "desk@garage.example", "type": "WORK"}],
                "org": {"company": "The garage"},
            },
        ]
    }
    bad = send(page, conversation, "send_contacts", 422, **{"people-0-first_name": "Bo"})
    assert "Give a number or an e-mail address" in bad.text()
    assert "Fill in at least one card." in send(page, conversation, "send_contacts", 422).text()


def test_buttons_list_and_link_have_header_and_footer(page: Any, conversation: Any) -> None:
    edges = {"header": "Your parcel", "footer": "Sample Shop"}
    link = {"button": "Track it", "url": "https://shop.example.com/t/1"}
    send(page, conversation, "send_link", body="It is on its way.", **link, **edges)
    assert last(conversation).content == {
        "type": "cta_url",
        "header": {"type": "text", "text": "Your parcel"},
        "body": {"text": "It is on its way."},
        "footer": {"text": "Sample Shop"},
        "action": {
            "name": "cta_url",
            "parameters": {"display_text": "Track it", "url": "https://shop.example.com/t/1"},
        },
    }
    bad = send(page, conversation, "send_link", 422, body="Look", button="Go", url="javascript:alert(1)")
    assert bad.soup.select_one("#url")["value"] == "javascript:alert(1)"
    assert bad.soup.select_one("#form-errors") is not None
    send(page, conversation, "send_buttons", body="Yes?", **{"buttons-0": "Yes"}, **edges)
    assert last(conversation).content["header"]["text"] == "Your parcel"
    rows = {"rows-0-title": "Mon", "button": "Days"}
    send(page, conversation, "send_list", body="When?", **rows, **edges)
    assert last(conversation).content["footer"]["text"] == "Sample Shop"
    long = send(page, conversation, "send_buttons", 422, body="Yes?", header="x" * 61, **{"buttons-0": "Yes"})
    assert long.soup.select_one("#header")["aria-invalid"] == "true"


def test_a_picture_stands_above_buttons_and_twice_pressed_is_once(
    page: Any, make: Any, sign_in: Any, sandbox: Any
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    sign_in("agent", [account])
    conversation = make.conversation(account)

    def press(status: int, name: str, content: bytes, **more: str) -> Any:
        file = {"header_file": (io.BytesIO(content), name)}
        given = {"body": "This one?", "buttons-0": "Yes", "send_key": "a" * 32, **more, **file}
        return send(page, conversation, "send_buttons", status, **given)

    for _ in range(2):
        press(200, "car.png", PNG)
    header = last(conversation).content["header"]
    assert header["type"] == "image"
    assert header["image"]["id"].isdigit()
    assert db.session.query(Message).count() == 1
    thread = page.get("console.thread", conversation_id=conversation.id)
    shown = thread.soup.select_one("#thread-log a.wc-media img")
    assert page._client.get(shown["src"]).data == PNG, "it is kept here, and shown above the text"
    other = {"send_key": "b" * 32}
    refused = press(422, "song.mp3", b"ID3" + b"\0" * 30, **other)
    assert "“song.mp3” cannot stand above the text." in refused.text()
    assert "either text or a file" in press(422, "car.png", PNG, header="Words", **other).text()
    reused = press(422, "car.png", PNG + b"other")
    assert "with another text" in reused.text()
    assert db.session.query(OutgoingFile).count() == 0, "what was not sent waits nowhere"


def test_the_customer_is_asked_where_they_are(page: Any, conversation: Any) -> None:
    send(page, conversation, "ask_location", body="Where shall we deliver?")
    assert last(conversation).content == {
        "type": "location_request_message",
        "body": {"text": "Where shall we deliver?"},
        "action": {"name": "send_location"},
    }


def test_microphone_and_place_may_be_asked_for_in_the_console_only(page: Any, conversation: Any) -> None:
    console = page.get("console.thread", conversation_id=conversation.id).response.headers
    assert "microphone=(self)" in console["Permissions-Policy"]
    elsewhere = page.get("contacts.index").response.headers
    assert "microphone=()" in elsewhere["Permissions-Policy"]


def test_products_of_a_catalogue_are_shown_one_several_or_all_of_it(page: Any, conversation: Any) -> None:
    catalog = "600100200300601"

    def show(number: int, status: int = 200, **more: str) -> Any:
        given = {"what": "products", "catalog": catalog, "send_key": f"{number:032x}", **more}
        return send(page, conversation, "send_products", status, **given)

    def wrong(**more: str) -> set[str]:
        return {field["id"] for field in show(9, 422, **more).soup.select("[aria-invalid]")}

    assert wrong(catalog="shop", products="") == {"catalog", "products"}
    assert wrong(products="A", header="Teas") == {"header"}
    assert wrong(products="A\nB") == {"message-body", "header"}
    both = {"body": "Our teas", "header": "Shop"}
    assert wrong(products="A\nTeas:\nB", **both) == {"products"}
    assert wrong(products="\n".join(map(str, range(31))), **both) == {"products"}
    assert wrong(what="catalogue", products="A") == {"message-body"}
    shown = show(1, products="SKU-1")
    assert last(conversation).text_content == "Product SKU-1"
    assert last(conversation).content["action"] == {"catalog_id": catalog, "product_retailer_id": "SKU-1"}
    assert "View product" in shown.texts(".wc-act")
    shown = show(2, products="Green:\nSKU-1\nSKU-2\nBlack:\nSKU-3", **both)
    sections = last(conversation).content["action"]["sections"]
    named = [
        (one["title"], [item["product_retailer_id"] for item in one["product_items"]]) for one in sections
    ]
    assert named == [("Green", ["SKU-1", "SKU-2"]), ("Black", ["SKU-3"])]
    assert shown.texts(".wc-listopt li")[-5:] == ["Green", "SKU-1", "SKU-2", "Black", "SKU-3"]
    show(3, what="catalogue", products="SKU-1", body="All of it")
    assert last(conversation).content["action"] == {
        "name": "catalog_message",
        "parameters": {"thumbnail_product_retailer_id": "SKU-1"},
    }

"""`POST /{phone_number_id}/messages`: what is taken, what is refused, what follows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.support import CUSTOMER, Meta, Receiver, code_of, error_of, eventually, wamid_of

BUTTONS = [
    {"type": "reply", "reply": {"id": "y", "title": "Yes"}},
    {"type": "reply", "reply": {"id": "n", "title": "No"}},
]
ROWS = [{"id": "r1", "title": "10:00"}, {"id": "r2", "title": "11:00", "description": "30 min"}]


def interactive(kind: str, action: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": "Choose"}, "action": action, **more},
    }


def named(name: str, **parameters: Any) -> dict[str, Any]:
    return {"name": name, "parameters": parameters}


def button(**reply: Any) -> dict[str, Any]:
    return interactive("button", {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "A"} | reply}]})


def rows(given: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return interactive("list", {"button": "B", "sections": [{"rows": given}]}, **more)


LINK = "https://shop.example.com/a.jpg"
CARDS = [
    {
        "card_index": index,
        "type": "cta_url",
        "header": {"type": "image", "image": {"link": LINK}},
        "action": named("cta_url", display_text="Buy", url="https://shop.example.com/a"),
    }
    for index in (0, 1)
]

GOOD: list[dict[str, Any]] = [
    {"type": "text", "text": {"body": "x" * 4096, "preview_url": True}},
    {"text": {"body": "type is text by default"}},
    {"type": "text", "text": {"body": "A reply"}, "context": {"message_id": "wamid.X"}},
    {"type": "image", "image": {"link": LINK, "caption": "A"}},
    {"type": "audio", "audio": {"link": "https://shop.example.com/a.ogg", "voice": True}},
    {"type": "video", "video": {"link": "https://shop.example.com/a.mp4"}},
    {"type": "document", "document": {"link": "https://shop.example.com/a.pdf", "filename": "a.pdf"}},
    {"type": "sticker", "sticker": {"link": "https://shop.example.com/a.webp"}},
    {"type": "location", "location": {"latitude": "40.7", "longitude": -74.0, "name": "Shop"}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": "Ana Doe", "first_name": "Ana"}}]},
    {"type": "reaction", "reaction": {"message_id": "wamid.X", "emoji": ""}},
    interactive(
        "button", {"buttons": BUTTONS}, footer={"text": "Shop"}, header={"type": "text", "text": "Hi"}
    ),
    interactive("button", {"buttons": BUTTONS}, header={"type": "image", "image": {"link": LINK}}),
    interactive("list", {"button": "Show", "sections": [{"rows": ROWS}]}),
    interactive("cta_url", named("cta_url", display_text="Open", url="https://shop.example.com/")),
    interactive("location_request_message", {"name": "send_location"}),
    interactive("catalog_message", {"name": "catalog_message"}),
    interactive("product", {"catalog_id": "1", "product_retailer_id": "SKU"}),
    interactive(
        "product_list",
        {
            "catalog_id": "1",
            "sections": [{"title": "Tea", "product_items": [{"product_retailer_id": "SKU"}]}],
        },
        header={"type": "text", "text": "Shop"},
    ),
    interactive("carousel", {"cards": CARDS}),
    interactive("voice_call", named("voice_call", display_text="Call", ttl_minutes=60)),
    interactive("request_contact_info", {"name": "request_contact_info"}),
]

BAD: list[tuple[int, dict[str, Any]]] = [
    (100, {"type": "poem", "poem": {}}),
    (100, {"type": "text", "text": {"body": "Hi"}, "colour": "red"}),
    (100, {"type": "text"}),
    (100, {"type": "text", "text": {"body": "Hi", "size": 3}}),
    (100, {"type": "image", "image": {"link": LINK, "voice": True}}),
    (100, {"type": "sticker", "sticker": {"link": LINK, "caption": "no"}}),
    (100, {"type": "reaction", "reaction": {"message_id": "w", "emoji": ""}, "context": {"message_id": "v"}}),
    (100, {"type": "pin", "pin": {"type": "pin", "message_id": "w"}}),
    (131008, {"type": "text", "text": {}}),
    (131008, {"type": "text", "text": {"body": " "}}),
    (131008, {"type": "text", "text": {"body": "Hi"}, "context": {}}),
    (131008, {"type": "image", "image": {}}),
    (131008, {"type": "image", "image": {"id": "1", "link": LINK}}),
    (131008, {"type": "location", "location": {"latitude": 1}}),
    (131008, {"type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]}),
    (131008, interactive("button", {})),
    (131008, interactive("flow", named("flow", flow_message_version="3", flow_cta="Book"))),
    (131008, interactive("list", {"button": "B", "sections": [{"rows": ROWS}, {"rows": ROWS}]})),
    (131008, interactive("product_list", {"catalog_id": "1", "sections": []})),
    (131009, {"type": "text", "text": "Hi"}),
    (131009, {"type": "text", "text": {"body": "x" * 4097}}),
    (131009, {"type": "text", "text": {"body": "Hi"}, "biz_opaque_callback_data": "x" * 513}),
    (131009, {"type": "image", "image": {"link": "ftp://shop.example.com/a"}}),
    (131009, {"type": "image", "image": {"id": "123456"}}),
    (131009, {"type": "image", "image": {"link": LINK, "caption": "x" * 1025}}),
    (131009, {"type": "location", "location": {"latitude": 91, "longitude": 0}}),
    (131009, interactive("button", {"buttons": BUTTONS * 2})),
    (131009, interactive("button", {"buttons": [BUTTONS[0], BUTTONS[0]]})),
    (131009, button(title="x" * 21)),
    (131009, button(id="x" * 257)),
    (131009, interactive("button", {"buttons": BUTTONS}, footer={"text": "x" * 61})),
    (131009, interactive("list", {"button": "x" * 21, "sections": [{"rows": ROWS}]})),
    (131009, rows([{"id": str(number), "title": "T"} for number in range(11)])),
    (131009, rows([{"id": "a", "title": "x" * 25}])),
    (131009, rows(ROWS, header={"type": "image", "image": {}})),
    (131009, interactive("cta_url", named("cta_url", display_text="Open", url="shop"))),
    (131009, interactive("carousel", {"cards": CARDS[:1]})),
    (131009, interactive("puzzle", {})),
]  # fmt: skip


@pytest.mark.parametrize("message", GOOD, ids=lambda message: str(list(message.values()))[:60])
def test_well_formed_message_is_accepted(meta: Meta, message: dict[str, Any]) -> None:
    answer = meta.send(**message)
    assert answer.status_code == 200, answer.text
    assert answer.json()["messaging_product"] == "whatsapp"
    assert answer.json()["contacts"] == [{"input": "+" + CUSTOMER, "wa_id": CUSTOMER}]
    assert wamid_of(answer).startswith("wamid.")


@pytest.mark.parametrize("code,message", BAD, ids=lambda value: str(value)[:60])
def test_malformed_message_is_refused_and_not_delivered(
    meta: Meta, code: int, message: dict[str, Any]
) -> None:
    assert code_of(meta.send(**message)) == (400, code)
    assert meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}") == []


def test_missing_recipient_and_product_are_required(meta: Meta) -> None:
    answer = meta.post(
        f"{meta.number_id}/messages", {"messaging_product": "whatsapp", "text": {"body": "Hi"}}
    )
    assert (code_of(answer), error_of(answer)["message"]) == (
        (400, 100),
        "(#100) The parameter to is required.",
    )
    assert "messaging_product" in error_of(meta.post(f"{meta.number_id}/messages", {}))["message"]


@pytest.mark.parametrize(
    "to,wa_id",
    [
        ("+44 (7700) 900-900", "447700900900"),
        ("447700900900", "447700900900"),
        ("+5215512345678", "525512345678"),
    ],
)
def test_recipient_is_normalised(meta: Meta, to: str, wa_id: str) -> None:
    assert meta.send_text(to=to).json()["contacts"] == [{"input": to, "wa_id": wa_id}]


def test_recipient_without_country_code_gets_that_of_the_sender(meta: Meta) -> None:
    assert meta.send_text(to="2025550147").json()["contacts"][0]["wa_id"] == "12025550147"


@pytest.mark.parametrize("to", ["abc", "+12", "+1234567890123456"])
def test_impossible_recipient_is_131009(meta: Meta, to: str) -> None:
    assert code_of(meta.send_text(to=to)) == (400, 131009)


def test_user_id_reaches_a_known_user_and_hides_the_phone(connected: Meta, receiver: Receiver) -> None:
    connected.receive()
    user_id = eventually(receiver.messages)[0]["from_user_id"]
    answer = connected.send_text(to="", recipient=user_id)
    assert answer.json()["contacts"] == [{"input": user_id, "user_id": user_id}]
    status = receiver.wait_for_status(wamid_of(answer), "sent")
    assert (status["recipient_user_id"], "recipient_id" in status) == (user_id, False)


def test_sender_cannot_be_recipient(meta: Meta) -> None:
    assert code_of(meta.send_text(to=meta.account["phone_number"])) == (400, 131021)


def test_group_is_unknown(meta: Meta) -> None:
    assert code_of(meta.send_text(recipient_type="group")) == (400, 131041)


def test_unregistered_number_cannot_send(meta: Meta) -> None:
    meta.post(f"{meta.number_id}/deregister", {})
    assert code_of(meta.send_template()) == (400, 133010)


def test_free_text_outside_the_window_fails_by_webhook(connected: Meta, receiver: Receiver) -> None:
    wamid = wamid_of(connected.send_text())
    status = receiver.wait_for_status(wamid, "failed")
    assert status["errors"][0]["code"] == 131047
    assert "pricing" not in status
    value = next(value for value in receiver.changes() if value.get("statuses"))
    assert value["contacts"] == [{"wa_id": CUSTOMER}]


def test_failed_status_comes_without_contacts_as_metas_page_has_it_when_told_to(
    connected: Meta, receiver: Receiver
) -> None:
    connected.sandbox.control("POST", "settings", {"contacts_with_failed": False})
    receiver.wait_for_status(wamid_of(connected.send_text()), "failed")
    assert "contacts" not in next(value for value in receiver.changes() if value.get("statuses"))


def test_inbound_message_opens_the_window_and_text_is_read(connected: Meta, receiver: Receiver) -> None:
    connected.receive()
    wamid = wamid_of(connected.send_text(biz_opaque_callback_data="row=7"))
    read = receiver.wait_for_status(wamid, "read")
    statuses = {status["status"]: status for status in receiver.statuses(wamid)}
    assert list(statuses) == ["sent", "delivered", "read"]
    free = {"billable": False, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"}
    assert statuses["sent"]["pricing"] == statuses["delivered"]["pricing"] == free
    assert "pricing" not in read
    assert {status["biz_opaque_callback_data"] for status in statuses.values()} == {"row=7"}
    assert read["recipient_id"] == CUSTOMER
    [logged] = meta_messages(connected, "outbound")
    assert (logged["status"], logged["biz_opaque_callback_data"]) == ("read", "row=7")


def under_way(meta: Meta) -> list[dict[str, Any]]:
    """This account's webhooks that have not arrived yet; those of other tests may wait for nobody."""
    rows = meta.sandbox.control("GET", f"deliveries?waba_id={meta.waba_id}").json()["data"]
    return [row for row in rows if row["state"] in {"pending", "sending"}]


def test_reading_can_be_switched_off(connected: Meta, receiver: Receiver) -> None:
    connected.sandbox.control("POST", "settings", {"reads_messages": False, "read_delay_s": 0.9})
    wamid = wamid_of(connected.send_template())
    receiver.wait_for_status(wamid, "delivered")
    eventually(lambda: not under_way(connected))
    assert meta_messages(connected, "outbound")[0]["status"] == "delivered"


def test_utility_is_billed_outside_and_free_inside_the_window(connected: Meta, receiver: Receiver) -> None:
    outside = receiver.wait_for_status(wamid_of(connected.send_template()), "sent")["pricing"]
    connected.receive()
    inside = receiver.wait_for_status(wamid_of(connected.send_template()), "sent")["pricing"]
    assert (outside["type"], outside["category"], outside["billable"]) == ("regular", "utility", True)
    assert (inside["type"], inside["billable"]) == ("free_customer_service", False)


def test_window_can_be_closed_by_control(connected: Meta, receiver: Receiver) -> None:
    connected.receive()
    body = {"phone_number_id": connected.number_id, "from": CUSTOMER, "is_open": False}
    assert connected.sandbox.control("POST", "window", body).json()["is_open"] is False
    assert receiver.wait_for_status(wamid_of(connected.send_text()), "failed")["errors"][0]["code"] == 131047


def test_reaction_reports_only_sent_and_its_target_must_exist(connected: Meta, receiver: Receiver) -> None:
    target = connected.receive().json()["wamid"]
    good = wamid_of(connected.send(type="reaction", reaction={"message_id": target, "emoji": "👍"}))
    bad = wamid_of(connected.send(type="reaction", reaction={"message_id": "wamid.no", "emoji": "👍"}))
    assert receiver.wait_for_status(bad, "failed")["errors"][0]["code"] == 131009
    receiver.wait_for_status(good, "sent")
    assert [status["status"] for status in receiver.statuses(good)] == ["sent"]


def test_link_that_cannot_be_fetched_fails_by_webhook(connected: Meta, receiver: Receiver) -> None:
    connected.receive()
    wamid = wamid_of(connected.send(type="image", image={"link": "https://broken.invalid/a.jpg"}))
    assert receiver.wait_for_status(wamid, "failed")["errors"][0]["code"] == 131053


def test_marking_as_read_marks_earlier_ones_too(meta: Meta) -> None:
    first, second = meta.receive().json()["wamid"], meta.receive().json()["wamid"]
    body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": second,
        "typing_indicator": {"type": "text"},
    }
    assert meta.post(f"{meta.number_id}/messages", body).json() == {"success": True}
    assert {row["wamid"]: row["status"] for row in meta_messages(meta, "inbound")} == {
        first: "read",
        second: "read",
    }


def test_marking_an_unknown_message_or_a_wrong_typing_indicator_is_131009(meta: Meta) -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.no"}
    assert code_of(meta.post(f"{meta.number_id}/messages", body)) == (400, 131009)
    wamid = meta.receive().json()["wamid"]
    body |= {"message_id": wamid, "typing_indicator": {"type": "dance"}}
    assert code_of(meta.post(f"{meta.number_id}/messages", body)) == (400, 131009)


def test_throughput_of_a_number_is_limited(meta: Meta) -> None:
    meta.sandbox.control("POST", "settings", {"throughput_per_second": 2})
    codes = [meta.send_template().status_code for _ in range(3)]
    assert codes == [200, 200, 400]
    assert error_of(meta.send_template())["code"] == 130429


def test_pair_limit_is_off_until_switched_on(meta: Meta) -> None:
    meta.sandbox.control("POST", "settings", {"pair_limit": True, "throughput_per_second": 1000})
    for _ in range(45):
        assert meta.send_template().status_code == 200
    assert code_of(meta.send_template()) == (400, 131056)
    assert meta.send_template(to="+447700900901").status_code == 200


def meta_messages(meta: Meta, direction: str) -> list[dict[str, Any]]:
    listed = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}")
    return [row for row in listed if row["direction"] == direction]


def test_what_was_sent_is_kept_as_it_was_sent(meta: Meta) -> None:
    wamid = wamid_of(meta.send_template(to=CUSTOMER, biz_opaque_callback_data="17"))
    kept = next(one for one in meta.sandbox.logged("messages") if one["wamid"] == wamid)
    assert (kept["payload"]["to"], kept["payload"]["biz_opaque_callback_data"]) == (CUSTOMER, "17")

"""A phone that is off, a wish about marketing, a new phone, a new number."""

from __future__ import annotations

from typing import Any

from tests.sandbox.support import CUSTOMER, Meta, Receiver, code_of, eventually, wamid_of

NEW_NUMBER = "46701740605"


def know(meta: Meta, **person: Any) -> None:
    body = {"phone_number_id": meta.number_id, "customers": [{"from": "+" + CUSTOMER} | person]}
    assert meta.sandbox.control("POST", "customers", body).ok


def change(meta: Meta, **what: Any) -> dict[str, Any]:
    body = {"phone_number_id": meta.number_id, "from": "+" + CUSTOMER} | what
    answer = meta.sandbox.control("POST", "customers/changes", body)
    assert answer.ok, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def names(receiver: Receiver, wamid: str) -> list[str]:
    return [status["status"] for status in receiver.statuses(wamid)]


def test_message_waits_for_a_phone_that_is_off_and_arrives_when_it_is_on_again(
    connected: Meta, receiver: Receiver
) -> None:
    know(connected, is_offline=True)
    wamid = wamid_of(connected.send_template())
    receiver.wait_for_status(wamid, "sent")
    db = connected.sandbox.app.extensions["sandbox"].db
    eventually(lambda: db.value("SELECT waits_for_phone FROM messages WHERE wamid = ?", wamid))
    assert names(receiver, wamid) == ["sent"]
    know(connected, is_offline=False)
    receiver.wait_for_status(wamid, "read")
    assert names(receiver, wamid) == ["sent", "delivered", "read"]


def test_message_older_than_its_time_to_live_never_arrives(connected: Meta, receiver: Receiver) -> None:
    know(connected, is_offline=True)
    late, good = wamid_of(connected.send_template()), wamid_of(connected.send_template())
    db = connected.sandbox.app.extensions["sandbox"].db
    waits = "SELECT count(*) FROM messages WHERE waits_for_phone = 1 AND wamid IN (?, ?)"
    eventually(lambda: db.value(waits, late, good) == 2)
    db.execute("UPDATE messages SET ttl_s = 0.001 WHERE wamid = ?", late)
    know(connected, is_offline=False)
    receiver.wait_for_status(good, "delivered")
    assert names(receiver, late) == ["sent"]


def test_time_to_live_is_the_templates_or_the_categorys(meta: Meta) -> None:
    def ttl() -> float:
        db = meta.sandbox.app.extensions["sandbox"].db
        return float(db.value("SELECT ttl_s FROM messages ORDER BY id DESC LIMIT 1"))

    meta.send_template()
    assert ttl() == 30 * 86_400
    body = {"type": "BODY"}
    button = {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}
    code = [
        {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
        {
            "type": "button", "sub_type": "url", "index": "0",
            "parameters": [{"type": "text", "text": "123456"}],
        },
    ]  # fmt: skip
    for name, more, seconds in (("code_a", {}, 600), ("code_b", {"message_send_ttl_seconds": 60}, 60)):
        created = {
            "name": name,
            "language": "en_US",
            "category": "AUTHENTICATION",
            "components": [body, button],
        }
        assert meta.post(f"{meta.waba_id}/message_templates", created | more).ok
        wamid_of(meta.send_template(name, code))
        assert ttl() == seconds


def test_changed_wish_about_marketing_is_told_and_a_first_one_is_not(meta: Meta, receiver: Receiver) -> None:
    meta.connect(receiver, fields="messages,user_preferences")
    know(meta, is_opted_out=True)
    know(meta, is_opted_out=False)
    know(meta, is_opted_out=True, name="Ana")
    told = eventually(
        lambda: receiver.changes("user_preferences")[1:] and receiver.changes("user_preferences")
    )
    assert [change["user_preferences"][0]["value"] for change in told] == ["resume", "stop"]


def test_new_phone_changes_the_identity_and_old_hashes_are_refused(
    connected: Meta, receiver: Receiver
) -> None:
    switch = {"user_identity_change": {"enable_identity_key_check": True}}
    assert connected.post(f"{connected.number_id}/settings", switch).ok
    sent = receiver.wait_for_status(wamid_of(connected.send_template()), "sent")
    old = sent["recipient_identity_key_hash"]
    assert connected.send_template().ok
    assert change(connected, new_identity=True)["wamid"]
    [message] = eventually(receiver.messages)
    assert message["system"]["type"] == "customer_identity_changed"
    new = message["identity"]["hash"]
    assert new != old
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    refused = connected.send(type="template", template=template, recipient_identity_key_hash=old)
    assert code_of(refused) == (400, 137000)
    assert connected.send(type="template", template=template, recipient_identity_key_hash=new).ok


def test_new_identity_is_not_told_to_a_number_that_does_not_ask(meta: Meta) -> None:
    assert "wamid" not in change(meta, new_identity=True)


def test_new_number_is_told_and_nobody_is_left_at_the_old_one(connected: Meta, receiver: Receiver) -> None:
    know(connected, name="Ana Doe")
    moved = change(connected, new_number="+" + NEW_NUMBER)
    assert (moved["wa_id"], moved["name"]) == (NEW_NUMBER, "Ana Doe")
    [message] = eventually(receiver.messages)
    assert (message["from"], message["system"]["wa_id"]) == (CUSTOMER, NEW_NUMBER)
    assert message["system"]["type"] == "user_changed_number"
    failed = receiver.wait_for_status(wamid_of(connected.send_template()), "failed")
    assert failed["errors"][0]["code"] == 131026
    receiver.wait_for_status(wamid_of(connected.send_template(to="+" + NEW_NUMBER)), "delivered")
    closed = receiver.wait_for_status(wamid_of(connected.send_text(to="+" + NEW_NUMBER)), "failed")
    assert closed["errors"][0]["code"] == 131047, "a system message opens no window"


def test_wrong_change_is_refused(meta: Meta) -> None:
    for wrong in ({}, {"new_identity": False}, {"new_number": "1"}, {"new_number": CUSTOMER}):
        body = {"phone_number_id": meta.number_id, "from": "+" + CUSTOMER} | wrong
        assert meta.sandbox.control("POST", "customers/changes", body).status_code == 400


def test_statuses_of_an_old_webhook_version_name_their_conversation(
    connected: Meta, receiver: Receiver
) -> None:
    plain = receiver.wait_for_status(wamid_of(connected.send_template()), "sent")
    assert "conversation" not in plain
    connected.sandbox.control("POST", "settings", {"webhook_version": 23})
    sent = receiver.wait_for_status(wamid_of(connected.send_template()), "sent")
    assert sent["conversation"]["origin"] == {"type": "utility"}
    assert sent["conversation"]["expiration_timestamp"].isdigit()

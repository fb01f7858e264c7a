"""How much a number and a portfolio may send, and how their limits rise."""

from __future__ import annotations

from typing import Any

from tests.sandbox.support import Meta, Receiver, code_of, error_of, eventually, wamid_of

FIELDS = "messages,business_capability_update,phone_number_quality_update"


def settings(meta: Meta, **changes: Any) -> None:
    assert meta.sandbox.control("POST", "settings", changes).ok


def number(meta: Meta, **state: Any) -> None:
    assert meta.sandbox.control("POST", f"phone_numbers/{meta.number_id}", state).ok


def person(index: int) -> str:
    return f"+4477009{index:05}"


def test_portfolio_reaches_no_more_people_a_day_than_its_tier_allows(meta: Meta) -> None:
    number(meta, messaging_limit="TIER_50")
    settings(meta, messaging_limit=True)
    assert all(meta.send_template(to=person(index)).ok for index in range(50))
    over = meta.send_template(to=person(50))
    assert code_of(over) == (400, 131048)
    assert "50 users in 24 hours" in error_of(over)["error_data"]["details"]
    assert meta.send_template(to=person(0)).ok, "somebody reached already counts once"
    meta.receive({"type": "text", "text": {"body": "Hi"}}, **{"from": person(51)})
    assert meta.send_template(to=person(51)).ok, "an open window is not in the count"


def test_second_number_shares_the_limit_of_the_portfolio(meta: Meta) -> None:
    second = meta.sandbox.control("POST", "phone_numbers", {"waba_id": meta.waba_id}).json()[
        "phone_number_id"
    ]
    number(meta, messaging_limit="TIER_50")
    field = "whatsapp_business_manager_messaging_limit"
    assert {
        meta.get(node, fields=field).json()[field] for node in (meta.waba_id, meta.number_id, second)
    } == {"TIER_50"}
    settings(meta, messaging_limit=True)
    for index in range(50):
        meta.send_template(to=person(index))
    meta.number_id = second
    assert code_of(meta.send_template(to=person(50))) == (400, 131048)


def test_limit_is_off_unless_asked_for(meta: Meta) -> None:
    number(meta, messaging_limit="TIER_50")
    assert all(meta.send_template(to=person(index)).ok for index in range(51))


def test_half_used_limit_of_a_good_number_rises_and_the_app_is_told(meta: Meta, receiver: Receiver) -> None:
    meta.connect(receiver, fields=FIELDS)
    number(meta, messaging_limit="TIER_50")
    eventually(lambda: receiver.changes("business_capability_update"))
    settings(meta, messaging_limit=True)
    for index in range(25):
        meta.send_template(to=person(index))
    timers = meta.sandbox.app.extensions["sandbox"].db
    assert eventually(lambda: timers.value("SELECT count(*) FROM timers WHERE kind = 'messaging_limit_rise'"))
    timers.execute("UPDATE timers SET due_at = 0 WHERE kind = 'messaging_limit_rise'")
    told = eventually(lambda: receiver.changes("business_capability_update")[1:])
    assert told[0]["max_daily_conversations_per_business"] == 250
    quality = eventually(lambda: receiver.changes("phone_number_quality_update")[1:])
    assert (quality[0]["event"], quality[0]["old_limit"]) == ("UPGRADE", "TIER_50")


def test_upgrade_of_the_throughput_takes_its_minute_and_is_told(meta: Meta, receiver: Receiver) -> None:
    meta.connect(receiver, fields=FIELDS)
    settings(meta, speed=60)
    number(meta, throughput_level="HIGH")
    assert code_of(meta.send_template()) == (500, 131057)
    told = eventually(lambda: receiver.changes("phone_number_quality_update"))
    assert told[0]["event"] == "THROUGHPUT_UPGRADE"
    assert meta.send_template().ok
    assert meta.get(meta.number_id, fields="throughput").json()["throughput"] == {"level": "HIGH"}


def test_throughput_follows_the_level_and_the_phone_app(meta: Meta) -> None:
    settings(meta, throughput_per_second=2, app_throughput_per_second=1, high_throughput_per_second=1000)
    number(meta, is_on_biz_app=True)
    assert [meta.send_template().status_code for _ in range(3)][1:] == [400, 400]
    number(meta, is_on_biz_app=False)
    meta.sandbox.app.extensions["sandbox"].db.execute("UPDATE phone_numbers SET throughput_level = 'HIGH'")
    assert all(meta.send_template().ok for _ in range(5))


def test_messages_received_take_room_of_the_throughput(meta: Meta) -> None:
    settings(meta, throughput_per_second=2)
    for _ in range(3):
        meta.receive()
    assert code_of(meta.send_template()) == (400, 130429)


def test_marketing_to_the_usa_is_held_back_only_when_that_is_on(connected: Meta, receiver: Receiver) -> None:
    parts = [
        {"type": "header", "parameters": [{"type": "text", "text": "autumn"}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
    ]
    send = lambda to: wamid_of(connected.send_template("seasonal_offer", parts, to=to))  # noqa: E731
    receiver.wait_for_status(send("+12025550147"), "delivered")
    settings(connected, holds_us_marketing=True)
    failed = receiver.wait_for_status(send("+12025550147"), "failed")
    assert failed["errors"][0]["code"] == 131049
    receiver.wait_for_status(send("+447700900900"), "delivered")
    receiver.wait_for_status(wamid_of(connected.send_template(to="+12025550147")), "delivered")


def test_limit_of_a_number_of_low_quality_does_not_rise_and_does_not_fall(meta: Meta) -> None:
    number(meta, messaging_limit="TIER_50", quality_rating="RED")
    settings(meta, messaging_limit=True)
    for index in range(26):
        meta.send_template(to=person(index))
    db = meta.sandbox.app.extensions["sandbox"].db
    business = meta.account["meta_business_account_id"]
    planned = "SELECT count(*) FROM timers WHERE json_extract(payload, '$.business_id') = ?"
    assert db.value(planned, business) == 0
    field = "whatsapp_business_manager_messaging_limit"
    assert meta.get(meta.number_id, fields=field).json()[field] == "TIER_50"

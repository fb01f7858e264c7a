"""The table of customers: who they are, and what that does to messages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.support import CUSTOMER, Meta, Receiver, eventually, wamid_of


def know(meta: Meta, **person: Any) -> dict[str, Any]:
    body = {"phone_number_id": meta.number_id, "customers": [person]}
    answer = meta.sandbox.control("POST", "customers", body)
    assert answer.status_code == 201, answer.text
    [row] = answer.json()["data"]
    return dict(row)


def names(receiver: Receiver, wamid: str) -> list[str]:
    return [status["status"] for status in receiver.statuses(wamid)]


def test_customer_is_made_changed_listed_and_deleted(meta: Meta) -> None:
    made = know(meta, **{"from": "+" + CUSTOMER}, name="Ana Doe", username="ana.doe", has_blocked=True)
    assert (made["name"], made["has_blocked"], made["reads_messages"]) == ("Ana Doe", True, True)
    assert know(meta, user_id=made["user_id"], has_blocked=False, name="Ana")["wa_id"] == CUSTOMER
    where = f"customers?phone_number_id={meta.number_id}"
    [listed] = meta.sandbox.logged(where)
    assert (listed["name"], listed["has_blocked"]) == ("Ana", False)
    assert meta.sandbox.control("DELETE", f"{where}&from={CUSTOMER}").json()["deleted"] == 1
    assert meta.sandbox.logged(where) == []


@pytest.mark.parametrize(
    "person",
    [
        {},
        {"from": "12"},
        {"user_id": "nonsense"},
        {"from": "+" + CUSTOMER, "has_blocked": "yes"},
        {"from": "+" + CUSTOMER, "colour": "blue"},
        {"from": "+" + CUSTOMER, "last_inbound_at": 99_999_999_999},
    ],
)
def test_wrong_customer_is_refused_with_a_sentence(meta: Meta, person: dict[str, Any]) -> None:
    body = {"phone_number_id": meta.number_id, "customers": [person]}
    answer = meta.sandbox.control("POST", "customers", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert meta.sandbox.logged(f"customers?phone_number_id={meta.number_id}") == []


def test_user_id_belongs_to_one_customer(meta: Meta) -> None:
    know(meta, **{"from": "+" + CUSTOMER}, user_id="GB.1234")
    body = {"phone_number_id": meta.number_id, "customers": [{"from": "+447700900901", "user_id": "GB.1234"}]}
    assert meta.sandbox.control("POST", "customers", body).status_code == 400


def test_customer_without_a_number_is_reached_by_user_id_and_stays_hidden(
    connected: Meta, receiver: Receiver
) -> None:
    person = know(connected, user_id="GB.900100200", name="Nia", username="nia.w")
    connected.receive(**{"from": person["wa_id"]})
    [message] = eventually(receiver.messages)
    assert "from" not in message
    assert message["from_user_id"] == "GB.900100200"
    body = {"messaging_product": "whatsapp", "recipient": "GB.900100200", "type": "text"}
    sent = connected.post(f"{connected.number_id}/messages", body | {"text": {"body": "Hello"}})
    read = receiver.wait_for_status(wamid_of(sent), "read")
    assert (read["recipient_user_id"], "recipient_id" in read) == ("GB.900100200", False)
    assert all("wa_id" not in value["contacts"][0] for value in receiver.changes())


@pytest.mark.parametrize(
    "trait,template,expected,code",
    [
        ({"is_on_whatsapp": False}, "hello_world", ["failed"], 131026),
        ({"is_opted_out": True}, "seasonal_offer", ["failed"], 131050),
        ({"is_opted_out": True}, "hello_world", ["sent", "delivered", "read"], None),
        ({"has_blocked": True}, "hello_world", ["sent"], None),
        ({"reads_messages": False}, "hello_world", ["sent", "delivered"], None),
    ],
)
def test_trait_decides_what_becomes_of_a_message(
    connected: Meta,
    receiver: Receiver,
    trait: dict[str, bool],
    template: str,
    expected: list[str],
    code: int | None,
) -> None:
    know(connected, **{"from": "+" + CUSTOMER}, **trait)
    know(connected, **{"from": "+447700900555"})
    one = [{"type": "text", "text": "Ana"}]
    components = [{"type": "header", "parameters": one}, {"type": "body", "parameters": one}]
    wamid = wamid_of(connected.send_template(template, components if template == "seasonal_offer" else None))
    later = wamid_of(connected.send_template(to="+447700900555"))
    receiver.wait_for_status(later, "read")
    eventually(lambda: names(receiver, wamid) == expected)
    codes = [status["errors"][0]["code"] for status in receiver.statuses(wamid) if "errors" in status]
    assert codes == ([code] if code else [])

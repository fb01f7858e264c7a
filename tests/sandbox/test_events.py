"""Events by control call, deliveries that wait, batches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.webhooks import batches
from app.sandbox.webhooks.events import BUILDERS
from tests.sandbox.support import CUSTOMER, Meta, Receiver, eventually, wamid_of

EXAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("message_template_status_update", {"event": "FLAGGED"}),
    ("message_template_quality_update", {"new_quality_score": "RED"}),
    ("message_template_components_update", {}),
    ("template_category_update", {"correct_category": "MARKETING"}),
    ("phone_number_quality_update", {"event": "ONBOARDING"}),
    ("phone_number_name_update", {"decision": "REJECTED"}),
    ("account_update", {"event": "DISABLED_UPDATE"}),
    ("account_alerts", {}),
    ("account_review_update", {"decision": "REJECTED"}),
    ("business_capability_update", {}),
    ("security", {"event": "PIN_RESET_REQUEST"}),
    ("business_username_update", {}),
    ("user_preferences", {"value": "stop"}),
    ("user_id_update", {}),
    ("flows", {"event": "ENDPOINT_AVAILABILITY", "availability": 75, "threshold": 90}),
    ("messages", {}),
    ("group_lifecycle_update", {}),
    ("group_participants_update", {}),
    ("group_settings_update", {}),
    ("group_status_update", {}),
    ("smb_app_state_sync", {}),
]


def event(meta: Meta, field: str, value: dict[str, Any] | None = None, **more: Any) -> Any:
    body = {"phone_number_id": meta.number_id, "field": field, "value": value or {}, "from": CUSTOMER}
    return meta.sandbox.control("POST", "events", body | more)


@pytest.mark.parametrize("field,value", EXAMPLES, ids=[field for field, _ in EXAMPLES])
def test_event_of_every_field_reaches_the_app_as_meta_writes_it(
    meta: Meta, receiver: Receiver, field: str, value: dict[str, Any]
) -> None:
    meta.connect(receiver, fields=field)
    answer = event(meta, field, value)
    assert answer.status_code == 201, answer.text
    [arrived] = eventually(lambda: receiver.changes(field))
    assert arrived == answer.json()["value"]
    assert value.items() <= arrived.items() or field == "user_preferences"
    [entry] = json.loads(receiver.bodies[0])["entry"]
    assert ("time" in entry) == ("metadata" not in arrived)


def test_every_field_has_an_example() -> None:
    assert {field for field, _ in EXAMPLES} == set(BUILDERS)


def test_event_names_the_message_template_it_is_about(meta: Meta) -> None:
    first, *_ = meta.get(f"{meta.waba_id}/message_templates").json()["data"]
    answer = event(meta, "message_template_quality_update", message_template_id=first["id"])
    assert answer.json()["value"]["message_template_name"] == first["name"]


def test_new_user_id_reaches_the_same_person(meta: Meta) -> None:
    change = event(meta, "user_id_update").json()["value"]["user_id_update"][0]["user_id"]
    body = {"messaging_product": "whatsapp", "type": "template"}
    body |= {"template": {"name": "hello_world", "language": {"code": "en_US"}}}  # type: ignore[dict-item]
    messages = f"{meta.number_id}/messages"
    assert meta.post(messages, body | {"recipient": change["previous"]}).status_code == 400
    assert meta.post(messages, body | {"recipient": change["current"]}).status_code == 200


@pytest.mark.parametrize(
    "field,value,more",
    [
        ("nothing", {}, {}),
        ("account_update", {"event": "PARTY"}, {}),
        ("user_preferences", {}, {"from": None}),
        ("message_template_status_update", {}, {"message_template_id": "1"}),
    ],
)
def test_wrong_event_is_refused_with_a_sentence(
    meta: Meta, field: str, value: dict[str, Any], more: dict[str, Any]
) -> None:
    answer = event(meta, field, value, **more)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_waiting_webhooks_are_listed_and_deleted(connected: Meta, receiver: Receiver) -> None:
    connected.fault("delay_webhooks", seconds=200)
    connected.receive()
    where = f"deliveries?waba_id={connected.waba_id}"
    [waiting] = connected.sandbox.logged(f"{where}&state=pending")
    assert waiting["field"] == "messages"
    assert connected.sandbox.control("DELETE", f"deliveries?id={waiting['id']}").json()["deleted"] == 1
    assert connected.sandbox.logged(where)[0]["state"] == "deleted"
    connected.receive()
    assert len(eventually(receiver.messages)) == 1


def test_failing_webhooks_are_sent_at_once_when_asked(connected: Meta, receiver: Receiver) -> None:
    connected.sandbox.control("POST", "settings", {"speed": 0.05})
    receiver.answers = [500]
    connected.receive()
    where = f"deliveries?waba_id={connected.waba_id}"
    eventually(lambda: connected.sandbox.logged(where)[0]["last_result"] == "500")
    assert receiver.messages() == []
    path = f"deliveries/retry?waba_id={connected.waba_id}"
    assert connected.sandbox.control("POST", path).json()["retried"] == 1
    assert len(eventually(receiver.messages)) == 1


def test_batched_webhooks_share_one_signed_post(connected: Meta, receiver: Receiver) -> None:
    connected.sandbox.control("POST", "settings", {"speed": 4, "batch_updates": 1000})
    sent = [connected.receive().json()["wamid"] for _ in range(6)]
    eventually(lambda: len(receiver.messages()) == 6)
    assert len(receiver.bodies) <= 2
    assert [message["id"] for message in receiver.messages()] == sent


def test_batch_fault_keeps_to_its_number_of_updates(connected: Meta, receiver: Receiver) -> None:
    connected.sandbox.control("POST", "settings", {"speed": 4})
    connected.fault("batch_webhooks", count=None, updates=2)
    for _ in range(4):
        connected.receive()
    eventually(lambda: len(receiver.messages()) == 4)
    assert max(len(json.loads(body)["entry"]) for body in receiver.bodies) == 2


def test_batch_ends_at_three_megabytes() -> None:
    body = batches.START + "x" * 1_000_000 + batches.END
    rows = [{"app_id": "1", "url": "u", "batch": 1000, "body": body} for _ in range(4)]
    assert [len(group) for group in batches.group(rows)] == [3, 1]


def test_file_of_an_earlier_version_gets_the_new_columns(tmp_path: Path) -> None:
    import sqlite3

    from app.sandbox.database import Database

    old = sqlite3.connect(tmp_path / "old.sqlite")
    old.execute(
        "CREATE TABLE customers (business_id TEXT, wa_id TEXT, user_id TEXT, name TEXT, username TEXT)"
    )
    old.execute("INSERT INTO customers VALUES ('1', '2', '3', 'Ana', NULL)")
    old.commit()
    old.close()
    db = Database(tmp_path / "old.sqlite")
    assert db.one("SELECT * FROM customers")["reads_messages"] == 1
    db.close()


def test_early_statuses_overtake_the_answer(connected: Meta, receiver: Receiver) -> None:
    connected.fault("early_statuses", match={"path": "/messages"}, seconds=0.6)
    wamid = wamid_of(connected.send_template())
    assert [status["status"] for status in receiver.statuses(wamid)] == ["sent", "delivered", "read"]

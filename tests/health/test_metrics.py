"""The metrics: true for all processes together, and cheap however much is stored."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from app.extensions import db
from app.health.metrics import render_metrics
from app.models import EventState, GraphCall, MessageStatus, NumberPace, WebhookEvent, WorkerHeartbeat, utcnow
from app.queries import metrics as queries
from config import ROOT
from tests.support.factories import Factory

BIG = ("whatsapp_messages", "whatsapp_webhook_events", "message_status_events", "graph_calls")


def samples() -> dict[tuple[str, tuple[str, ...]], float]:
    """Each value by its name and its labels' values."""
    db.session.rollback()
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(render_metrics().decode())
        for sample in family.samples
    }


def call(account_id: int, **values: object) -> None:
    base = {"method": "POST", "path": "1/messages", "outcome": "ok", "duration_ms": 80}
    db.session.add(GraphCall(account_id=account_id, **{**base, **values}))


def test_what_waits_is_told_apart(make: Factory) -> None:
    conversation = make.conversation()
    make.message(conversation, next_attempt_at=utcnow() - timedelta(minutes=5))
    make.message(conversation, next_attempt_at=utcnow() + timedelta(minutes=5))
    make.message(conversation, status=MessageStatus.SENDING)
    body = {"body": b"{}", "body_sha256": "-"}
    db.session.add(WebhookEvent(received_at=utcnow() - timedelta(minutes=3), **body))
    db.session.add(WebhookEvent(state=EventState.PARKED, **body))
    db.session.commit()
    told = samples()
    assert told["waba_messages_queued", ()] == 2
    assert told["waba_messages_put_off", ()] == 1
    assert told["waba_messages_sending", ()] == 1
    assert 295 < told["waba_messages_oldest_seconds", ()] < 330
    assert 175 < told["waba_webhook_events_oldest_seconds", ()] < 210
    assert told["waba_webhook_events_parked", ()] == 1
    assert told["waba_webhook_events_last_minute", ("parked",)] == 1
    assert told["waba_webhook_events_received_total", ()] == 2


def test_what_waits_for_customers_systems_is_told(make: Factory) -> None:
    webhook = make.outgoing_webhook()
    make.outgoing_delivery(webhook, next_attempt_at=utcnow() - timedelta(minutes=2))
    make.outgoing_delivery(webhook, next_attempt_at=utcnow() + timedelta(hours=2))
    make.outgoing_delivery(make.outgoing_webhook(is_on=False, off_reason="It answered 410."))
    told = samples()
    assert told["waba_outgoing_deliveries_waiting", ()] == 2
    assert 115 < told["waba_outgoing_deliveries_oldest_due_seconds", ()] < 150
    assert told["waba_outgoing_webhooks_switched_off", ()] == 1


def test_metas_answers_of_the_last_minute_stand_by_kind_and_code(make: Factory) -> None:
    message = make.message(make.conversation(), status=MessageStatus.SENT)
    account_id = message.account_id
    call(account_id, message_id=message.id)
    call(account_id, message_id=message.id, outcome="throttled", error_code=130429, duration_ms=700)
    call(account_id, path="1/phone_numbers", usage_percent=83)
    call(account_id, at=utcnow() - timedelta(minutes=2))
    db.session.commit()
    told = samples()
    assert told["waba_graph_calls_last_minute", ("send", "ok")] == 1
    assert told["waba_graph_calls_last_minute", ("phone_numbers", "ok")] == 1
    assert told["waba_graph_errors_last_minute", ("130429",)] == 1
    assert told["waba_graph_call_seconds_bucket", ("send", "0.1")] == 1
    assert told["waba_graph_call_seconds_bucket", ("send", "1.0")] == 2
    assert told["waba_graph_usage_percent", ()] == 83
    assert ("waba_graph_calls_last_minute", ("messages", "ok")) not in told


def test_each_number_tells_its_pace_and_each_worker_its_heartbeat(make: Factory) -> None:
    number = make.account().phone_numbers[0]
    until = utcnow() + timedelta(seconds=30)
    pace = NumberPace(
        phone_number_id=number.id, paused_until=until, pause_reason="Slow.", failures=2, tokens=7
    )
    db.session.add(pace)
    for name, age_s in (("one", 2), ("two", 90)):
        seen_at = utcnow() - timedelta(seconds=age_s)
        db.session.add(WorkerHeartbeat(name=name, started_at=seen_at, seen_at=seen_at))
    db.session.commit()
    told = samples()
    who = (str(number.account_id), number.meta_id)  # labels come in the order of their names
    assert 20 < told["waba_number_paused_seconds", (*who, "Slow.")] <= 30
    assert told["waba_number_probing", who] == 1
    assert told["waba_number_tokens", who] == 7
    assert told["waba_workers_alive", ()] == 1
    assert 85 < told["waba_worker_heartbeat_age_seconds", ("two",)] < 120


def test_a_worker_that_is_gone_leaves_a_zero_to_alert_on(make: Factory) -> None:
    assert samples()["waba_workers_alive", ()] == 0


def test_no_metric_reads_a_whole_table(app: Flask, make: Factory) -> None:
    """SQLite says how it would go about each statement: SCAN is the whole table, or the whole of an index."""
    asked: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        render_metrics()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    statements = [(said, given) for said, given in asked if said.startswith("SELECT")]
    assert len(statements) >= 12
    for said, given in statements:
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)
        for row in plan:
            scanned = re.match(r"SCAN (\w+)", row.detail)
            assert scanned is None or scanned[1] not in BIG, f"{row.detail}\n{said}"


@pytest.mark.parametrize("count, most", [(5, 3)])
def test_long_queues_are_counted_up_to_a_bound(
    make: Factory, monkeypatch: pytest.MonkeyPatch, count: int, most: int
) -> None:
    monkeypatch.setattr(queries, "MOST_COUNTED", most)
    conversation = make.conversation()
    for _ in range(count):
        make.message(conversation)
    assert samples()["waba_messages_queued", ()] == most


def test_every_metric_is_documented(make: Factory) -> None:
    call(make.account().id, outcome="throttled", error_code=4)
    db.session.commit()
    documented = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    names = {name for name, _ in samples() if name.startswith("waba_")}
    families = {re.sub("_(bucket|gcount|gsum)$", "", name) for name in names}
    assert [name for name in sorted(families) if f"`{name}`" not in documented] == []

"""What machines ask: alive, ready, and how it is doing."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app import create_app
from app.extensions import db
from app.models import MessageStatus, WorkerHeartbeat, utcnow
from config import Settings
from tests.support.factories import Factory
from tests.support.pages import IsolatedClient

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def client(app: Flask) -> IsolatedClient:
    return IsolatedClient(app, app.response_class)


def heartbeat(age_s: float) -> None:
    seen_at = utcnow() - timedelta(seconds=age_s)
    db.session.add(WorkerHeartbeat(name="worker-1", started_at=seen_at, seen_at=seen_at))
    db.session.commit()


def test_the_process_says_that_it_is_alive_without_the_database(
    client: IsolatedClient, settings: Settings
) -> None:
    Path(settings.database_url.removeprefix("sqlite:///")).unlink()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def leave_free(monkeypatch: pytest.MonkeyPatch, mib: int) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=mib * 1024 * 1024))


def test_it_is_ready_when_database_tables_and_queue_are(
    client: IsolatedClient, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_free(monkeypatch, 10_000)
    heartbeat(age_s=5)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert {part: check["state"] for part, check in answer.json["checks"].items()} == {
        "database": "ok",
        "disk": "ok",
        "migrations": "ok",
        "queue": "ok",
        "worker": "ok",
    }


@pytest.mark.parametrize("mib,status,state", [(100, 200, "warn"), (3, 503, "bad")])
def test_a_disk_that_runs_full_is_told_and_a_full_one_is_not_ready(
    client: IsolatedClient, make: Factory, monkeypatch: pytest.MonkeyPatch, mib: int, status: int, state: str
) -> None:
    leave_free(monkeypatch, mib)
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert answer.json["checks"]["disk"]["state"] == state
    assert f"{mib} MiB are free" in answer.json["checks"]["disk"]["text"]


@pytest.mark.parametrize("age_s", [None, 3600])
def test_a_silent_worker_is_told_and_does_not_stop_the_web(
    client: IsolatedClient, make: Factory, age_s: float | None
) -> None:
    if age_s is not None:
        heartbeat(age_s)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["checks"]["worker"]["state"]) == ("degraded", "bad")


def test_tables_of_another_version_are_not_ready(client: IsolatedClient, make: Factory) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    db.session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["migrations"]["state"] == "bad"


def test_a_database_that_cannot_be_opened_is_not_ready(settings: Settings, tmp_path: Path) -> None:
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/missing/x.sqlite"))
    answer = IsolatedClient(app, app.response_class).get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"]["state"] == "bad"
    assert str(tmp_path) not in answer.text


def test_a_redis_that_is_away_is_told_and_does_not_stop_the_web(settings: Settings) -> None:
    app = create_app(replace(settings, redis_url="redis://:CANARY-password@127.0.0.1:9/0"))
    answer = IsolatedClient(app, app.response_class).get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["checks"]["queue"]["state"] == "warn"
    assert "CANARY" not in answer.text


def test_a_locked_database_is_still_read(client: IsolatedClient, settings: Settings) -> None:
    lock = sqlite3.connect(settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        assert client.get("/readyz").status_code == 200
    finally:
        lock.close()


def test_metrics_count_what_waits(client: IsolatedClient, make: Factory) -> None:
    conversation = make.conversation()
    make.message(conversation, next_attempt_at=utcnow() - timedelta(minutes=2))
    make.message(conversation, status=MessageStatus.UNCONFIRMED)
    heartbeat(age_s=5)
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    values = {family.name: family.samples[0].value for family in families if family.samples}
    assert values["waba_messages_queued"] == 1
    assert 115 < values["waba_messages_oldest_seconds"] < 180
    assert values["waba_messages_unconfirmed"] == 1
    assert values["waba_webhook_events_pending"] == 0
    assert 4 < values["waba_worker_heartbeat_age_seconds"] < 60
    assert values["process_resident_memory_bytes"] > 0


def test_metrics_do_not_exist_for_others(client: IsolatedClient) -> None:
    assert client.get("/metrics", environ_overrides=ELSEWHERE).status_code == 404


@pytest.mark.parametrize("role,status", [("owner", 200), ("manager", 404), ("viewer", 404)])
def test_metrics_open_with_an_owners_key(
    client: IsolatedClient, make: Factory, role: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {make.api_key(role=role)}"}
    assert client.get("/metrics", headers=headers, environ_overrides=ELSEWHERE).status_code == status


def test_a_proxy_on_this_machine_makes_nobody_local(client: IsolatedClient) -> None:
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_behind_a_trusted_proxy_the_clients_own_address_counts(settings: Settings) -> None:
    app = create_app(replace(settings, trusted_proxies=1))
    client = IsolatedClient(app, app.response_class)
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 200
    with app.app_context():
        db.engine.dispose()

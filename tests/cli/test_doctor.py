"""`doctor`: each line says how it stands and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import text

from app.crypto import current_cipher
from app.extensions import db
from app.models import WorkerHeartbeat, utcnow
from app.services import self_checks
from app.services.self_checks import Verdict
from config import S3Settings, Settings
from tests.cli.conftest import Run
from tests.conftest import TEST_KEY
from tests.support.factories import Factory


@pytest.fixture(autouse=True)
def _restore_cipher() -> Iterator[None]:
    yield
    current_cipher.configure((TEST_KEY,))


def lines(run: Run) -> tuple[int, dict[str, str]]:
    result = run("doctor")
    said = {line[6:21].strip(): line[:5].strip() for line in result.output.splitlines() if line[:1].strip()}
    return result.exit_code, said


def test_each_part_gets_a_line(run: Run, make: Factory) -> None:
    db.session.add(WorkerHeartbeat(name="worker-1", started_at=utcnow(), seen_at=utcnow()))
    db.session.commit()
    exit_code, said = lines(run)
    # How much room this machine has is its own affair.
    assert said.pop("disk") in {"ok", "warn"}
    assert said == {
        "settings": "ok",
        "database": "ok",
        "migrations": "ok",
        "encryption": "ok",
        "queue": "ok",
        "files": "ok",
        "worker": "ok",
        "graph": "bad",
        "public address": "ok",
    }
    assert exit_code == 1


def test_a_bad_part_says_what_to_do(run: Run, make: Factory) -> None:
    output = run("doctor").output
    assert "The sandbox cannot be reached" in output
    assert "Start it: flask --app wsgi sandbox" in output


def test_tables_behind_the_code_are_bad(run: Run, make: Factory) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    db.session.commit()
    assert "flask --app wsgi db upgrade" in run("doctor").output


def test_secrets_that_no_key_opens_are_bad(run: Run, make: Factory) -> None:
    make.account()
    current_cipher.configure((Fernet.generate_key(),))
    output = run("doctor").output
    assert "3 saved secrets fit no key: 1 in whatsapp_business_accounts.app_secret" in output


def test_a_store_of_files_that_does_not_answer_is_bad(app: Flask, settings: Settings) -> None:
    bucket = S3Settings("http://127.0.0.1:9", "files", "us-east-1", "CANARY-key", "CANARY-secret")
    away = replace(settings, media_store="s3", s3=bucket)
    with app.app_context():
        found = self_checks.check_files(away)
    assert (found.verdict, "MEDIA_STORE" in found.advice) == (Verdict.BAD, True)
    assert "CANARY" not in found.text


def test_a_silent_worker_is_bad(run: Run, make: Factory) -> None:
    seen_at = utcnow() - timedelta(minutes=5)
    db.session.add(WorkerHeartbeat(name="worker-1", started_at=seen_at, seen_at=seen_at))
    db.session.commit()
    assert lines(run)[1]["worker"] == "bad"


@pytest.mark.parametrize(
    "changes,verdict",
    [
        ({"public_base_url": "https://console.example.com"}, Verdict.OK),
        ({"public_base_url": "http://127.0.0.1:5000"}, Verdict.OK),
        ({"graph_api_base_url": "https://graph.facebook.com"}, Verdict.BAD),
        (
            {
                "graph_api_base_url": "https://graph.facebook.com",
                "public_base_url": "https://console.example.com",
            },
            Verdict.OK,
        ),
        (
            {"graph_api_base_url": "https://graph.facebook.com", "public_base_url": "https://localhost"},
            Verdict.BAD,
        ),
    ],
)
def test_meta_needs_https_and_a_public_name(
    settings: Settings, changes: dict[str, str], verdict: Verdict
) -> None:
    assert self_checks.check_public_url(replace(settings, **changes)).verdict is verdict


def test_debug_is_a_warning(settings: Settings) -> None:
    assert self_checks.check_settings(replace(settings, debug=True)).verdict is Verdict.WARN


def test_nothing_secret_is_printed(app: Flask, run: Run, make: Factory, settings: Settings) -> None:
    app.config["SETTINGS"] = replace(settings, redis_url="redis://:CANARY-password@127.0.0.1:9/0")
    make.account()
    output = run("doctor").output
    assert "CANARY" not in output
    assert settings.secret_key not in output

"""`doctor`: each line says how it stands and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask, current_app
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
from tests.support.sandbox import RunningSandbox


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
        "file rights": "ok",
        "migrations": "ok",
        "encryption": "ok",
        "queue": "ok",
        "files": "ok",
        "worker": "ok",
        "graph": "bad",
        "public address": "ok",
        "callback": "warn",  # no web process runs in this test
        "outgoing": "ok",
        "mail": "warn",
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


@pytest.mark.parametrize(
    "mode,verdict", [(0o600, Verdict.OK), (0o640, Verdict.OK), (0o644, Verdict.WARN), (0o646, Verdict.BAD)]
)
def test_files_that_other_users_get_at_are_told(
    app: Flask, settings: Settings, tmp_path: Path, mode: int, verdict: Verdict
) -> None:
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    (folder / "secrets.env").touch()
    (folder / "secrets.env").chmod(mode)
    with app.app_context():
        found = self_checks.check_file_rights(replace(settings, instance_path=folder))
        assert found.verdict is verdict
        assert ("secrets.env" in found.text, "chmod" in found.advice) == (verdict is not Verdict.OK,) * 2
        folder.chmod(0o700)
        shut = self_checks.check_file_rights(replace(settings, instance_path=folder))
        assert shut.verdict is Verdict.OK


def test_programs_get_json_and_the_same_exit_code(run: Run, make: Factory) -> None:
    result = run("doctor", "--json")
    found = {each["part"]: each for each in json.loads(result.output)}
    assert set(found) == {*lines(run)[1]}
    assert (found["graph"]["verdict"], result.exit_code) == ("bad", 1)
    assert found["graph"]["advice"] == "Start it: flask --app wsgi sandbox"


def test_an_outgoing_webhook_that_was_switched_off_is_told(run: Run, make: Factory) -> None:
    make.outgoing_webhook(is_on=False, off_reason="Nothing arrived for five days.")
    finding = self_checks.check_outgoing_webhooks(current_app.config["SETTINGS"])
    assert (finding.verdict, "1 was switched off" in finding.text) == (Verdict.WARN, True)


def test_the_console_is_looked_for_at_its_public_address(settings: Settings, sandbox: RunningSandbox) -> None:
    """Something answers there (a sandbox), but it is not the console."""
    elsewhere = replace(settings, public_base_url=sandbox.url)
    finding = self_checks.check_callback(elsewhere)
    assert finding.verdict is Verdict.WARN
    assert "Something else answers" in finding.text
    nobody = self_checks.check_callback(replace(settings, public_base_url="http://127.0.0.1:9"))
    assert "does not answer from here" in nobody.text

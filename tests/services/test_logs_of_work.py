"""The worker's log lines: ids as fields, and neither secrets, texts nor phone numbers (reliability D3)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text

from app.extensions import db
from app.log_fields import log_fields
from app.models import Account, EventState, Message, NumberPace, WebhookEvent, utcnow
from app.queries.access import SYSTEM
from app.services import claiming, event_work, health, jobs, messages, outcomes, sending
from app.web.logs import JsonFormatter
from tests.support.factories import Factory
from tests.support.sandbox import RunningSandbox
from tests.support.webhooks import Meta, change, envelope, text_message

WORDS = "CANARY-words-of-a-customer"
NUMBER = "447700900118"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a handler like ours writes with LOG_LEVEL=DEBUG."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def entries(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def refuse_the_words(app: Flask) -> None:
    """A database that fails on this text, and says so in its own way."""
    if db.engine.dialect.name == "sqlite":
        rule = (
            "CREATE TRIGGER refuse BEFORE INSERT ON whatsapp_messages WHEN NEW.text_content = "
            f"'{WORDS}' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    else:
        rule = f"ALTER TABLE whatsapp_messages ADD CHECK (text_content <> '{WORDS}') NOT VALID"
    db.session.execute(text(rule))
    db.session.commit()


def try_to_send(conversation: Any, sandbox: RunningSandbox, **fault: Any) -> Message:
    message = messages.queue_text(conversation=conversation, body=WORDS, actor=SYSTEM)
    db.session.execute(delete(NumberPace))  # a number that pauses would send nothing
    db.session.commit()
    if fault:
        sandbox.control("POST", "faults", fault)
    outcomes.record([sending.deliver(one) for one in claiming.claim("test-worker", 16).outgoing])
    return message


def test_lines_about_a_message_carry_its_ids(
    sandbox: RunningSandbox, make: Factory, lines: io.StringIO
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    refused = try_to_send(make.conversation(account), sandbox, kind="error", code=131009)
    accepted = try_to_send(make.conversation(account), sandbox)
    told = {entry["message_id"]: entry for entry in entries(lines) if "message_id" in entry}
    assert told[refused.id]["level"] == "warning"
    assert (told[refused.id]["account_id"], told[refused.id]["code"]) == (account.id, 131009)
    assert told[refused.id]["trace_id"]
    assert told[refused.id]["attempt"]
    assert (told[accepted.id]["level"], told[accepted.id]["outcome"]) == ("debug", "ok")


def test_lines_about_an_event_carry_its_id(app: Flask, make: Factory, lines: io.StringIO) -> None:
    account = make.account()
    Meta(app).tell(account, text_message(account, body=WORDS, wa_id=NUMBER))
    event_work.work_off()
    event_id = db.session.scalars(select(WebhookEvent.id)).one()
    (told,) = [entry for entry in entries(lines) if entry.get("event_id") == event_id]
    assert (told["account_id"], told["outcome"], told["attempt"]) == (account.id, EventState.PROCESSED, 1)


def test_a_job_names_itself_on_every_line(make: Factory, lines: io.StringIO) -> None:
    jobs.run_once("sweep", utcnow(), lambda: logging.getLogger("x").warning("inside"))
    assert [entry["job"] for entry in entries(lines) if entry["message"] == "inside"] == ["sweep"]


def test_the_nearest_field_wins_and_none_overwrites_the_line(lines: io.StringIO) -> None:
    with log_fields(event_id=1, level="forged"), log_fields(event_id=2):
        logging.getLogger("x").warning("inside")
    logging.getLogger("x").warning("outside")
    inside, outside = entries(lines)
    assert (inside["event_id"], inside["level"]) == (2, "warning")
    assert "event_id" not in outside


def test_nothing_of_customers_or_secrets_stands_in_the_log(
    app: Flask, sandbox: RunningSandbox, make: Factory, lines: io.StringIO
) -> None:
    """Failing sends, a Meta that repeats what it hears, a poisoned event, a database that quotes the row."""
    account: Account = make.sandbox_account(sandbox.new_account())
    secrets = [account.access_token, account.app_secret, account.webhook_verify_token]
    values = [secret.reveal() for secret in secrets if secret is not None]
    for kind in ("throttle", "lost_answer"):
        try_to_send(make.conversation(account), sandbox, kind=kind)
    echo = f"{NUMBER} was told {WORDS} with {values[0]}"
    try_to_send(make.conversation(account), sandbox, kind="error", code=131026, message=echo)
    health.run_health_check(account)
    refuse_the_words(app)
    ours = make.account()
    Meta(app).tell(ours, text_message(ours, body=WORDS, wa_id=NUMBER))
    Meta(app).post(envelope(change(ours, text_message(ours, body=WORDS, wa_id=NUMBER))))
    event_work.work_off()
    told = entries(lines)
    assert any("could not be worked off" in entry["message"] for entry in told)
    above = json.dumps([entry for entry in told if entry["level"] != "debug"])
    assert WORDS not in above
    assert NUMBER not in above
    for value in values:
        assert value not in lines.getvalue()

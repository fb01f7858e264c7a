"""The owner's page of mail: which server is set, a test, and what was sent lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.services.mail import outbox, sending
from config import MailSettings, Settings
from tests.support.mailbox import Mailbox


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    yield mailbox
    mailbox.close()


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    return replace(settings, mail=MailSettings("127.0.0.1", mailbox.port, "console@example.com", "none"))


def test_a_test_mail_goes_to_the_owner_who_asks_for_it(page: Any, sign_in: Any, mailbox: Mailbox) -> None:
    owner = sign_in("owner")
    assert f"127.0.0.1, port {mailbox.port}" in page.get("settings.mail").text()
    page.post("settings.send_test_mail", status=303)
    assert [message["To"] for message in mailbox.messages] == [owner.email]


def test_what_the_server_says_against_it_is_shown(page: Any, sign_in: Any, mailbox: Mailbox) -> None:
    sign_in("owner")
    mailbox.recipient_answers = [b"550 nobody here"]
    page.post("settings.send_test_mail", status=303)
    assert "550: nobody here" in page.get("settings.mail").text()


def test_mail_that_waits_is_listed(page: Any, sign_in: Any, make: Any) -> None:
    outbox.queue(["owner@example.com"], subject="Acme: Quality is low", body="…")
    db.session.commit()
    sign_in("owner")
    assert "Acme: Quality is low" in page.get("settings.mail").text()


def test_mail_that_was_given_up_is_said_at_the_top(
    page: Any, sign_in: Any, mailbox: Mailbox, app: Flask
) -> None:
    sign_in("owner")
    assert page.get("settings.mail").texts("#mail-given-up") == []
    mailbox.recipient_answers = [b"550 nobody here"]
    with app.app_context():
        outbox.queue(["owner@example.com"], subject="Acme: Quality is low", body="…")
        db.session.commit()
        sending.work_off("worker-1")
    (said,) = page.get("settings.mail").texts("#mail-given-up")
    assert said.startswith("1 e-mail could not be delivered.")
    assert "owner@example.com" in said
    assert "550: nobody here" in said


def test_without_a_server_it_says_what_to_set(app: Flask, page: Any, sign_in: Any) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail=None)
    sign_in("owner")
    assert "SMTP_HOST" in page.get("settings.mail").text()
    page.post("settings.send_test_mail", status=303)
    assert "No mail server is set" in page.get("settings.mail").text()

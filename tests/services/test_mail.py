"""Mail: rows that wait, a worker that sends each once, tries again later, and gives up at last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import NotReady
from app.extensions import db
from app.models import DeliveryState, Mail, utcnow
from app.services import health
from app.services.mail import outbox, sending, smtp
from app.services.mail.smtp import MailTrouble
from config import MailSettings, Settings
from tests.support.factories import Factory
from tests.support.mailbox import Mailbox


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox(accounts={"console": "s3cret-of-the-server"})
    yield mailbox
    mailbox.close()


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    mail = MailSettings(
        "127.0.0.1", mailbox.port, "Über <console@example.com>", "none", "console", "s3cret-of-the-server"
    )
    return replace(settings, mail=mail)


@pytest.fixture
def mail(make: Factory) -> Mail:
    outbox.queue(["owner@example.com"], subject="Ünwell:\r\nBcc: x@example.com", body="Gruß\n.\nEnd\n")
    db.session.commit()
    return db.session.scalars(select(Mail)).one()


def again(mail: Mail) -> None:
    """The time of its next try has come."""
    mail.next_attempt_at = utcnow()
    db.session.commit()
    sending.work_off("worker-1")
    db.session.refresh(mail)


def test_a_mail_is_sent_once_as_it_was_written(mail: Mail, mailbox: Mailbox) -> None:
    assert sending.work_off("worker-1") == 1
    assert sending.work_off("worker-1") == 0
    (message,) = mailbox.messages
    assert message["Subject"] == "Ünwell: Bcc: x@example.com"
    assert message["Bcc"] is None
    assert message["Message-ID"] == mail.message_id
    assert message.get_content().splitlines() == ["Gruß", ".", "End"]
    assert mailbox.signed_in == ["console"]
    db.session.refresh(mail)
    assert mail.state is DeliveryState.DELIVERED


def test_two_workers_do_not_take_the_same_mail(mail: Mail) -> None:
    assert outbox.claim("worker-1") is not None
    assert outbox.claim("worker-2") is None


def test_a_worker_that_died_leaves_its_mail_to_another(mail: Mail, mailbox: Mailbox) -> None:
    outbox.claim("worker-1")
    mail.next_attempt_at = utcnow() - timedelta(seconds=1)
    db.session.commit()
    sending.work_off("worker-2")
    assert len(mailbox.messages) == 1


def test_a_server_that_is_busy_is_asked_again_later(mail: Mail, mailbox: Mailbox) -> None:
    mailbox.recipient_answers = [b"451 later, please"]
    again(mail)
    assert (mail.state, mail.last_answer) == (DeliveryState.WAITING, "451: later, please")
    assert mail.next_attempt_at is not None
    assert mail.next_attempt_at > utcnow() + timedelta(seconds=50)
    again(mail)
    assert mail.state is DeliveryState.DELIVERED


def test_an_address_that_does_not_exist_is_given_up(mail: Mail, mailbox: Mailbox) -> None:
    mailbox.recipient_answers = [b"550 nobody here"]
    again(mail)
    assert (mail.state, mail.last_answer) == (DeliveryState.FAILED, "550: nobody here")


def test_after_the_last_try_it_is_given_up(mail: Mail, mailbox: Mailbox) -> None:
    mailbox.is_closing = True
    for _ in range(len(outbox.WAITS) + 1):
        again(mail)
    assert mail.state is DeliveryState.FAILED
    assert "SMTPServerDisconnected" in mail.last_answer


def test_what_was_tried_to_the_end_is_told_of_until_any_mail_is_taken(mail: Mail, mailbox: Mailbox) -> None:
    mailbox.is_closing = True
    for _ in range(len(outbox.WAITS)):
        again(mail)
    assert outbox.list_given_up() == []
    again(mail)
    assert outbox.list_given_up() == [mail]
    mailbox.is_closing = False
    sending.send_test("somebody-else@example.com")
    assert outbox.list_given_up() == []


def test_an_address_that_is_refused_is_told_of_until_it_takes_mail(mail: Mail, mailbox: Mailbox) -> None:
    mailbox.recipient_answers = [b"550 nobody here"]
    again(mail)
    sending.send_test("somebody-else@example.com")
    assert outbox.list_given_up() == [mail]
    sending.send_test("owner@example.com")
    assert outbox.list_given_up() == []


def test_what_was_given_up_is_told_of_for_a_week(mail: Mail, mailbox: Mailbox) -> None:
    mailbox.recipient_answers = [b"550 nobody here"]
    again(mail)
    mail.created_at -= timedelta(days=7, hours=23)
    db.session.commit()
    assert outbox.list_given_up() == [mail]
    mail.created_at -= timedelta(hours=2)
    db.session.commit()
    assert outbox.list_given_up() == []


def test_the_health_of_the_account_warns_of_it_without_the_address(
    make: Factory, mail: Mail, mailbox: Mailbox
) -> None:
    account, other = make.account(), make.account()
    mail.account_id = account.id
    mailbox.recipient_answers = [b"550 nobody here"]
    again(mail)
    (line,) = [check for check in health.current_checks(account, None) if check["key"] == "mail"]
    assert (line["state"], line["title"]) == ("warning", "E-mails do not get through")
    assert "owner@example.com" not in str(line)
    assert [check for check in health.current_checks(other, None) if check["key"] == "mail"] == []
    sending.send_test("owner@example.com")
    assert [check for check in health.current_checks(account, None) if check["key"] == "mail"] == []


def test_a_wrong_password_is_said_and_never_shown(app: Flask, mail: Mail) -> None:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, mail=replace(settings.mail, password="not-this-one"))
    again(mail)
    assert "SMTP_PASSWORD" in mail.last_answer
    assert "not-this-one" not in mail.last_answer


def test_a_server_without_encryption_gets_nothing_when_encryption_is_asked_for(
    app: Flask, mail: Mail, mailbox: Mailbox
) -> None:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, mail=replace(settings.mail, security="starttls"))
    again(mail)
    assert mailbox.signed_in == []
    assert "SMTP_SECURITY" in mail.last_answer


def test_the_check_sends_nothing(app: Flask, mailbox: Mailbox) -> None:
    smtp.check(app.config["SETTINGS"].mail)
    assert mailbox.messages == []
    mailbox.is_closing = True
    with pytest.raises(MailTrouble, match="could not be reached"):
        smtp.check(app.config["SETTINGS"].mail)


def test_a_test_mail_tells_at_once_what_came_of_it(make: Factory, mailbox: Mailbox) -> None:
    sending.send_test("owner@example.com")
    assert mailbox.subjects == ["waba-console: a test"]
    mailbox.recipient_answers = [b"550 nobody here"]
    with pytest.raises(NotReady, match="nobody here"):
        sending.send_test("owner@example.com")

"""Hearing of it: each trouble is told once, by banner, mail and webhook, and once more when all is well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    CheckState,
    HealthAlert,
    HealthChange,
    HealthSignal,
    HealthWatch,
    Mail,
    OutgoingDelivery,
    utcnow,
)
from app.queries.access import EVERYTHING, SYSTEM, actor_of_user
from app.queries.health import find_latest_log
from app.queries.health_alerts import list_banners
from app.services import accounts, event_work, health, health_alerts, health_signals, health_watch
from app.services.health_alerts import close_settled
from app.services.health_lines import CheckLine
from app.services.mail import sending
from app.services.outgoing import attention
from config import MailSettings, Settings
from tests.support.factories import Factory
from tests.support.mailbox import Mailbox
from tests.support.sandbox import RunningSandbox
from tests.support.webhooks import Meta

pytestmark = pytest.mark.one_database


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    yield mailbox
    mailbox.close()


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    mail = MailSettings("127.0.0.1", mailbox.port, "waba-console <console@example.com>", "none")
    return replace(settings, mail=mail)


@pytest.fixture
def account(make: Factory, meta: dict[str, str]) -> Account:
    make.user(role="owner", email="owner@example.com")
    make.outgoing_webhook(events=["account.health"])
    made = accounts.set_up_account(values={**meta, "webhook_verify_token": "verify-me-please"}, actor=SYSTEM)
    health.run_health_check(made)
    return made


def look() -> None:
    """What the worker does each second, with the minute over."""
    db.session.execute(HealthWatch.__table__.update().values(next_at=utcnow(), lease_until=None))  # type: ignore[attr-defined]
    db.session.commit()
    health_watch.work_off()
    db.session.expire_all()


def a_while_later(minutes: int = 2) -> None:
    """All that is well has been so for some minutes."""
    for alert in db.session.scalars(select(HealthAlert).where(HealthAlert.well_since.is_not(None))):
        alert.well_since = utcnow() - timedelta(minutes=minutes)
    db.session.commit()
    close_settled()
    db.session.expire_all()


def post_all() -> None:
    while sending.work_off("worker-1"):
        continue


def told() -> list[tuple[str, str]]:
    """(status, the first words of the reason) of each webhook."""
    rows = db.session.scalars(select(OutgoingDelivery).order_by(OutgoingDelivery.id)).all()
    data = [json.loads(row.body)["data"] for row in rows]
    return [(one["status"], one["attention_reason"].partition(".")[0]) for one in data]


def open_keys() -> list[str]:
    found = db.session.scalars(select(HealthAlert).where(HealthAlert.closed_at.is_(None)))
    return sorted(alert.key.partition(":")[0] for alert in found)


def number(sandbox: RunningSandbox, meta: dict[str, str], **values: str) -> None:
    sandbox.control("POST", f"phone_numbers/{meta['phone_number_id']}", values)


def test_quality_that_falls_is_told_once_and_its_recovery_once(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox, mailbox: Mailbox
) -> None:
    number(sandbox, meta, quality_rating="RED")
    for _ in range(3):
        look()
        health.run_health_check(account)
    post_all()
    assert mailbox.subjects == [f"[Sandbox] {account.name}: Quality is low"]
    assert told() == [("live", "Quality is low")]
    number(sandbox, meta, quality_rating="GREEN")
    look()
    assert told() == [("live", "Quality is low")], "it may come back"
    a_while_later()
    look()
    post_all()
    assert mailbox.subjects[1:] == [f"[Sandbox] {account.name}: all is well again: Quality is low"]
    assert told()[1:] == [("live", "")]
    assert account.status is AccountStatus.LIVE


def test_the_mail_says_what_why_since_when_and_what_to_do(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox, mailbox: Mailbox
) -> None:
    number(sandbox, meta, quality_rating="RED")
    look()
    post_all()
    (message,) = mailbox.messages
    text = message.get_content()
    assert message["To"] == "owner@example.com"
    assert all(words in text for words in ("Quality is low.", "Since:", "Why it matters:", "What to do:"))
    assert f"/accounts/{account.id}/health" in text


def test_quality_that_falls_further_is_told_again(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox, mailbox: Mailbox
) -> None:
    for quality in ("YELLOW", "RED", "YELLOW", "RED"):
        number(sandbox, meta, quality_rating=quality)
        look()
    post_all()
    assert [subject.rpartition(": ")[2] for subject in mailbox.subjects] == [
        "Quality is medium",
        "Quality is low",
    ]


def test_a_trouble_that_comes_and_goes_is_one_alert(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    for quality in ("RED", "GREEN") * 3:
        number(sandbox, meta, quality_rating=quality)
        look()
    assert told() == [("live", "Quality is low")]
    a_while_later(minutes=3)
    assert open_keys() == ["quality"], "after two returns it has to be well for four minutes"
    a_while_later(minutes=5)
    assert told() == [("live", "Quality is low"), ("live", "")]


def test_a_restricted_number_goes_on_sending_and_is_told(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    number(sandbox, meta, status="RESTRICTED")
    look()
    assert told() == [("live", "Number is restricted")]
    assert account.status is AccountStatus.LIVE


def test_a_token_that_dies_is_told_once_although_sends_notice_it_first(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox, mailbox: Mailbox
) -> None:
    sandbox.control("POST", "tokens/revoke", {"access_token": meta["access_token"]})
    attention.hold(account, "Meta no longer accepts this account's access token.")
    db.session.commit()
    for _ in range(3):
        look()
    post_all()
    assert [subject.rpartition(": ")[2] for subject in mailbox.subjects] == ["Token does not work"]
    assert told() == [("needs_attention", "Meta no longer accepts this account's access token")]
    assert open_keys() == ["token"], "what the token keeps from being asked is not told as well"


def test_a_token_that_dies_in_silence_is_found_by_the_look(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    sandbox.control("POST", "tokens/revoke", {"access_token": meta["access_token"]})
    look()
    assert told() == [("needs_attention", "Token does not work")]
    checks = health.current_checks(account, find_latest_log(account.id))
    failed = [check["key"] for check in checks if check["state"] == "failed"]
    assert failed == ["token"], "what could not be asked for it is not a trouble of its own"


def test_silence_of_meta_opens_nothing_and_closes_nothing(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    number(sandbox, meta, quality_rating="RED")
    look()
    sandbox.control("POST", "faults", {"kind": "outage", "count": None})
    health.run_health_check(account)
    a_while_later()
    assert open_keys() == ["quality"]
    assert told() == [("live", "Quality is low")]


def test_news_of_meta_leads_to_a_check_at_once(app: Any, account: Account, meta: dict[str, str]) -> None:
    value = {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [
            {
                "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING",
                "expiration": int((utcnow() + timedelta(days=7)).timestamp()),
            }
        ],
    }
    db.session.commit()
    Meta(app, meta["app_secret"]).tell(account, value, "account_update")
    db.session.commit()
    while event_work.work_off():
        continue
    health_watch.work_off()
    assert open_keys() == ["restriction"]
    assert told() == [("live", "Account is restricted")]
    assert db.session.scalars(select(HealthSignal).where(HealthSignal.handled_at.is_(None))).all() == []


def test_a_restriction_that_is_lifted_early_is_over(
    account: Account, sandbox: RunningSandbox, app: Any
) -> None:
    waba_id = account.meta_id
    db.session.commit()
    sandbox.control("POST", "conditions", {"id": waba_id, "conditions": ["policy_restricted"]})
    health_signals.report(account, CheckLine("restriction", "Account is restricted", CheckState.WARNING, "x"))
    db.session.commit()
    look()
    assert open_keys() == ["restriction"], "the account's own line says the same"
    sandbox.control("POST", "conditions", {"id": waba_id, "conditions": []})
    look()
    a_while_later()
    assert open_keys() == []


def test_a_restriction_that_has_run_out_is_over(account: Account) -> None:
    db.session.add(
        HealthSignal(
            account_id=account.id,
            source="webhook",
            key="restriction",
            title="Account is restricted",
            until=utcnow() + timedelta(minutes=1),
        )
    )
    db.session.commit()
    look()
    assert open_keys() == ["restriction"]
    db.session.scalars(select(HealthSignal)).one().until = utcnow()
    db.session.commit()
    health.run_health_check(account)
    a_while_later()
    assert told()[-1] == ("live", "")


def test_a_limit_that_falls_is_a_finding_until_it_is_back(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    for limit in ("TIER_10K", "TIER_2K"):
        number(sandbox, meta, messaging_limit=limit)
        look()
    health.run_health_check(account)
    assert open_keys() == ["limit"]
    sentences = db.session.scalars(select(HealthChange.sentence).order_by(HealthChange.id)).all()
    assert sentences[-1].endswith("fell from 10,000 people a day to 2,000 people a day")
    number(sandbox, meta, messaging_limit="TIER_10K")
    look()
    a_while_later()
    assert open_keys() == []


def test_a_banner_put_away_stays_away_until_it_gets_worse(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox, make: Factory
) -> None:
    user = make.user(role="owner")
    number(sandbox, meta, quality_rating="YELLOW")
    look()
    (alert,) = list_banners(EVERYTHING, user.id)
    health_alerts.dismiss(alert, actor_of_user(user))
    look()
    assert list_banners(EVERYTHING, user.id) == []
    number(sandbox, meta, quality_rating="RED")
    look()
    assert [one.title for one in list_banners(EVERYTHING, user.id)] == ["Quality is low"]


def test_a_finding_keeps_its_since_over_checks(
    account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    number(sandbox, meta, quality_rating="RED")
    first = health.run_health_check(account)
    second = health.run_health_check(account)
    since = [
        next(check["since"] for check in log.checks if check["key"].startswith("quality"))
        for log in (first, second)
    ]
    assert since == [first.checked_at.isoformat()] * 2


def test_without_a_mail_server_nothing_is_written_for_it(
    app: Any, account: Account, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail=None)
    number(sandbox, meta, quality_rating="RED")
    look()
    assert db.session.scalars(select(Mail)).all() == []
    assert told() == [("live", "Quality is low")]

"""The page of an account's health: what stands, how it has been, what changed, and who may do what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Account, AccountHealthLog, CheckState, HealthAlert, HealthChange, utcnow
from app.queries.access import SYSTEM
from app.services import accounts, health
from tests.support.processes import wait_until


@pytest.fixture
def account(make: Any, meta: dict[str, str]) -> Account:
    made = accounts.set_up_account(values={**meta, "webhook_verify_token": "verify-me-please"}, actor=SYSTEM)
    db.session.commit()
    return made


def lower_quality(account: Account, meta: dict[str, str], sandbox: Any) -> None:
    health.run_health_check(account)
    sandbox.control("POST", f"phone_numbers/{meta['phone_number_id']}", {"quality_rating": "RED"})
    health.run_health_check(account)
    db.session.commit()


def test_a_finding_says_what_since_when_why_and_what_to_do(
    page: Any, sign_in: Any, account: Account, meta: dict[str, str], sandbox: Any
) -> None:
    lower_quality(account, meta, sandbox)
    sign_in("owner")
    shown = page.get("accounts.show_health", account_id=account.id)
    assert "Quality is low" in shown.texts(".wc-finding h3")
    assert {"Since", "Why it matters", "What to do"} <= set(shown.texts(".wc-finding dt"))
    assert any("fell from high to low" in text for text in shown.texts(".wc-check-t"))


def test_a_rejected_review_is_said_until_it_is_approved(
    page: Any, sign_in: Any, account: Account, meta: dict[str, str], sandbox: Any
) -> None:
    sign_in("owner")
    sandbox.control("POST", f"accounts/{meta['waba_id']}/review", {"decision": "reject"})
    shown = page.post("accounts.check_health", account_id=account.id, htmx=True)
    assert "Account was not approved" in shown.texts(".wc-finding h3")
    assert "Meta’s review has rejected the account." in shown.text()
    sandbox.control("POST", f"accounts/{meta['waba_id']}/review", {"decision": "approve"})
    shown = page.post("accounts.check_health", account_id=account.id, htmx=True)
    assert "Account was not approved" not in shown.texts(".wc-finding h3")
    wait_until(
        lambda: not sandbox.control("GET", "deliveries?state=pending")["data"], what="Meta has told us"
    )


def test_check_now_asks_meta_and_shows_the_answer_with_and_without_script(
    page: Any, sign_in: Any, account: Account, meta: dict[str, str], sandbox: Any
) -> None:
    sign_in("owner")
    sandbox.control("POST", f"phone_numbers/{meta['phone_number_id']}", {"quality_rating": "RED"})
    swapped = page.post("accounts.check_health", account_id=account.id, htmx=True)
    assert "Quality is low" in swapped.texts(".wc-finding h3")
    page.post("accounts.check_health", account_id=account.id, status=303)


def test_the_banner_stands_on_every_page_until_it_is_put_away(
    page: Any, sign_in: Any, account: Account, meta: dict[str, str], sandbox: Any
) -> None:
    lower_quality(account, meta, sandbox)
    (alert_id,) = db.session.scalars(select(HealthAlert.id))
    db.session.commit()
    sign_in("owner")
    assert "Quality is low" in page.get("message_templates.index").text()
    page.post("accounts.dismiss_alert", account_id=account.id, alert_id=alert_id, status=303)
    assert page.get("message_templates.index").texts("#health-banner .wc-note") == []


def test_a_viewer_reads_and_has_no_banner_and_no_buttons(
    page: Any, sign_in: Any, account: Account, meta: dict[str, str], sandbox: Any
) -> None:
    lower_quality(account, meta, sandbox)
    sign_in("viewer", accounts=[account])
    shown = page.get("accounts.show_health", account_id=account.id)
    assert "Quality is low" in shown.texts(".wc-finding h3")
    assert shown.texts("#main form") == []
    assert shown.texts("#health-banner .wc-note") == []


def test_a_log_of_an_earlier_version_can_be_read(page: Any, sign_in: Any, account: Account) -> None:
    old = {"key": "token", "title": "Token ends soon", "state": "warning", "evidence": "3 days left."}
    old |= {"what_to_do": "Make another.", "seconds": 0.1, "action": "retry"}
    db.session.add(
        AccountHealthLog(account_id=account.id, state=CheckState.WARNING, checks=[old], checked_at=utcnow())
    )
    db.session.commit()
    sign_in("owner")
    shown = page.get("accounts.show_health", account_id=account.id)
    assert "Token ends soon" in shown.texts(".wc-finding h3")
    health.run_health_check(account)


def test_the_strip_says_in_words_that_what_failed_stood_until_the_next_check(
    page: Any, sign_in: Any, make: Any
) -> None:
    account = make.account()
    for days, state in ((3, CheckState.PASSED), (2, CheckState.FAILED), (1, CheckState.PASSED)):
        at = utcnow() - timedelta(days=days)
        db.session.add(AccountHealthLog(account_id=account.id, state=state, checks=[], checked_at=at))
    db.session.commit()
    sign_in("owner")
    shown = page.get("accounts.show_health", account_id=account.id, span="90d")
    assert "The last 90 days:" in shown.text()
    assert "2 failed" in shown.text()
    cells = shown.texts("table.wc-num td")
    assert "Failed" in cells
    assert "Not checked" in cells


def test_changes_come_in_pages(page: Any, sign_in: Any, make: Any) -> None:
    account = make.account()
    for number in range(25):
        at = utcnow() - timedelta(minutes=number)
        change = HealthChange(
            account_id=account.id, key="x", kind="other", sentence=f"Change {number}", source="person", at=at
        )
        db.session.add(change)
    db.session.commit()
    sign_in("owner")
    shown = page.get("accounts.show_health", account_id=account.id)
    assert len(shown.texts(".wc-check-t")) >= 20
    assert "Change 19" in shown.text()
    assert "Change 20" not in shown.text()
    href = shown.soup.select_one("a[aria-label='Next page']")["href"]
    assert "Change 24" in page.open(href).text()

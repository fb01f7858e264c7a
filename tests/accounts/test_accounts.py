"""The list of accounts and the overview of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.rows import token_state
from app.crypto import Secret
from app.extensions import db
from app.models import Account, AccountStatus, AccountUsageLog, utcnow
from tests.support.factories import ACCESS_TOKEN, APP_SECRET
from tests.support.sandbox import RunningSandbox


def connected(make: Any, meta: dict[str, str]) -> Account:
    """A live account with the sandbox's values."""
    account: Account = make.account(
        meta_id=meta["waba_id"],
        app_id=meta["app_id"],
        app_secret=Secret(meta["app_secret"]),
        access_token=Secret(meta["access_token"]),
    )
    number = account.phone_numbers[0]
    number.meta_id, number.phone_number = meta["phone_number_id"], meta["phone_number"]
    db.session.commit()
    return account


def test_the_empty_list_offers_to_connect_one(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    assert "Connect an account" in page.get("accounts.index").texts("a")


def test_the_list_shows_how_far_a_draft_is_and_leads_on(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    make.account(name="Half way", status=AccountStatus.SETUP, setup_step=4)
    listed = page.get("accounts.index")
    assert listed.texts("tbody .wc-badge") == ["Setup 4 of 6"]
    assert any("Continue set-up" in text for text in listed.texts("tbody a"))


def test_the_list_counts_thirty_days(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    account = make.account()
    number_id = account.phone_numbers[0].id
    for days, sent in ((1, 40), (29, 2), (40, 1000)):
        day = utcnow().date() - timedelta(days=days)
        db.session.add(AccountUsageLog(account_id=account.id, phone_number_id=number_id, day=day, sent=sent))
    db.session.commit()
    assert page.get("accounts.index").texts('[data-l="Sent, 30 days"]') == ["42"]


@pytest.mark.parametrize(
    "filters, names",
    [
        ({"q": "bak"}, ["Bakery"]),
        ({"state": "setup"}, ["Florist"]),
        ({"q": "nobody"}, []),
        ({}, ["Bakery", "Florist"]),
    ],
)
def test_the_list_can_be_searched_and_filtered(
    page: Any, sign_in: Any, make: Any, filters: dict[str, str], names: list[str]
) -> None:
    sign_in("owner")
    make.account(name="Bakery")
    make.account(name="Florist", status=AccountStatus.SETUP, setup_step=1)
    for htmx in (False, True):
        assert page.get("accounts.index", htmx=htmx, **filters).texts("tbody .wc-main-link") == names


def test_one_sees_only_accounts_one_belongs_to(page: Any, sign_in: Any, make: Any) -> None:
    mine, other = make.account(name="Mine"), make.account(name="Other")
    sign_in("viewer", accounts=[mine])
    listed = page.get("accounts.index")
    assert "Mine" in listed.text()
    assert "Other" not in listed.text()
    page.get("accounts.overview", account_id=other.id, status=404)


def test_a_viewer_sees_the_overview_without_anything_to_change(page: Any, sign_in: Any, make: Any) -> None:
    account = make.account(name="Mine")
    sign_in("viewer", accounts=[account])
    overview = page.get("accounts.overview", account_id=account.id)
    assert not overview.soup.select("main form")
    page.post("accounts.check", account_id=account.id, status=403)
    page.post("accounts.archive_now", account_id=account.id, status=403)


def test_no_secret_is_on_the_overview(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    account = make.account()
    html = page.get("accounts.overview", account_id=account.id).html
    assert ACCESS_TOKEN not in html
    assert APP_SECRET not in html
    assert f"…{ACCESS_TOKEN[-4:]}" in html


def test_a_draft_leads_to_its_setup(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    account = make.account(status=AccountStatus.SETUP, setup_step=2)
    answer = page.get("accounts.overview", account_id=account.id, status=303)
    assert answer.response.location.endswith(f"/setup/{account.id}")


def test_check_connection_asks_meta_and_shows_every_line(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account = connected(make, meta)
    page.post("accounts.check", account_id=account.id, status=303)
    overview = page.get("accounts.overview", account_id=account.id)
    assert "App is not subscribed to the account" in overview.text()
    assert "This account needs attention." in overview.text()


def test_numbers_are_fetched_on_demand(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    sign_in("owner")
    account = connected(make, meta)
    sandbox.control("POST", f"phone_numbers/{meta['phone_number_id']}", {"quality_rating": "YELLOW"})
    page.post("accounts.sync_numbers", account_id=account.id, status=303)
    overview = page.get("accounts.overview", account_id=account.id)
    assert overview.texts('[data-l="Quality"]') == ["Medium"]


def test_a_failing_sync_says_why(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    sign_in("owner")
    account = connected(make, meta)
    sandbox.control("POST", "tokens/revoke", {"access_token": meta["access_token"]})
    page.post("accounts.sync_numbers", account_id=account.id, status=303)
    assert "token" in " ".join(page.get("accounts.overview", account_id=account.id).texts(".wc-note.is-bad"))


def test_archiving_asks_first_and_takes_the_account_off_the_list(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account = connected(make, meta)
    assert "Keep account" in page.get("accounts.archive", account_id=account.id).text()
    page.post("accounts.archive_now", account_id=account.id, status=303)
    db.session.expire_all()
    assert account.status is AccountStatus.ARCHIVED
    page.get("accounts.overview", account_id=account.id, status=404)
    assert account.name not in page.get("accounts.index").texts("tbody")


def test_what_happened_is_told_in_words(page: Any, sign_in: Any, make: Any, meta: dict[str, str]) -> None:
    person = sign_in("owner")
    account = connected(make, meta)
    page.post("accounts.sync_numbers", account_id=account.id, status=303)
    happened = page.get("accounts.overview", account_id=account.id).text()
    assert "Numbers fetched from Meta" in happened
    assert person.name in happened


@pytest.mark.parametrize(
    "left, words",
    [
        (None, "Permanent"),
        (timedelta(days=60, hours=1), "60 days left"),
        (timedelta(days=1, hours=1), "1 day left"),
        (timedelta(seconds=-1), "Has ended"),
    ],
)
def test_the_token_column_says_how_long_a_token_lives(make: Any, left: timedelta | None, words: str) -> None:
    account = make.account(token_scopes=["whatsapp_business_messaging"])
    now = utcnow()
    account.token_expires_at = now + left if left is not None else None
    assert token_state(account, now)[1] == words


def test_an_account_with_a_silent_number_says_what_to_check(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    account = make.account()
    number = account.phone_numbers[0]
    number.silent_since, number.usual_gap_s = utcnow() - timedelta(hours=5), 9_000
    db.session.commit()
    text = page.get("accounts.overview", account_id=account.id).text()
    assert "Events are missing" in text
    assert f"Nothing about {number.shown_number} has come since" in text

"""The page of what an account used."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import AccountUsageLog, AuditEntry, utcnow


@pytest.fixture
def account(make: Any) -> Any:
    """Used on this very day and five weeks ago."""
    account = make.account(name="Bakery")
    make.message(make.conversation(account), outbound=False)
    row = AccountUsageLog(
        account_id=account.id,
        phone_number_id=account.phone_numbers[0].id,
        day=utcnow().date() - timedelta(days=35),
        sent=9,
        delivered=9,
        kinds={"template": {"sent": 9}},
        pricing={"utility": {"regular": 9}},
        bot_replies=2,
        unique_people=4,
        api_calls=11,
    )
    db.session.add(row)
    db.session.commit()
    return account


def test_this_month_is_shown_day_by_day(page: Any, sign_in: Any, account: Any) -> None:
    sign_in("viewer", accounts=[account])
    shown = page.get("accounts.usage", account_id=account.id)
    assert shown.texts('tbody [data-l="Received"]')[0] == "1"
    assert len(shown.texts('tbody [data-l="Received"]')) == utcnow().day


def test_months_are_shown_since_the_first_with_what_they_are_made_of(
    page: Any, sign_in: Any, account: Any
) -> None:
    sign_in("viewer", accounts=[account])
    shown = page.get("accounts.usage", account_id=account.id, by="month")
    rows = shown.texts('tbody [data-l="Sent"]')
    assert (rows[-1], len(rows) < 4) == ("9", True)
    assert any("Message template" in text for text in shown.texts("tbody tr"))
    assert any("Utility" in text and "charged" in text for text in shown.texts("tbody tr"))


@pytest.mark.parametrize(
    "nonsense",
    [{"month": "2026-13"}, {"month": "0001-01"}, {"month": "9999-12"}, {"number": "x"}, {"by": "=1"}],
)
def test_nonsense_in_the_address_counts_as_nothing(
    page: Any, sign_in: Any, account: Any, nonsense: dict[str, str]
) -> None:
    sign_in("viewer", accounts=[account])
    shown = page.get("accounts.usage", account_id=account.id, **nonsense)
    assert len(shown.texts('tbody [data-l="Received"]')) == utcnow().day


def test_the_months_of_before_can_be_gone_to(page: Any, sign_in: Any, account: Any) -> None:
    sign_in("viewer", accounts=[account])
    month = (utcnow().date() - timedelta(days=35)).strftime("%Y-%m")
    shown = page.get("accounts.usage", account_id=account.id, month=month)
    assert "9" in shown.texts('tbody [data-l="Sent"]')
    assert "Next month" in shown.texts("a")


def test_the_table_has_a_line_for_each_number_and_day(page: Any, sign_in: Any, account: Any) -> None:
    sign_in("viewer", accounts=[account])
    answer = page.get("accounts.export_usage", account_id=account.id, by="month").response
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    old = next(row for row in rows if row["sent"] == "9")
    assert (old["template.sent"], old["pricing.utility.regular"], old["unique_people"]) == ("9", "9", "4")


def test_a_manager_moves_midnight(page: Any, sign_in: Any, account: Any) -> None:
    sign_in("manager", accounts=[account])
    data = {"time_zone": "Asia/Kolkata"}
    page.post("accounts.change_time_zone", account_id=account.id, data=data, status=303)
    db.session.refresh(account)
    assert account.time_zone == "Asia/Kolkata"
    entry = db.session.query(AuditEntry).filter_by(action="account.time_zone_changed").one()
    assert entry.details == {"before": "UTC", "after": "Asia/Kolkata"}


def test_a_wrong_zone_is_said_at_its_field(page: Any, sign_in: Any, account: Any) -> None:
    sign_in("manager", accounts=[account])
    data = {"time_zone": "Mars"}
    shown = page.post("accounts.change_time_zone", account_id=account.id, data=data, status=422)
    assert any("knows no such time zone" in text for text in shown.texts(".wc-err"))


def test_a_manager_of_another_account_finds_nothing(page: Any, sign_in: Any, make: Any, account: Any) -> None:
    sign_in("manager", accounts=[make.account()])
    page.get("accounts.usage", account_id=account.id, status=404)
    page.get("accounts.export_usage", account_id=account.id, status=404)


def test_a_manager_sets_limits_and_sees_how_much_is_used(page: Any, sign_in: Any, account: Any) -> None:
    sign_in("manager", accounts=[account])
    data = {"messages_per_day": " 1,000 ", "messages_per_minute": "", "messages_per_month": ""}
    page.post("accounts.change_limits", account_id=account.id, data=data, status=303)
    assert "0 of 1,000 messages" in page.get("accounts.usage", account_id=account.id).text()
    db.session.refresh(account)
    assert (account.messages_per_day, account.messages_per_minute) == (1000, None)


@pytest.mark.parametrize("wrong", ["0", "-5", "many", "1.5", "9" * 400, "١٢", "=1"])
def test_a_limit_that_is_no_number_is_said_at_its_field(
    page: Any, sign_in: Any, account: Any, wrong: str
) -> None:
    sign_in("manager", accounts=[account])
    data = {"messages_per_day": wrong}
    shown = page.post("accounts.change_limits", account_id=account.id, data=data, status=422)
    assert any("Give a whole number" in text for text in shown.texts(".wc-err"))

"""Figures over the API."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.extensions import db
from app.models import AccountUsageLog, MessageStatus, utcnow


def today() -> date:
    """Asked anew each time: a long run of the tests may see midnight."""
    return utcnow().date()


@pytest.fixture
def account(make):
    """Two sent today (one read), one failed, one received; and a rolled-up day a week ago."""
    conversation = make.conversation()
    now = utcnow()
    make.message(conversation, status=MessageStatus.SENT, sent_at=now)
    make.message(conversation, status=MessageStatus.READ, sent_at=now, delivered_at=now, read_at=now)
    make.message(conversation, status=MessageStatus.FAILED, failed_at=now, error_code=131026)
    make.message(conversation, outbound=False)
    db.session.add(
        AccountUsageLog(
            account_id=conversation.account_id,
            phone_number_id=conversation.phone_number_id,
            day=today() - timedelta(days=7),
            sent=10,
            delivered=9,
            read=5,
            failed=1,
            received=4,
            failures={"131026": 1},
        )
    )
    db.session.commit()
    return conversation.account


def test_an_accounts_figures_add_up(program, account):
    found = program().get(f"accounts/{account.id}/analytics/")
    totals = found["totals"]
    assert [totals[name] for name in ("sent", "delivered", "read", "failed", "received")] == [12, 10, 6, 2, 5]
    assert (totals["delivery_rate"], totals["read_rate"]) == (0.8333, 0.6)
    for name in ("sent", "delivered", "read", "failed", "received"):
        assert sum(day[name] for day in found["days"]) == totals[name]
    assert found["waba_account_id"] == account.id


def test_without_a_range_it_is_the_last_30_days(program, account):
    days = program().get(f"accounts/{account.id}/analytics/")["days"]
    assert (len(days), days[-1]["day"]) == (30, today().isoformat())


def test_a_range_counts_both_its_ends(program, account):
    week_ago = (today() - timedelta(days=7)).isoformat()
    found = program().get(f"accounts/{account.id}/analytics/", since=week_ago, until=week_ago)
    assert (len(found["days"]), found["totals"]["sent"]) == (1, 10)


def test_failures_are_told_by_reason(program, account):
    failures = program().get(f"accounts/{account.id}/analytics/")["failures"]
    assert [(entry["code"], entry["count"]) for entry in failures] == [(131026, 2)]
    assert failures[0]["title"]


def test_the_dashboard_sums_what_the_key_may_see(program, make, account):
    other = make.account()
    found = program().get("analytics/dashboard/")
    assert found["totals"]["sent"] == 12
    assert {row["waba_account_id"]: row["sent"] for row in found["accounts"]} == {account.id: 12, other.id: 0}
    narrow = program(role="viewer", accounts=[other]).get("analytics/dashboard/")
    assert narrow["totals"]["sent"] == 0
    assert [row["waba_account_id"] for row in narrow["accounts"]] == [other.id]


@pytest.mark.parametrize(
    "query, field",
    [
        ({"since": "2026-02-30"}, "since"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "since"),
        ({"since": "2020-01-01", "until": "2026-01-01"}, "since"),
        ({"until": "9999-12-31"}, "until"),
        ({"since": "0001-01-01", "until": "0001-01-02"}, "since"),
        ({"until": "2000-01-01", "since": "1999-12-31"}, "since"),
        ({"days": "7"}, "days"),
    ],
)
def test_a_range_that_cannot_be_counted_is_refused_by_name(program, account, query, field):
    path = f"accounts/{account.id}/analytics/"
    assert field in program().refused_fields("GET", path, query_string=query)

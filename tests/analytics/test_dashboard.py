"""The dashboard: which days and numbers it shows, in what words, and for whom."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest

from app.analytics.presenting import span_words
from app.extensions import db
from app.models import Account, AccountUsageLog, MessageStatus, utcnow


def today() -> date:
    """Asked anew each time: a long run of the tests may see midnight."""
    return utcnow().date()


@pytest.fixture
def account(make: Any) -> Account:
    """Two numbers: one sent on the last 40 days, the other only received, five days ago."""
    account: Account = make.account(name="Meridian Insurance")
    account.phone_numbers[0].verified_name = "Meridian Claims"
    second = make.number(account, verified_name="Meridian Service", messaging_limit="TIER_2K")
    first_id = account.phone_numbers[0].id
    for days in range(2, 42):
        day = today() - timedelta(days=days)
        figures = {"sent": 10, "delivered": 9, "read": 6, "failed": 1, "failures": {"131049": 1}}
        db.session.add(AccountUsageLog(account_id=account.id, phone_number_id=first_id, day=day, **figures))
    day = today() - timedelta(days=5)
    db.session.add(AccountUsageLog(account_id=account.id, phone_number_id=second.id, day=day, received=8))
    db.session.commit()
    db.session.refresh(account)
    return account


def kpis(shown: Any) -> dict[str, str]:
    return dict(zip(shown.texts(".wc-kpi-l"), shown.texts(".wc-kpi-v"), strict=True))


def test_it_opens_with_the_last_30_days(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    shown = page.get("analytics.overview")
    assert shown.texts(".wc-seg [aria-current]") == ["30 days"]
    assert span_words(today() - timedelta(days=29), today()) in shown.text()
    assert len(shown.soup.select(".wc-chart-hit > div")) == 30
    figures = kpis(shown)
    assert (figures["Sent"], figures["Failed"], figures["Received"]) == ("280", "28", "8")
    assert (figures["Delivered"], figures["Read"]) == ("90.0%", "66.7%")


def test_the_figures_are_those_of_the_chart_and_its_table(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    shown = page.get("analytics.overview")
    rows = [
        [cell.get_text() for cell in row.select("td")] for row in shown.soup.select(".wc-chart-more tbody tr")
    ]
    assert len(rows) == 30
    assert [sum(int(row[n]) for row in rows) for n in (1, 2, 3, 4, 5)] == [308, 168, 84, 28, 28]


def test_seven_days_are_compared_with_the_seven_before(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    shown = page.get("analytics.overview", days=7)
    notes = dict(zip(shown.texts(".wc-kpi-l"), shown.texts(".wc-kpi-d"), strict=True))
    assert notes["Sent"] == "28.6% less"
    assert notes["Delivered"] == "as before"
    assert notes["Received"] == "1 a day"


def test_one_number_can_be_looked_at(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    second = account.phone_numbers[1]
    shown = page.get("analytics.overview", place=f"number-{second.id}")
    assert (kpis(shown)["Sent"], kpis(shown)["Received"]) == ("0", "8")
    chosen = shown.soup.select_one("#place option[selected]")
    assert chosen is not None
    assert chosen["value"] == f"number-{second.id}"
    assert all(f"place=number-{second.id}" in link["href"] for link in shown.soup.select(".wc-seg a"))


def test_each_number_has_its_card(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    shown = page.get("analytics.overview")
    assert shown.texts("#figures h2")[-2:] == ["Meridian Claims", "Meridian Service"]
    assert "2,000 people in 24 hours, shared" in shown.text()


def test_days_of_ones_own(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    start, end = today() - timedelta(days=4), today() - timedelta(days=3)
    shown = page.get("analytics.overview", start=start, end=end)
    assert span_words(start, end) in shown.text()
    assert kpis(shown)["Sent"] == "20"
    assert shown.texts(".wc-seg [aria-current]") == []
    assert f"start={start}" in shown.soup.select_one("a[href*='export']")["href"]


WRONG = [
    ({"start": "2026-02-30"}, "Not a valid date value"),
    ({"start": "yesterday", "end": "today"}, "Not a valid date value"),
    ({"start": "2026-01-02", "end": "2026-01-01"}, "The first day lies after the last"),
    ({"start": "2024-01-01", "end": "2026-01-01"}, "Choose at most 366 days"),
    ({"end": "2026-01-01"}, "The first day is missing"),
    ({"start": "0001-01-01"}, "between the year 2000 and today"),
    ({"start": "9999-12-31"}, "between the year 2000 and today"),
    ({"days": "8"}, "Not a valid choice"),
    ({"place": "number-999999"}, "Not a valid choice"),
]


@pytest.mark.parametrize("asked, said", WRONG)
def test_days_that_cannot_be_shown_are_refused_in_words(
    page: Any, sign_in: Any, account: Account, asked: dict[str, str], said: str
) -> None:
    sign_in("owner")
    shown = page.get("analytics.overview", status=422, **asked)
    assert said in shown.soup.select_one("#figures [role=alert]").get_text()
    assert page.get("analytics.overview", status=422, htmx=True, **asked).soup.select_one("#figures")
    page.get("analytics.export", status=422, **asked)


@pytest.mark.parametrize("asked", [{"start": "2000-01-01", "end": "2000-01-01"}, {"end": ""}, {"days": ""}])
def test_odd_days_that_can_be_shown_are(
    page: Any, sign_in: Any, account: Account, asked: dict[str, str]
) -> None:
    sign_in("owner")
    page.get("analytics.overview", **asked)


def test_words_in_the_address_that_nobody_asked_for_change_nothing(
    page: Any, sign_in: Any, account: Account
) -> None:
    sign_in("owner")
    page.open("/?_external=1&endpoint=x&_anchor=y&values=z&days=7", status=200)


def test_htmx_gets_the_figures_alone_and_polls_for_the_same(
    page: Any, sign_in: Any, account: Account
) -> None:
    sign_in("owner")
    shown = page.get("analytics.overview", htmx=True, days=7, place=f"account-{account.id}")
    (figures,) = shown.soup.body.find_all(recursive=False)
    assert figures["id"] == "figures"
    assert figures["hx-get"] == f"/?place=account-{account.id}&days=7"
    assert not figures.select("input, select, textarea")


def test_why_messages_failed_is_said_in_words(page: Any, sign_in: Any, make: Any, account: Account) -> None:
    sign_in("owner")
    conversation = make.conversation(account)
    make.message(conversation, status=MessageStatus.FAILED, failed_at=utcnow(), error_title="Not sent")
    reasons = page.get("analytics.overview").texts(".wc-reason")
    assert reasons == [
        "Held back to keep the person from too much advertising Meta code 131049 Whose side: Meta's",
        "Never reached Meta Whose side: Ours",
    ]


def test_each_reason_leads_to_the_conversations_that_stand_so(
    page: Any, sign_in: Any, make: Any, account: Account
) -> None:
    make.message(
        make.conversation(account), status=MessageStatus.FAILED, failed_at=utcnow(), error_title="Not sent"
    )
    sign_in("agent", [account])
    links = page.get("analytics.overview").soup.select("a[href^='/console/?show=failed&reason=']")
    assert [link["href"].rpartition("=")[2] for link in links] == ["131049", "none"]
    sign_in("viewer", [account])
    assert not page.get("analytics.overview").soup.select("a[href*='reason=']")


def test_the_export_is_the_same_days_for_a_spreadsheet(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("viewer", [account])
    answer = page.get("analytics.export", days=7).response
    assert answer.mimetype == "text/csv"
    assert f"messages-{today() - timedelta(days=6)}-{today()}.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row["day"] for row in rows] == [str(today() - timedelta(days=n)) for n in range(6, -1, -1)]
    assert sum(int(row["sent"]) for row in rows) == 50
    assert sum(int(row["received"]) for row in rows) == 8


def test_who_belongs_to_another_account_sees_nothing_of_this_one(
    page: Any, sign_in: Any, make: Any, account: Account
) -> None:
    sign_in("viewer", [make.account(name="Harbour Lane Bakery")])
    shown = page.get("analytics.overview")
    assert kpis(shown)["Sent"] == "0"
    assert "No messages in these days" in shown.text()
    assert "Meridian" not in shown.text()
    page.get("analytics.overview", status=422, place=f"account-{account.id}")
    assert ",10," not in page.get("analytics.export").response.get_data(as_text=True)


def test_key_figures_lead_to_conversations_for_those_who_may_read_them(
    page: Any, sign_in: Any, account: Account
) -> None:
    sign_in("viewer", [account])
    assert not page.get("analytics.overview").soup.select("a.wc-kpi")
    sign_in("agent", [account])
    place = f"account-{account.id}"
    links = [link["href"] for link in page.get("analytics.overview", place=place).soup.select("a.wc-kpi")]
    assert links == [
        f"/console/?show=failed&account={account.id}",
        f"/console/?account={account.id}",
        f"/console/?show=unread&account={account.id}",
    ]


def test_without_an_account_an_owner_is_led_to_connect_one(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    shown = page.get("analytics.overview")
    assert "Nothing to count yet" in shown.text()
    assert "Connect an account" in shown.texts("main a")


def test_without_an_account_a_viewer_is_not(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("viewer")
    assert "Connect an account" not in page.get("analytics.overview").texts("main a")


def test_an_account_that_needs_attention_stands_on_top(page: Any, sign_in: Any, account: Account) -> None:
    account.attention_reason = "Meta no longer accepts the token."
    db.session.commit()
    sign_in("owner")
    shown = page.get("analytics.overview")
    assert "Meta no longer accepts the token." in shown.text()
    assert "Needs attention" in shown.texts("#figures .wc-badge")


def test_the_page_costs_few_queries(
    page: Any, sign_in: Any, make: Any, account: Account, count_queries: Any
) -> None:
    for _ in range(3):
        make.message(make.conversation(account), status=MessageStatus.SENT, sent_at=utcnow())
        make.conversation()
    sign_in("owner")
    page.get("analytics.overview")
    with count_queries() as counted:
        page.get("analytics.overview")
    assert counted.count <= 30


@pytest.mark.parametrize(
    "start, end, words",
    [
        (date(2026, 10, 21), date(2026, 11, 19), "21 Oct to 19 Nov 2026"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 Dec 2025 to 2 Jan 2026"),
        (date(2026, 11, 9), date(2026, 11, 9), "9 Nov 2026"),
    ],
)
def test_a_span_of_days_in_words(start: date, end: date, words: str) -> None:
    assert span_words(start, end) == words

"""From figures to what the page shows: words for changes, bars, reasons of failures, a card per number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.models import Account, PhoneNumber
from app.queries.analytics import AccountFigures, DayFigures, Failure, Figures, Overview
from app.services.failures import explain_code
from app.services.health_numbers import tier_size
from app.web.charts import ChartDay
from app.web.filters import number, percent

_MOST_REASONS = 6
_MOST_NUMBERS = 6
_CONNECTED = "CONNECTED"
_AS_BEFORE = 0.0005
"""A change of a rate, and of a count's share, that is not worth a word."""


@dataclass(frozen=True)
class Reason:
    """Why messages failed, in plain words. `url`: the conversations that stand so, where they may be read."""

    title: str
    advice: str
    code: int | None
    count: int
    side: str
    url: str | None


@dataclass(frozen=True)
class NumberCard:
    """A number with its figures. `state` is (kind, words) of a badge."""

    row: PhoneNumber
    account: Account
    figures: Figures
    state: tuple[str, str]

    @property
    def name(self) -> str:
        return self.row.verified_name or self.account.name

    @property
    def limit(self) -> str:
        """`2,000 people in 24 hours`; empty when Meta has not said."""
        limit = self.row.messaging_limit
        if "UNLIMITED" in limit:
            return "No limit"
        return f"{tier_size(limit)} people in 24 hours" if limit.startswith("TIER_") else ""


@dataclass(frozen=True)
class Board:
    """All that the dashboard's fragment needs."""

    overview: Overview
    kpis: list[dict[str, Any]]
    days: list[ChartDay]
    funnel: list[dict[str, Any]]
    reasons: list[Reason]
    accounts: list[AccountFigures]
    numbers: list[NumberCard]

    @property
    def is_empty(self) -> bool:
        total = self.overview.total
        return not (total.sent or total.failed or total.received)


def dashboard(
    overview: Overview,
    accounts: Sequence[Account],
    links: dict[str, str],
    reason_url: Callable[[int | None], str | None],
) -> Board:
    """`links`: addresses of key figures by their label; figures without one are no links. `reason_url`: where
    the failures with a code lead."""
    return Board(
        overview=overview,
        kpis=[item | {"url": links.get(item["label"])} for item in _kpis(overview)],
        days=[_chart_day(day) for day in overview.days],
        funnel=_funnel(overview.total),
        reasons=[_reason(failure, reason_url(failure.code)) for failure in overview.failures[:_MOST_REASONS]],
        accounts=overview.accounts,
        numbers=_number_cards(overview, accounts),
    )


def span_words(start: date, end: date) -> str:
    """`21 Oct to 19 Nov 2026`; one day, or another year, is said as it should be."""
    last = f"{_day(end)} {end.year}"
    if start == end:
        return last
    first = _day(start) if start.year == end.year else f"{_day(start)} {start.year}"
    return f"{first} to {last}"


def zone_words(names: set[str]) -> str:
    """Where days begin: `days in Europe/London`."""
    return f"days in {next(iter(names))}" if len(names) == 1 else "each account's days in its own time zone"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _kpis(overview: Overview) -> list[dict[str, Any]]:
    now, before, days = overview.total, overview.before, len(overview.days)
    unread = overview.unread_conversations
    return [
        {"label": "Sent", "value": number(now.sent), **_more_or_less(now.sent, before.sent, days)},
        {
            "label": "Delivered",
            "value": percent(now.delivery_rate) if now.sent else "–",
            **_points(now.delivery_rate, before.delivery_rate, before.sent, now.delivered),
        },
        {
            "label": "Read",
            "value": percent(now.read_rate) if now.delivered else "–",
            **_points(now.read_rate, before.read_rate, before.delivered, now.read),
        },
        {
            "label": "Failed",
            "value": number(now.failed),
            "note": f"{percent(now.failure_rate)} of all tries",
            "tone": "bad" if now.failed else "",
        },
        {
            "label": "Received",
            "value": number(now.received),
            **_more_or_less(now.received, before.received, days),
        },
        {"label": "Open", "value": number(overview.open_conversations), "note": "windows now"},
        {"label": "Unread", "value": number(unread), "note": "conversations now"},
    ]


def _more_or_less(now: int, before: int, days: int) -> dict[str, Any]:
    """Against as many days before; without any, how much it is a day."""
    if not before:
        return {"note": f"{number(round(now / days))} a day"} if now else {"note": "none yet"}
    change = (now - before) / before
    if abs(change) < _AS_BEFORE:
        return {"note": "as before"}
    word = "more" if change > 0 else "less"
    return {"note": f"{percent(abs(change))} {word}", "trend": "up" if change > 0 else "down"}


def _points(now: float, before: float, counted_before: int, count: int) -> dict[str, Any]:
    """Against as many days before; without any, how many messages it is."""
    if not counted_before:
        return {"note": f"{number(count)} messages"} if count else {"note": "none yet"}
    change = now - before
    if abs(change) < _AS_BEFORE:
        return {"note": "as before"}
    up = change > 0
    return {
        "note": f"{abs(change) * 100:.1f} points {'up' if up else 'down'}",
        "trend": "up" if up else "down",
        "tone": "good" if up else "bad",
    }


def _chart_day(day: DayFigures) -> ChartDay:
    figures = day.figures
    return ChartDay(
        label=_day(day.day),
        long_label=f"{day.day:%a} {_day(day.day)}",
        parts=(
            figures.read,
            max(0, figures.delivered - figures.read),
            max(0, figures.sent - figures.delivered),
            figures.failed,
        ),
    )


def _funnel(total: Figures) -> list[dict[str, Any]]:
    tried = total.sent + total.failed
    return [
        {"label": "To send", "count": tried, "note": "all messages of these days", "css": "wc-c3"},
        {
            "label": "Accepted by Meta",
            "count": total.sent,
            "note": f"{percent(1 - total.failure_rate)} of them; the others failed" if tried else "",
            "css": "wc-c3",
        },
        {
            "label": "Delivered",
            "count": total.delivered,
            "note": f"{percent(total.delivery_rate)} of accepted" if total.sent else "",
            "css": "wc-c2",
        },
        {
            "label": "Read",
            "count": total.read,
            "note": f"{percent(total.read_rate)} of delivered" if total.delivered else "",
            "css": "wc-c1",
        },
    ]


def _reason(failure: Failure, url: str | None) -> Reason:
    explained = explain_code(failure.code)
    return Reason(
        explained.title, explained.what_to_do, failure.code, failure.count, explained.side_words, url
    )


def _number_cards(overview: Overview, accounts: Sequence[Account]) -> list[NumberCard]:
    """The busiest numbers first; those without a message in these days too."""
    figures = {entry.phone_number_id: entry.figures for entry in overview.numbers}
    cards = [
        NumberCard(row, account, figures.get(row.id, Figures()), _number_state(account, row))
        for account in accounts
        for row in account.phone_numbers
        if account.is_live
    ]
    return sorted(cards, key=lambda card: -(card.figures.sent + card.figures.received))[:_MOST_NUMBERS]


def _number_state(account: Account, row: PhoneNumber) -> tuple[str, str]:
    if account.attention_reason:
        return "warn", "Needs attention"
    if row.status in (_CONNECTED, ""):
        return "ok", "Connected"
    return "warn", row.status.replace("_", " ").capitalize()

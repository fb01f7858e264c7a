"""From figures to what the page shows: words for changes, bars, reasons of failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.queries.analytics import AccountFigures, DayFigures, Failure, Figures, Overview
from app.services.failures import explain_code
from app.web.charts import ChartDay
from app.web.filters import number, percent

_MOST_REASONS = 6


@dataclass(frozen=True)
class Reason:
    """Why messages failed, in plain words."""

    title: str
    advice: str
    code: int | None
    count: int


@dataclass(frozen=True)
class Board:
    """All that the dashboard's fragment needs."""

    overview: Overview
    kpis: list[dict[str, Any]]
    days: list[ChartDay]
    funnel: list[dict[str, Any]]
    reasons: list[Reason]
    accounts: list[AccountFigures]

    @property
    def is_empty(self) -> bool:
        total = self.overview.total
        return not (total.sent or total.failed or total.received)


def dashboard(overview: Overview) -> Board:
    return Board(
        overview=overview,
        kpis=_kpis(overview),
        days=[_chart_day(day) for day in overview.days],
        funnel=_funnel(overview.total),
        reasons=[_reason(failure) for failure in overview.failures[:_MOST_REASONS]],
        accounts=overview.accounts,
    )


def _kpis(overview: Overview) -> list[dict[str, Any]]:
    now, before = overview.total, overview.before
    return [
        {"label": "Sent", "value": number(now.sent), **_more_or_less(now.sent, before.sent)},
        {
            "label": "Delivered",
            "value": percent(now.delivery_rate),
            **_points(now.delivery_rate, before.delivery_rate, bool(before.sent)),
        },
        {
            "label": "Read",
            "value": percent(now.read_rate),
            **_points(now.read_rate, before.read_rate, bool(before.delivered)),
        },
        {
            "label": "Failed",
            "value": number(now.failed),
            "note": f"{percent(now.failure_rate)} of all tries",
            "tone": "bad" if now.failed else "",
        },
        {"label": "Received", "value": number(now.received), **_more_or_less(now.received, before.received)},
        {
            "label": "Open windows",
            "value": number(overview.open_conversations),
            "note": f"{number(overview.unread_conversations)} unread",
        },
    ]


def _more_or_less(now: int, before: int) -> dict[str, Any]:
    if not before:
        return {"note": "nothing to compare with"}
    change = (now - before) / before
    if abs(change) < 0.001:
        return {"note": "as before"}
    word = "more" if change > 0 else "less"
    return {"note": f"{percent(abs(change))} {word}", "trend": "up" if change > 0 else "down"}


def _points(now: float, before: float, comparable: bool) -> dict[str, Any]:
    if not comparable:
        return {"note": "nothing to compare with"}
    change = (now - before) * 100
    if abs(change) < 0.05:
        return {"note": "as before"}
    up = change > 0
    return {
        "note": f"{abs(change):.1f} points {'up' if up else 'down'}",
        "trend": "up" if up else "down",
        "tone": "good" if up else "bad",
    }


def _chart_day(day: DayFigures) -> ChartDay:
    figures = day.figures
    return ChartDay(
        label=f"{day.day.day} {day.day:%b}",
        long_label=f"{day.day:%a} {day.day.day} {day.day:%b}",
        parts=(
            figures.read,
            max(0, figures.delivered - figures.read),
            max(0, figures.sent - figures.delivered),
            figures.failed,
        ),
    )


def _funnel(total: Figures) -> list[dict[str, Any]]:
    return [
        {"label": "Accepted by Meta", "count": total.sent, "note": "", "css": "wc-c3"},
        {
            "label": "Delivered",
            "count": total.delivered,
            "note": f"{percent(total.delivery_rate)} of accepted",
            "css": "wc-c2",
        },
        {
            "label": "Read",
            "count": total.read,
            "note": f"{percent(total.read_rate)} of delivered",
            "css": "wc-c1",
        },
    ]


def _reason(failure: Failure) -> Reason:
    explained = explain_code(failure.code)
    return Reason(explained.title, explained.what_to_do, failure.code, failure.count)

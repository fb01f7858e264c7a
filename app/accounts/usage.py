"""What an account used: day by day and month by month, to look at and as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for

from app.accounts.blueprint import blueprint
from app.accounts.usage_forms import LimitsForm, TimeZoneForm
from app.errors import InvalidFields
from app.models import Account, utcnow
from app.models.time_zones import latest_day, zones
from app.queries import accounts as account_queries
from app.queries import usage_days
from app.queries.usage_days import DayUsage
from app.services import quotas
from app.services.account_zones import set_time_zone
from app.services.csv_lines import harmless
from app.services.price_words import category_words, type_words
from app.web.charts import ChartDay
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

_MONTHS = 12
_EARLIEST_YEAR = 2000
_COLUMNS = ("sent", "delivered", "read", "failed", "received")


@dataclass(frozen=True)
class Stretch:
    """What is shown: the days of one month, or the last months."""

    start: date
    end: date
    by_month: bool

    @property
    def title(self) -> str:
        return "Last 12 months" if self.by_month else f"{self.start:%B %Y}"


@blueprint.get("/<int:account_id>/usage")
@permission_required("analytics.view")
def usage(account_id: int) -> Response:
    """Figures of one month by day, or of twelve months; nonsense in the address counts as nothing."""
    account = _viewed(account_id)
    return _page(account)


@blueprint.post("/<int:account_id>/usage")
@permission_required("accounts.manage")
def change_time_zone(account_id: int) -> Response:
    """Days begin elsewhere from now on; those counted already are counted anew."""
    account = account_queries.get_account(account_id, current_actor().scope("accounts.manage"))
    form = TimeZoneForm()
    try:
        set_time_zone(account=account, name=(form.time_zone.data or "").strip(), actor=current_actor())
    except InvalidFields as error:
        show_problems(form, error)
        return _page(account, zone_form=form)
    flash(f"Days begin at midnight in {account.time_zone}. Earlier days are counted anew within minutes.")
    return go_to(url_for("accounts.usage", account_id=account_id))


@blueprint.post("/<int:account_id>/limits")
@permission_required("accounts.manage")
def change_limits(account_id: int) -> Response:
    """They hold from the next message on, whoever sends it."""
    account = account_queries.get_account(account_id, current_actor().scope("accounts.manage"))
    form = LimitsForm()
    if not form.validate():
        return _page(account, limits_form=form)
    quotas.set_limits(account=account, limits=form.limits(), actor=current_actor())
    flash("The limits are saved and hold from the next message on.")
    return go_to(url_for("accounts.usage", account_id=account_id))


@blueprint.get("/<int:account_id>/usage.csv")
@permission_required("analytics.view")
def export_usage(account_id: int) -> Response:
    """The same days, a line for each number and day."""
    account = _viewed(account_id)
    stretch, number_id = _stretch(account), _number_id(account)
    rows = usage_days.list_number_days(account, stretch.start, stretch.end, phone_number_id=number_id)
    name = f"usage-{account.id}-{stretch.start}-{stretch.end}.csv"
    return Response(
        _as_csv(account, rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _viewed(account_id: int) -> Account:
    return account_queries.get_account(account_id, current_actor().scope("analytics.view"))


def _stretch(account: Account) -> Stretch:
    today = latest_day(utcnow(), [account.time_zone])
    if request.args.get("by") == "month":
        first = today.replace(day=1)
        for _ in range(_MONTHS - 1):
            first = (first - timedelta(days=1)).replace(day=1)
        return Stretch(first, today, by_month=True)
    start = _month(request.args.get("month", "")) or today.replace(day=1)
    start = min(start, today.replace(day=1))
    return Stretch(start, min(_next_month(start) - timedelta(days=1), today), by_month=False)


def _month(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if found.year >= _EARLIEST_YEAR else None


def _next_month(start: date) -> date:
    return (start + timedelta(days=31)).replace(day=1)


def _number_id(account: Account) -> int | None:
    wanted = request.args.get("number", "")
    return next((row.id for row in account.phone_numbers if str(row.id) == wanted), None)


def _page(
    account: Account, *, zone_form: TimeZoneForm | None = None, limits_form: LimitsForm | None = None
) -> Response:
    """With one of the forms: it was not accepted, and says why."""
    stretch, number_id = _stretch(account), _number_id(account)
    rows = usage_days.list_number_days(account, stretch.start, stretch.end, phone_number_id=number_id)
    add = usage_days.sum_by_month if stretch.by_month else usage_days.sum_by_day
    lines = _since_first(add(rows, stretch.start, stretch.end), stretch)
    total = usage_days.total_of(lines, stretch.start)
    html = render_template(
        "accounts/usage.html",
        account=account,
        form=zone_form or TimeZoneForm(formdata=None, time_zone=account.time_zone),
        limits_form=limits_form or LimitsForm.of(account),
        standings=quotas.standings(account),
        zones=zones(),
        may_manage=current_actor().may("accounts.manage", account.id),
        stretch=stretch,
        number_id=number_id,
        lines=lines,
        total=total,
        chart=[_bar(line, stretch) for line in lines],
        name_of=lambda line: _name(line, stretch),
        kinds=_kinds(total),
        prices=_prices(total),
        links=_links(account, stretch, number_id),
    )
    return make_response(html, 422 if zone_form or limits_form else 200)


def _since_first(lines: list[DayUsage], stretch: Stretch) -> list[DayUsage]:
    """Months before the account's first are no news; the month that runs always is."""
    empty = DayUsage(stretch.start)
    while stretch.by_month and len(lines) > 1 and replace(lines[0], day=empty.day) == empty:
        lines = lines[1:]
    return lines


def _name(line: DayUsage, stretch: Stretch) -> str:
    return f"{line.day:%B %Y}" if stretch.by_month else f"{line.day:%a} {line.day.day} {line.day:%b}"


def _bar(line: DayUsage, stretch: Stretch) -> ChartDay:
    figures = line.figures
    return ChartDay(
        label=f"{line.day:%b}" if stretch.by_month else f"{line.day.day} {line.day:%b}",
        long_label=_name(line, stretch),
        parts=(
            figures.read,
            max(0, figures.delivered - figures.read),
            max(0, figures.sent - figures.delivered),
            figures.failed,
        ),
    )


def kind_name(message_type: str) -> str:
    """`template` is WhatsApp's message template, whatever else is called so."""
    name = "message template" if message_type == "template" else message_type.replace("_", " ")
    return name.capitalize()


def _kinds(total: DayUsage) -> list[dict[str, Any]]:
    rows = [
        {"name": kind_name(kind), "sent": parts.get("sent", 0), "received": parts.get("received", 0)}
        for kind, parts in total.kinds.items()
    ]
    return sorted(rows, key=lambda row: (-(row["sent"] + row["received"]), row["name"]))


def _prices(total: DayUsage) -> list[dict[str, Any]]:
    rows = [
        {
            "name": category_words(category),
            "type": type_words(type_),
            "count": count,
        }
        for category, types in total.pricing.items()
        for type_, count in types.items()
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["name"], row["type"]))


def _links(account: Account, stretch: Stretch, number_id: int | None) -> dict[str, str | None]:
    """Where the page leads: the same number, other days."""

    def to(endpoint: str = "accounts.usage", **args: Any) -> str:
        return url_for(endpoint, account_id=account.id, number=number_id, **args)

    before = (stretch.start - timedelta(days=1)).strftime("%Y-%m")
    after = _next_month(stretch.start)
    is_last = after > latest_day(utcnow(), [account.time_zone])
    by_month = {"by": "month"} if stretch.by_month else {}
    month = {} if stretch.by_month else {"month": stretch.start.strftime("%Y-%m")}
    return {
        "days": to(),
        "months": to(by="month"),
        "before": None if stretch.by_month or stretch.start.year <= _EARLIEST_YEAR else to(month=before),
        "after": None if stretch.by_month or is_last else to(month=after.strftime("%Y-%m")),
        "export": to("accounts.export_usage", **by_month, **month),
    }


def _as_csv(account: Account, rows: list[usage_days.NumberDay]) -> str:
    numbers = {row.id: row.phone_number for row in account.phone_numbers}
    kinds = sorted({kind for row in rows for kind in row.usage.kinds})
    prices = sorted(
        {(name, type_) for row in rows for name, types in row.usage.pricing.items() for type_ in types}
    )
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "day",
            "phone_number_id",
            "phone_number",
            *_COLUMNS,
            "bot_replies",
            "unique_people",
            "api_calls",
            *(harmless(f"{kind}.{way}") for kind in kinds for way in ("sent", "received")),
            *(f"pricing.{name}.{type_}" for name, type_ in prices),
        ]
    )
    for row in sorted(rows, key=lambda each: (each.usage.day, each.phone_number_id)):
        usage = row.usage
        writer.writerow(
            [
                str(usage.day),
                row.phone_number_id,
                numbers.get(row.phone_number_id, "").lstrip("+"),
                *(getattr(usage.figures, name) for name in _COLUMNS),
                usage.bot_replies,
                usage.people,
                usage.api_calls,
                *(usage.kinds.get(kind, {}).get(way, 0) for kind in kinds for way in ("sent", "received")),
                *(usage.pricing.get(name, {}).get(type_, 0) for name, type_ in prices),
            ]
        )
    return "\ufeff" + out.getvalue()

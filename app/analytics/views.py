"""The dashboard: what was sent, what arrived, what failed and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from app.analytics.forms import RANGES, RangeForm, chosen_range
from app.analytics.presenting import dashboard, span_words, zone_words
from app.queries import accounts as account_queries
from app.queries.analytics import Overview, get_overview
from app.queries.cases import ServiceTimes, get_service_times
from app.queries.conversation_filters import NEVER_AT_META
from app.web.context import line_context
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import respond

blueprint = Blueprint("analytics", __name__)


@blueprint.get("/")
@permission_required("analytics.view")
def overview() -> Response:
    """All figures of the chosen days, accounts and number."""
    form = RangeForm(request.args, meta={"csrf": False})
    scope = current_actor().scope("analytics.view")
    accounts = account_queries.list_accounts(scope)
    form.offer(accounts)
    is_valid = form.validate()
    figures = _read(form) if is_valid else None
    return respond(
        page="analytics/overview.html",
        fragment="analytics/_figures.html",
        status=200 if is_valid else 422,
        form=form,
        periods=_periods(form),
        accounts=accounts,
        may_connect=current_actor().may("accounts.create"),
        span=span_words(figures.start, figures.end) if figures else "",
        zone=zone_words(form.chosen_zones()),
        service=_service(form) if is_valid else None,
        board=dashboard(figures, accounts, _links(form), _reason_link(form)) if figures else None,
    )


def _periods(form: RangeForm) -> list[dict[str, Any]]:
    """The choices of the segmented control; none is current while days of one's own are shown."""
    return [
        {
            "text": f"{days} days",
            "url": url_for("analytics.overview", **_without_days(form), days=days),
            "is_current": not form.has_own_days and form.days.data == str(days),
        }
        for days in RANGES
    ]


def _without_days(form: RangeForm) -> dict[str, Any]:
    return form.args(days=None, start=None, end=None)


def _reason_link(form: RangeForm) -> Callable[[int | None], str | None]:
    """To the conversations whose last message failed with a code of Meta's, or never reached Meta."""
    may_read = current_actor().may("console.use")
    place: dict[str, Any] = {"show": "failed", "account": form.account_id, "number": form.phone_number_id}

    def link(code: int | None) -> str | None:
        reason = NEVER_AT_META if code is None else code
        return url_for("console.index", **place, reason=reason) if may_read else None

    return link


def _links(form: RangeForm) -> dict[str, str]:
    """Where key figures lead, for those who may read conversations."""
    if not current_actor().may("console.use"):
        return {}
    place: dict[str, Any] = {"account": form.account_id, "number": form.phone_number_id}
    return {
        "Failed": url_for("console.index", show="failed", **place),
        "Open": url_for("console.index", **place),
        "Unread": url_for("console.index", show="unread", **place),
    }


@blueprint.get("/analytics/export.csv")
@permission_required("analytics.view")
def export() -> Response:
    """The same days as a table for a spreadsheet."""
    form = RangeForm(request.args, meta={"csrf": False})
    form.offer(account_queries.list_accounts(current_actor().scope("analytics.view")))
    if not form.validate():
        return Response(
            "These days cannot be shown. Go back and correct them.\n", status=422, mimetype="text/plain"
        )
    figures = _read(form)
    name = f"messages-{figures.start}-{figures.end}.csv"
    return Response(
        _as_csv(figures),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/analytics/line-state/")
@permission_required("accounts.view")
def line_state() -> Response:
    """The foot of the sidebar and the banners; 204 when the page shows just that: it asks all day."""
    context = line_context(current_actor())
    if request.args.get("seen") == context["line_mark"]:
        return Response(status=204)
    return Response(render_template("layouts/_line_update.html", **context))


def _read(form: RangeForm) -> Overview:
    start, end = chosen_range(form)
    return get_overview(
        current_actor().scope("analytics.view"),
        start=start,
        end=end,
        account_id=form.account_id,
        phone_number_id=form.phone_number_id,
    )


def _service(form: RangeForm) -> ServiceTimes | None:
    """How soon people answered; None where nothing was counted. Colleagues' own times are for who manages
    accounts; everybody sees their own."""
    actor, (start, end) = current_actor(), chosen_range(form)
    found = get_service_times(
        actor.scope("analytics.view"),
        start=start,
        end=end,
        account_id=form.account_id,
        phone_number_id=form.phone_number_id,
    )
    if not found.answers.count and not found.ends.count:
        return None
    me = actor.user.id if actor.user else None
    if actor.may("accounts.manage"):
        return found
    return replace(found, people=[group for group in found.people if group.id == me])


def _as_csv(overview: Overview) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["day", "sent", "delivered", "read", "failed", "received"])
    for row in overview.days:
        figures = row.figures
        writer.writerow(
            [str(row.day), figures.sent, figures.delivered, figures.read, figures.failed, figures.received]
        )
    return "\ufeff" + out.getvalue()

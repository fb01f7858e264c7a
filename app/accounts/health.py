"""An account's health: what stands now, how it has been, what changed, and putting a banner away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for

from app.accounts.blueprint import blueprint
from app.accounts.health_rows import finding_rows, number_rows
from app.accounts.rows import number_state
from app.accounts.views import line_actions
from app.errors import DomainError
from app.models import Account, CheckState, utcnow
from app.queries import accounts as account_queries
from app.queries import health as health_queries
from app.queries import health_alerts as queries
from app.queries.cursors import Cursor
from app.services import health, health_alerts
from app.services.health_signals import SOURCE_WORDS
from app.web.context import health_banners
from app.web.health_strip import build_strip
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.redirects import own_path
from app.web.responses import go_to, respond, wants_fragment

_SPANS = {"24h": (timedelta(hours=1), 24), "90d": (timedelta(days=1), 90)}


@blueprint.get("/<int:account_id>/health")
@permission_required("accounts.view")
def show_health(account_id: int) -> Response:
    """What is wrong now, the worst first; each number; the history; what changed."""
    account = account_queries.get_account(account_id, current_actor().scope("accounts.view"))
    return _page(account)


def _page(account: Account) -> Response:
    return respond(
        page="accounts/health.html", fragment="accounts/_health.html", account=account, **_context(account)
    )


def _context(account: Account) -> dict[str, Any]:
    may_manage = current_actor().may("accounts.manage", account.id)
    span = request.args.get("span", "24h")
    span = span if span in _SPANS else "24h"
    cursor = Cursor.parse(request.args.get("before"))
    log = health_queries.find_latest_log(account.id)
    checks = health.current_checks(account, log)
    page = queries.list_changes(account.id, cursor)
    place: dict[str, Any] = {"account_id": account.id, "span": span}
    url = url_for("accounts.show_health", **place)
    older = f"{url}&before={page.next_cursor}" if page.next_cursor else None
    return {
        "may_manage": may_manage,
        "findings": finding_rows(account, checks, line_actions(account) if may_manage else {}),
        "passed": [check for check in checks if check["state"] == CheckState.PASSED],
        "numbers": number_rows(account, log),
        "checked_at": log.checked_at if log else None,
        "checked_how": SOURCE_WORDS.get(log.source, "") if log else "",
        "strip": _strip(account, span),
        "span": span,
        "changes": page.changes,
        "source_words": SOURCE_WORDS,
        "older_url": older,
        "newest_url": url if cursor else None,
        "settling": [alert for alert in queries.open_alerts_by_key(account.id).values() if alert.well_since],
        "well_after": health_alerts.well_after,
        "number_state": number_state,
    }


def _strip(account: Account, span: str) -> Any:
    step, count = _SPANS[span]
    now = utcnow().astimezone(UTC)
    last = now.replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        last = last.replace(hour=0)
    first: datetime = last - step * (count - 1)
    return build_strip(queries.list_states(account.id, first), first=first, step=step, count=count)


@blueprint.post("/<int:account_id>/health/check")
@permission_required("accounts.manage")
def check_health(account_id: int) -> Response:
    """Ask Meta now."""
    account = account_queries.get_account(account_id, current_actor().scope("accounts.manage"))
    try:
        health.run_health_check(account)
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("accounts.show_health", account_id=account_id))
    account = account_queries.get_account(account_id, current_actor().scope("accounts.manage"))
    if wants_fragment():
        return _page(account)
    flash("Everything was checked with Meta.")
    return go_to(url_for("accounts.show_health", account_id=account_id))


@blueprint.post("/<int:account_id>/health/alerts/<int:alert_id>/dismiss")
@permission_required("accounts.manage")
def dismiss_alert(account_id: int, alert_id: int) -> Response:
    """Put the banner away, for oneself, until it gets worse. The page of the account still shows it."""
    actor = current_actor()
    account = account_queries.get_account(account_id, actor.scope("accounts.manage"))
    health_alerts.dismiss(queries.get_open_alert(account.id, alert_id), actor)
    if wants_fragment():
        html = render_template("layouts/_health_banner.html", health_banners=health_banners(actor))
        return make_response(html)
    back = own_path(request.form.get("next"))
    return go_to(back or url_for("accounts.show_health", account_id=account_id))

"""What was asked of Meta for an account, and what came back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, request, url_for

from app.accounts.blueprint import blueprint
from app.models import utcnow
from app.queries import accounts as account_queries
from app.queries.cursors import Cursor
from app.queries.graph_calls import CallFilters, list_account_calls
from app.web.call_rows import call_row
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import respond

_SPANS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7)}
_SPAN_WORDS = [("", "Any time"), ("1h", "Last hour"), ("24h", "Last 24 hours"), ("7d", "Last 7 days")]
_FAILURES = "failures"
_LONGEST_QUERY = 100


@blueprint.get("/<int:account_id>/calls")
@permission_required("graph_calls.view")
def calls(account_id: int) -> Response:
    """The account's calls, newest first; nonsense in the address counts as nothing."""
    account = account_queries.get_account(account_id, current_actor().scope("graph_calls.view"))
    query, show = request.args.get("path", "").strip()[:_LONGEST_QUERY], request.args.get("show", "")
    since, cursor = request.args.get("since", ""), Cursor.parse(request.args.get("before"))
    filters = CallFilters(
        failures_only=show == _FAILURES,
        path=query,
        since=utcnow() - _SPANS[since] if since in _SPANS else None,
    )
    page = list_account_calls(account, filters, cursor)
    chosen = {"path": query or None, "show": show or None, "since": since or None}
    place: dict[str, Any] = {"account_id": account_id, **chosen}
    older = url_for("accounts.calls", **place, before=str(page.next_cursor)) if page.next_cursor else None
    return respond(
        page="accounts/calls.html",
        fragment="accounts/_calls.html",
        account=account,
        calls=[call_row(call) for call in page.calls],
        query=query,
        show=show,
        since=since,
        spans=_SPAN_WORDS,
        older_url=older,
        newest_url=url_for("accounts.calls", **place) if cursor else None,
        keep_days=current_app.config["SETTINGS"].graph_call_retention_days,
    )

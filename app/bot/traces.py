"""What the bot made of messages: the list, and one message's trace."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for

from app.bot import pages
from app.bot.blueprint import blueprint
from app.bot.pages import VIEW
from app.models import BotOutcome
from app.queries import accounts as account_queries
from app.queries import bot as queries
from app.queries.bot import TraceFilters
from app.queries.cursors import Cursor
from app.web.identity import current_actor
from app.web.permissions import permission_required

UNANSWERED = "unanswered"


@blueprint.get("/<int:account_id>/decisions")
@permission_required(VIEW)
def decisions(account_id: int) -> Response:
    """Newest first; nonsense in the address counts as nothing."""
    account = pages.get_account(account_id, VIEW)
    show, before = request.args.get("show", ""), Cursor.parse(request.args.get("before"))
    filters = TraceFilters(
        account_id,
        outcome=BotOutcome(show) if show in set(BotOutcome) else None,
        unanswered_only=show == UNANSWERED,
    )
    rows, older = queries.page_of_traces(current_actor().scope(VIEW), filters, before)
    place: dict[str, Any] = {"account_id": account_id, "show": show or None}
    return pages.page_or_part(
        "decisions",
        "decisions",
        account,
        rows=rows,
        show=show,
        older_url=url_for("bot.decisions", **place, before=str(older)) if older else None,
        newest_url=url_for("bot.decisions", **place) if before else None,
    )


@blueprint.get("/messages/<int:message_id>")
@permission_required(VIEW)
def trace(message_id: int) -> Response:
    """Why the bot said what it said, or nothing."""
    actor = current_actor()
    found = queries.get_trace(message_id, actor.scope(VIEW))
    account = account_queries.get_account(found.account_id, actor.scope(VIEW))
    return make_response(
        render_template(
            "bot/trace.html",
            account=account,
            trace=found,
            may_manage=actor.may("bot.manage", account.id),
            may_open=actor.may("console.use", account.id),
        )
    )

"""The accounts and what their bots did lately; one account's bot; on and off."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request, url_for

from app.bot import pages
from app.bot.blueprint import blueprint
from app.bot.pages import MANAGE, VIEW
from app.queries import accounts as account_queries
from app.queries import bot as queries
from app.queries.bot import Figures, TraceFilters
from app.services.bot import settings
from app.services.bot.settings import settings_of
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

_LATEST = 6


@blueprint.get("/")
@permission_required(VIEW)
def index() -> Response:
    """Every account one may see, with its bot's figures."""
    accounts = account_queries.list_accounts(current_actor().scope(VIEW))
    figures = queries.figures_by_account(account.id for account in accounts)
    rows = [(account, figures.get(account.id, Figures())) for account in accounts]
    return make_response(render_template("bot/index.html", rows=rows))


@blueprint.get("/<int:account_id>/")
@permission_required(VIEW)
def overview(account_id: int) -> Response:
    account = pages.get_account(account_id, VIEW)
    scope = current_actor().scope(VIEW)
    latest = queries.slice_traces(scope, TraceFilters(account_id), None, _LATEST)
    rules = queries.list_rules(account_id)
    return pages.page(
        "overview",
        account,
        figures=queries.figures_of(account_id, scope),
        waiting=queries.count_waiting(scope, account_id),
        latest=latest.rows,
        rules_on=sum(rule.is_on for rule in rules),
        settings=settings_of(account),
    )


@blueprint.post("/<int:account_id>/switch")
@permission_required(MANAGE)
def switch(account_id: int) -> Response:
    """On or off, as the button says that was pressed."""
    account = pages.get_account(account_id, MANAGE)
    is_on = request.form.get("is_on") == "1"
    settings.switch_bot(account=account, is_on=is_on, actor=current_actor())
    flash("The bot is on." if is_on else "The bot is off. Messages wait in Conversations.")
    return go_to(url_for("bot.overview", account_id=account_id))

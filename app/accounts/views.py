"""Accounts in use and on their way: the list, one account's overview, and what is done to it."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.blueprint import blueprint
from app.accounts.rows import build_rows, describe_entry, is_wanted, number_state
from app.errors import DomainError
from app.models import Account, AccountStatus
from app.queries import accounts as account_queries
from app.queries import health as health_queries
from app.queries.work import list_paused_numbers
from app.services import accounts, health, health_lines, numbers
from app.services.account_values import secret_tails
from app.web.check_lines import shown_checks
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond


@blueprint.get("/")
@permission_required("accounts.view")
def index() -> Response:
    """All accounts one may see, drafts with how far they are."""
    actor = current_actor()
    found = account_queries.list_accounts(actor.scope("accounts.view"))
    query, state = request.args.get("q", ""), request.args.get("state", "")
    wanted = [account for account in found if is_wanted(account, query, state)]
    return respond(
        page="accounts/index.html",
        fragment="accounts/_rows.html",
        rows=build_rows(wanted, actor),
        accounts=found,
        query=query,
        state=state,
        may_create=actor.may("accounts.create"),
    )


@blueprint.get("/<int:account_id>")
@permission_required("accounts.view")
def overview(account_id: int) -> AnyResponse:
    """Numbers, connection, identity and what happened lately."""
    actor = current_actor()
    account = account_queries.get_account(account_id, actor.scope("accounts.view"))
    may_manage = actor.may("accounts.manage", account_id)
    if not account.is_live and may_manage:
        return redirect(url_for("setup.resume", account_id=account_id), 303)
    log = health_queries.find_latest_log(account_id)
    checks = health.current_checks(account, log)
    paused = list_paused_numbers(actor.scope("accounts.view").within(account.id))
    entries = health_queries.list_recent_entries(account) if may_manage else []
    return make_response(
        render_template(
            "accounts/overview.html",
            account=account,
            may_manage=may_manage,
            checks=shown_checks(checks, line_actions(account) if may_manage else {}),
            checked_at=log.checked_at if log else None,
            tails=secret_tails(account),
            number_state=number_state,
            pauses={pause.number.id: pause for pause in paused},
            entries=[describe_entry(entry) for entry in entries],
        )
    )


def line_actions(account: Account) -> dict[str, dict[str, tuple[str, str]]]:
    again = {"": ("Check again", url_for("accounts.check", account_id=account.id))}
    connect = url_for("setup.connect", account_id=account.id)
    take_over = url_for("setup.connect", account_id=account.id, take_over=1)
    return {
        health_lines.RETRY: again,
        health_lines.CONNECT: {"": ("Connect the webhook", connect)},
        health_lines.TAKE_OVER: {"": ("Send all events here", take_over)},
    }


def _managed(account_id: int) -> Account:
    return account_queries.get_account(account_id, current_actor().scope("accounts.manage"))


@blueprint.post("/<int:account_id>/check")
@permission_required("accounts.manage")
def check(account_id: int) -> Response:
    """Run the health check now."""
    account = _managed(account_id)
    try:
        log = health.run_health_check(account)
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash(*_told(log.checks))
    return go_to(url_for("accounts.overview", account_id=account_id))


def _told(checks: list[dict[str, Any]]) -> tuple[str, str]:
    open_lines = [line["title"] for line in checks if health.must_pass(line)]
    if open_lines:
        return f"Something is not in order. {', '.join(open_lines)}.", "warn"
    return "Everything was checked with Meta.", "message"


@blueprint.post("/<int:account_id>/sync-numbers")
@permission_required("accounts.manage")
def sync_numbers(account_id: int) -> Response:
    """Fetch the account's numbers from Meta."""
    account = _managed(account_id)
    try:
        result = numbers.sync_numbers(account=account, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("accounts.overview", account_id=account_id))
    if result.refused:
        listed = ", ".join(result.refused)
        flash(f"Not every number could join. {listed} is connected in another account already.", "warn")
    flash(f"Numbers fetched from Meta: {result.added} new, {result.updated} changed, {result.gone} gone.")
    return go_to(url_for("accounts.overview", account_id=account_id))


@blueprint.get("/<int:account_id>/archive")
@permission_required("accounts.manage")
def archive(account_id: int) -> Response:
    """The question before an account is taken out of use."""
    return make_response(render_template("accounts/archive.html", account=_managed(account_id)))


@blueprint.post("/<int:account_id>/archive")
@permission_required("accounts.manage")
def archive_now(account_id: int) -> Response:
    account = _managed(account_id)
    name = account.name
    if account.status is AccountStatus.SETUP:
        return go_to(url_for("setup.discard", account_id=account_id))
    accounts.archive_account(account=account, actor=current_actor())
    flash(f"{name} is archived.")
    return go_to(url_for("accounts.index"))

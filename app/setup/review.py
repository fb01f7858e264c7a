"""Step 6: the webhook is connected, the checks turn green, the account goes live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, current_app, flash, make_response, render_template, request, url_for

from app.errors import DomainError, NotReady
from app.models import Account, CheckState
from app.queries import health as health_queries
from app.services import accounts, health, health_lines, sandbox_accounts, webhook_connection
from app.services.account_fields import STEPS
from app.services.health_questions import GRAPH_CHECKS
from app.setup.blueprint import blueprint
from app.setup.pages import managed_account, step_url
from app.web.check_lines import shown_checks
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to


def review_context(account: Account) -> dict[str, Any]:
    """What step 6 shows beside the form's frame."""
    log = health_queries.find_latest_log(account.id)
    checks = health.current_checks(account, log)
    token = account.webhook_verify_token
    return {
        "callback_url": webhook_connection.callback_url(),
        # To be pasted at Meta while the set-up lasts; a secret once it is over.
        "verify_token": token.reveal() if token and not account.is_live else "",
        "checks": shown_checks(checks, _actions(account)),
        "checked_at": log.checked_at if log else None,
        "is_complete": all(check["state"] == CheckState.PASSED for check in checks),
        "may_finish": log is not None and not any(health.must_pass(check) for check in checks),
        "is_connected": account.subscribed_at is not None,
    }


def _actions(account: Account) -> dict[str, dict[str, tuple[str, str]]]:
    """The button of each open line: what mends it, or the same question again."""
    again = {
        key: ("Check again", url_for("setup.check", account_id=account.id, key=key)) for key in GRAPH_CHECKS
    }
    connect = url_for("setup.connect", account_id=account.id)
    take_over = url_for("setup.connect", account_id=account.id, take_over=1)
    actions = {
        health_lines.RETRY: again,
        health_lines.CONNECT: {"": ("Connect the webhook", connect)},
        health_lines.TAKE_OVER: {"": ("Send all events here", take_over)},
    }
    if current_app.config["SETTINGS"].is_sandbox and account.subscribed_at is not None:
        test_message = url_for("setup.send_test_message", account_id=account.id)
        actions[health_lines.TEST_MESSAGE] = {"": ("Send a test message", test_message)}
    return actions


def _reviewable(account_id: int) -> Account:
    """The account, if its five forms are done. Raises StepNotOpen."""
    account = managed_account(account_id)
    accounts.require_last_step(account)
    return account


@blueprint.get("/<int:account_id>/checks")
@permission_required("accounts.manage")
def checks(account_id: int) -> Response:
    """The check list as it stands now; asked for every two seconds until it is complete."""
    account = managed_account(account_id)
    return make_response(
        render_template("setup/_checks.html", account=account, steps=STEPS, **review_context(account))
    )


@blueprint.post("/<int:account_id>/checks")
@permission_required("accounts.manage")
def check(account_id: int) -> Response:
    """Ask Meta again: about one line (`?key=`), or about all."""
    key = request.args.get("key")
    if key is not None and key not in GRAPH_CHECKS:
        abort(404)
    return _then_review(account_id, lambda account: health.run_health_check(account, only=key))


@blueprint.post("/<int:account_id>/webhook")
@permission_required("accounts.manage")
def connect(account_id: int) -> Response:
    """Tell Meta where events go, then look at everything."""
    take_over = request.args.get("take_over") == "1"

    def work(account: Account) -> None:
        webhook_connection.connect_webhook(account=account, actor=current_actor(), take_over=take_over)
        health.run_health_check(managed_account(account_id))

    return _then_review(account_id, work)


@blueprint.post("/<int:account_id>/test-message")
@permission_required("accounts.manage")
def send_test_message(account_id: int) -> Response:
    """Sandbox: a made-up customer writes to the number."""
    return _then_review(
        account_id,
        lambda account: sandbox_accounts.send_test_message(account=account, actor=current_actor()),
    )


@blueprint.post("/<int:account_id>/finish")
@permission_required("accounts.manage")
def finish(account_id: int) -> Response:
    """Turn the account live; whoever comes too early is told what is open."""
    account = managed_account(account_id)
    try:
        account = accounts.finish_setup(account=account, actor=current_actor())
    except accounts.StepNotOpen:
        return go_to(url_for("setup.resume", account_id=account_id))
    except NotReady as error:
        flash(error.message, "bad")
        return go_to(step_url(account_id, STEPS))
    flash(f"{account.name} is connected.")
    return go_to(url_for("accounts.overview", account_id=account_id))


def _then_review(account_id: int, work: Callable[[Account], object]) -> Response:
    """Do something about step 6 and show it again; a refusal is said on it."""
    try:
        account = _reviewable(account_id)
    except accounts.StepNotOpen:
        return go_to(url_for("setup.resume", account_id=account_id))
    try:
        work(account)
    except DomainError as error:
        flash(error.message, "bad")
    return go_to(step_url(account_id, STEPS))

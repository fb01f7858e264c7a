"""Accounts: set up, change, check, archive."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.accounts import (
    SETUP_EXAMPLE,
    AccountChange,
    AccountHealthOut,
    AccountIn,
    AccountList,
    AccountOut,
    AccountQuery,
    AccountSetup,
    HealthCheckOut,
    TestMessageOut,
)
from app.models import Account, AccountHealthLog
from app.queries import accounts as queries
from app.queries import health as health_queries
from app.services import account_changes, accounts, health, health_signals, sandbox_accounts
from app.services.account_fields import FIELDS
from app.services.sandbox_accounts import CustomerMessage
from app.web.identity import current_actor

_TAGS = ["Accounts"]


@blueprint.get("/accounts/")
@allowed("accounts.view")
@blueprint.input(AccountQuery, location="query", unknown=RAISE)
@blueprint.output(AccountList)
@blueprint.doc(tags=_TAGS)
def list_accounts(query_data: dict[str, Any]) -> dict[str, Any]:
    """List accounts

    All that this key may see, newest first; archived ones are left out.
    """
    scope = current_actor().scope("accounts.view")
    return page_of(queries.slice_accounts(scope, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/accounts/")
@allowed("accounts.create")
@blueprint.input(AccountIn, location="json", example={"name": "Harbour Lane Bakery"})
@blueprint.output(AccountOut, status_code=201, description="A draft; it cannot send yet.")
@blueprint.doc(tags=_TAGS)
def create_account(json_data: dict[str, Any]) -> Account:
    """Begin a set-up

    Keeps a draft with what is known so far, to be finished in the set-up wizard. To connect an
    account at once, use `accounts/setup/`.
    """
    return account_changes.create_account(values=json_data, actor=current_actor())


@blueprint.post("/accounts/setup/")
@allowed("accounts.create")
@blueprint.input(AccountSetup, location="json", example=SETUP_EXAMPLE)
@blueprint.output(AccountOut, status_code=201, description="Connected and live.")
@blueprint.doc(tags=_TAGS)
def set_up_account(json_data: dict[str, Any]) -> Account:
    """Connect an account in one call

    The six steps of the wizard as one flat object, by the same rules. Every value is checked with
    Meta; what is wrong is named field by field (422). The webhook is connected, and the account is
    live when this answers.
    """
    return accounts.set_up_account(values=json_data, actor=current_actor())


@blueprint.get("/accounts/<int:account_id>/")
@allowed("accounts.view", account=queries.get_account)
@blueprint.output(AccountOut)
@blueprint.doc(tags=_TAGS)
def show_account(account: Account) -> Account:
    """Show an account"""
    return account


@blueprint.put("/accounts/<int:account_id>/")
@allowed("accounts.manage", account=queries.get_account)
@blueprint.input(AccountSetup, location="json", example=SETUP_EXAMPLE)
@blueprint.output(AccountOut)
@blueprint.doc(tags=_TAGS)
def replace_account(account: Account, json_data: dict[str, Any]) -> Account:
    """Replace an account's fields

    Every field is written; one that is left out becomes empty. Secrets that are left out are kept.
    Of an account in use, `waba_id`, `phone_number_id` and `phone_number` cannot change.
    """
    values = {name: json_data.get(name) for name in FIELDS}
    return account_changes.update_account(account=account, values=values, actor=current_actor())


@blueprint.patch("/accounts/<int:account_id>/")
@allowed("accounts.manage", account=queries.get_account)
@blueprint.input(AccountChange, location="json", example={"greeting_message": "Hello, how can we help?"})
@blueprint.output(AccountOut)
@blueprint.doc(tags=_TAGS)
def change_account(account: Account, json_data: dict[str, Any]) -> Account:
    """Change some of an account's fields

    All of the given fields are changed, or none. New connection values of an account in use are
    checked with Meta first. A new `app_secret` keeps the old one valid beside it, so that no event
    on its way is refused.
    """
    return account_changes.update_account(account=account, values=json_data, actor=current_actor())


@blueprint.delete("/accounts/<int:account_id>/")
@allowed("accounts.manage", account=queries.get_account)
@blueprint.output({}, status_code=204, description="Archived, or thrown away if it was never live.")
@blueprint.doc(tags=_TAGS)
def delete_account(account: Account) -> str:
    """Archive an account

    Takes it out of use and forgets its secrets. Messages and figures stay; what is queued is not
    sent. A set-up that was never finished is thrown away.
    """
    if account.is_live or account.live_at is not None:
        accounts.archive_account(account=account, actor=current_actor())
    else:
        accounts.discard_draft(account=account, actor=current_actor())
    return ""


@blueprint.post("/accounts/<int:account_id>/health_check/")
@allowed("accounts.manage", account=queries.get_account)
@blueprint.output(HealthCheckOut)
@blueprint.doc(tags=_TAGS)
def check_health(account: Account) -> AccountHealthLog:
    """Check an account now

    Asks Meta about token, permissions, account, numbers and subscription. What fails is a line of the answer
    with what to do, not an error of this call.
    """
    return health.run_health_check(account, source=health_signals.API)


@blueprint.post("/accounts/<int:account_id>/test_message/")
@allowed("accounts.manage", account=queries.get_account)
@blueprint.output(TestMessageOut, status_code=202, description="Written; it comes in by the webhook.")
@blueprint.doc(tags=_TAGS)
def send_test_message(account: Account) -> CustomerMessage:
    """Let a test message come in

    Only with the sandbox: a made-up customer writes to the account's first number, as with the button in step
    6 of the set-up, so that the whole way from the webhook to the conversation can be tried. With Meta
    itself, and before the first five steps are done, the answer is 409.
    """
    return sandbox_accounts.send_test_message(account=account, actor=current_actor())


@blueprint.get("/accounts/<int:account_id>/health/")
@allowed("accounts.view", account=queries.get_account)
@blueprint.output(AccountHealthOut)
@blueprint.doc(tags=_TAGS)
def show_health(account: Account) -> dict[str, Any]:
    """Show an account's health

    As it stands now: what Meta said at the last check, and this console's own records of this moment.
    Asks Meta nothing; an account in use is checked every hour and whenever Meta sends news.
    """
    log = health_queries.find_latest_log(account.id)
    checks = health.current_checks(account, log)
    return {
        "waba_account_id": account.id,
        "status": account.status,
        "attention_reason": account.attention_reason,
        "state": health.worst_state(checks),
        "checked_at": log.checked_at if log else None,
        "findings": health.findings_of(checks),
        "checks": checks,
        "numbers": [{"phone_number_id": key, **facts} for key, facts in log.numbers.items()] if log else [],
    }

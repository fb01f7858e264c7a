"""Meta's library: search it, look at an item, and have it made at Meta.

Looking is a POST, too: each call to Meta is written down.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError, InvalidFields
from app.message_templates.blueprint import blueprint
from app.message_templates.listing import MANAGE
from app.models import Account
from app.queries import accounts as account_queries
from app.services.message_templates.library import (
    MOST_FOUND,
    LibraryFilters,
    LibraryItem,
    find_item,
    search_library,
    use_item,
)
from app.services.message_templates.reading import LANGUAGES
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond
from app.web.routing import row_id

TOPICS = ("ACCOUNT_UPDATE", "CUSTOMER_FEEDBACK", "ORDER_MANAGEMENT", "PAYMENTS")
INDUSTRIES = ("E_COMMERCE", "FINANCIAL_SERVICES")
USE_CASES = (
    "ACCOUNT_CREATION_CONFIRMATION",
    "AUTO_PAY_REMINDER",
    "DELIVERY_CONFIRMATION",
    "DELIVERY_FAILED",
    "DELIVERY_UPDATE",
    "FEEDBACK_SURVEY",
    "FRAUD_ALERT",
    "LOW_BALANCE_WARNING",
    "ORDER_ACTION_NEEDED",
    "ORDER_CONFIRMATION",
    "ORDER_DELAY",
    "ORDER_OR_TRANSACTION_CANCEL",
    "ORDER_PICK_UP",
    "PAYMENT_ACTION_REQUIRED",
    "PAYMENT_CONFIRMATION",
    "PAYMENT_DUE_REMINDER",
    "PAYMENT_OVERDUE",
    "PAYMENT_REJECT_FAIL",
    "PAYMENT_SCHEDULED",
    "RECEIPT_ATTACHMENT",
    "RETURN_CONFIRMATION",
    "SHIPMENT_CONFIRMATION",
    "STATEMENT_ATTACHMENT",
    "STATEMENT_AVAILABLE",
)
"""Source: Meta docs, "Template library" page, read 2026-09."""
_LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Library:
    """The page. `items` is None before the first look."""

    account: Account
    accounts: list[Account]
    filters: LibraryFilters
    items: list[LibraryItem] | None = None
    problem: str = ""


@dataclass(frozen=True)
class Use:
    """The page of one item. `values` is what was typed, `errors` are by field."""

    account: Account
    item: LibraryItem
    name: str
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@blueprint.get("/library/")
@permission_required("message_templates.manage")
def library() -> Response:
    """The search; with a script the first look follows by itself."""
    accounts = account_queries.list_accounts(current_actor().scope(MANAGE))
    if not accounts:
        flash("Connect an account first; a message template belongs to one.", "info")
        return go_to(url_for("message_templates.index"))
    wanted = request.args.get("account", type=row_id)
    account = next((one for one in accounts if one.id == wanted), accounts[0])
    return _page(Library(account, accounts, LibraryFilters()))


@blueprint.post("/library/")
@permission_required("message_templates.manage")
def search() -> Response:
    account = _account()
    accounts = account_queries.list_accounts(current_actor().scope(MANAGE))
    filters = LibraryFilters(
        search=_typed("search"),
        topic=_typed("topic"),
        use_case=_typed("use_case"),
        industry=_typed("industry"),
        language=_typed("language"),
    )
    try:
        return _page(Library(account, accounts, filters, search_library(account, filters)))
    except DomainError as error:
        return _page(Library(account, accounts, filters, problem=error.message), 422)


@blueprint.post("/library/use/")
@permission_required("message_templates.manage")
def use() -> Response:
    """Show what an item needs; with `step=create`, have it made."""
    account = _account()
    try:
        item = find_item(account, _typed("library_name", 512), _typed("language"))
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("message_templates.library", account=account.id))
    name = _typed("name", 512) or item.found.name
    values = {want.key: _typed(want.key, 2000) for want in item.wants}
    if request.form.get("step") != "create" or item.obstacle:
        return _use_page(Use(account, item, name, values), 200)
    try:
        row = use_item(account=account, item=item, name=name, given=values, actor=current_actor())
    except InvalidFields as error:
        errors = {problem.field: problem.message for problem in error.problems}
        known = {"name", *values}
        rest = [problem.message for problem in error.problems if problem.field not in known]
        return _use_page(Use(account, item, name, values, errors, " ".join(rest)), 422)
    except DomainError as error:
        return _use_page(Use(account, item, name, values, problem=error.message), 422)
    flash(f"{row.name} was made at Meta.", "ok")
    return go_to(url_for("message_templates.detail", message_template_id=row.id))


def _account() -> Account:
    wanted = request.form.get("account", 0, type=row_id)
    return account_queries.get_account(wanted, current_actor().scope(MANAGE))


def _typed(name: str, most: int = _LONGEST_SEARCH) -> str:
    return request.form.get(name, "").strip()[:most]


def _page(built: Library, status: int = 200) -> Response:
    return respond(
        page="message_templates/library.html",
        fragment="message_templates/_library.html",
        status=status,
        library=built,
        topics=TOPICS,
        use_cases=USE_CASES,
        industries=INDUSTRIES,
        languages=LANGUAGES,
        most_found=MOST_FOUND,
    )


def _use_page(built: Use, status: int) -> Response:
    page = render_template("message_templates/library_use.html", use=built, languages=LANGUAGES)
    return make_response(page, status)

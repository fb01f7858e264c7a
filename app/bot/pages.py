"""What the bot's pages have in common: the account they are about, and their frame."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template

from app.models import Account
from app.queries import accounts as account_queries
from app.web.identity import current_actor
from app.web.responses import respond

VIEW = "bot.view"
MANAGE = "bot.manage"


def get_account(account_id: int, permission: str) -> Account:
    """Within what this person may see or change; 404 otherwise."""
    return account_queries.get_account(account_id, current_actor().scope(permission))


def page(name: str, account: Account, *, status: int = 200, **context: Any) -> Response:
    """A page of the account's bot, with its tabs."""
    text = render_template(f"bot/{name}.html", **_frame(account), **context)
    return make_response(text, status)


def page_or_part(name: str, part: str, account: Account, *, status: int = 200, **context: Any) -> Response:
    """The page, or its fragment for HTMX."""
    return respond(
        page=f"bot/{name}.html",
        fragment=f"bot/_{part}.html",
        status=status,
        **_frame(account),
        **context,
    )


def _frame(account: Account) -> dict[str, Any]:
    return {"account": account, "may_manage": current_actor().may(MANAGE, account.id)}

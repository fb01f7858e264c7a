"""Where a new message template begins: empty, with one of ours, out of Meta's library, or from a file."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError, NotFound
from app.message_templates.blueprint import blueprint
from app.message_templates.listing import MANAGE
from app.models import Account
from app.queries import accounts as account_queries
from app.services.message_template_text import Preview, list_blanks, show
from app.services.message_templates.reading import LANGUAGES
from app.services.message_templates.starting import start_with
from app.services.starting_message_templates import (
    TRADES,
    StartingMessageTemplate,
    find_starting,
    list_starting,
)
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id


@dataclass(frozen=True)
class Start:
    """The page of one of ours. `previews` by language."""

    starting: StartingMessageTemplate
    accounts: list[Account]
    account_id: int
    name: str
    chosen: list[str]
    previews: dict[str, Preview]
    problem: str = ""


@blueprint.get("/start/")
@permission_required("message_templates.manage")
def start() -> Response:
    accounts = account_queries.list_accounts(current_actor().scope(MANAGE))
    if not accounts:
        flash("Connect an account first; a message template belongs to one.", "info")
        return go_to(url_for("message_templates.index"))
    wanted = request.args.get("account", type=row_id)
    chosen = find_starting(request.args.get("with"))
    if chosen is not None:
        return _page(_build(chosen, accounts, wanted), 200)
    page = render_template(
        "message_templates/start.html", trades=TRADES, starting=list_starting(), account_id=wanted
    )
    return make_response(page)


@blueprint.post("/start/")
@permission_required("message_templates.manage")
def use_starting() -> Response:
    """A draft in each chosen language; the editor opens with the first one."""
    chosen = find_starting(request.form.get("with"))
    if chosen is None:
        raise NotFound("There is no such message template to begin with.")
    accounts = account_queries.list_accounts(current_actor().scope(MANAGE))
    wanted = request.form.get("account", 0, type=row_id)
    account = account_queries.get_account(wanted, current_actor().scope(MANAGE))
    languages = [code for code in chosen.texts if code in request.form.getlist("language")]
    name = request.form.get("name", "").strip()
    if not languages:
        built = _build(chosen, accounts, account.id, name, languages, "Choose at least one language.")
        return _page(built, 422)
    try:
        rows = start_with(
            account=account, starting=chosen, name=name, languages=languages, actor=current_actor()
        )
    except DomainError as error:
        said = error.message
        return _page(_build(chosen, accounts, account.id, name, languages, said), 422)
    flash("The draft is here. Put in your own words; nothing was sent to Meta.", "ok")
    return go_to(url_for("message_templates.edit", message_template_id=rows[0].id))


def _build(
    chosen: StartingMessageTemplate,
    accounts: list[Account],
    account_id: int | None,
    name: str | None = None,
    languages: list[str] | None = None,
    problem: str = "",
) -> Start:
    return Start(
        starting=chosen,
        accounts=accounts,
        account_id=account_id or accounts[0].id,
        name=chosen.key if name is None else name,
        chosen=["en"] if languages is None else languages,
        previews={language: _preview(chosen, language) for language in chosen.texts},
        problem=problem,
    )


def _preview(chosen: StartingMessageTemplate, language: str) -> Preview:
    components = chosen.draft(language).components
    return show(components, {value.key: value.example for value in list_blanks(components)})


def _page(built: Start, status: int) -> Response:
    page = render_template("message_templates/start_with.html", start=built, languages=LANGUAGES)
    return make_response(page, status)

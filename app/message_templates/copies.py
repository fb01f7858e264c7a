"""Copying message templates into another account of ours, as drafts.

Meta has a call of its own for that (`migrate_message_templates`). It is not offered: it works only between
accounts of one Meta business, takes only approved ones, copies without a look before it, and reports what
failed by ids alone. Drafts can be read, corrected and sent by whoever answers for the other account.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError
from app.message_templates.blueprint import blueprint
from app.message_templates.listing import MANAGE, VIEW
from app.message_templates.plans import Shown, show_plan
from app.models import Account
from app.queries import accounts as account_queries
from app.queries.message_template_names import list_keys
from app.queries.message_templates import MessageTemplateFilters
from app.services.message_templates.exporting import export_of
from app.services.message_templates.importing import Plan, import_drafts, plan_import
from app.services.message_templates.reading import MOST_ENTRIES, read_parsed
from app.web.filters import plural
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id


@dataclass(frozen=True)
class Copy:
    """The page: from which account, which of its names, to which other one."""

    source: Account
    sources: list[Account]
    targets: list[Account]
    names: list[str]
    chosen: list[str]
    target_id: int | None
    overwrite: bool = False
    shown: Shown | None = None
    problem: str = ""


@blueprint.get("/copy/")
@permission_required("message_templates.manage")
def copy() -> Response:
    built = _build(request.args.get("account", type=row_id), request.args.getlist("name"), None)
    if built is None:
        flash("Connect an account first; a message template belongs to one.", "info")
        return go_to(url_for("message_templates.index"))
    return _page(built, 200)


@blueprint.post("/copy/")
@permission_required("message_templates.manage")
def make_copies() -> Response:
    """Look at what would come of it; with `step=make`, make the drafts."""
    target_id = request.form.get("target", type=row_id)
    built = _build(request.form.get("account", type=row_id), request.form.getlist("name"), target_id)
    if built is None:
        return go_to(url_for("message_templates.index"))
    target = next((account for account in built.targets if account.id == target_id), None)
    if target is None or not built.chosen:
        said = "Choose at least one name." if target else "Choose the account to copy to."
        return _page(_with(built, problem=said), 422)
    overwrite = "overwrite" in request.form
    try:
        plan = _plan(built, target, overwrite=overwrite)
        if request.form.get("step") == "make" and plan.taken_over:
            made = import_drafts(account=target, plan=plan, actor=current_actor())
            flash(
                f"{plural(len(made), 'draft is', 'drafts are')} in {target.name}. Nothing was sent to Meta.",
                "ok",
            )
            return go_to(url_for("message_templates.index", account=target.id, status="DRAFT"))
    except DomainError as error:
        return _page(_with(built, problem=error.message), 422)
    return _page(_with(built, overwrite=overwrite, shown=show_plan(target, plan)), 200)


def _plan(built: Copy, target: Account, *, overwrite: bool) -> Plan:
    file = read_parsed(export_of([(built.source.id, name) for name in built.chosen]))
    return plan_import(target.id, file, overwrite=overwrite)


def _build(source_id: int | None, chosen: list[str], target_id: int | None) -> Copy | None:
    """None while there is no account."""
    sources = account_queries.list_accounts(current_actor().scope(VIEW))
    if not sources:
        return None
    wanted = source_id or sources[0].id
    source = next((account for account in sources if account.id == wanted), None)
    if source is None:
        source = account_queries.get_account(wanted, current_actor().scope(VIEW))
    managed = account_queries.list_accounts(current_actor().scope(MANAGE))
    keys = list_keys(current_actor().scope(VIEW), MessageTemplateFilters(account_id=source.id))
    names = [name for _, name in keys]
    return Copy(
        source=source,
        sources=sources,
        targets=[account for account in managed if account.id != source.id],
        names=names,
        chosen=[name for name in names if name in set(chosen)][:MOST_ENTRIES],
        target_id=target_id,
    )


def _with(built: Copy, *, overwrite: bool = False, shown: Shown | None = None, problem: str = "") -> Copy:
    return Copy(
        built.source,
        built.sources,
        built.targets,
        built.names,
        built.chosen,
        built.target_id,
        overwrite,
        shown,
        problem,
    )


def _page(built: Copy, status: int) -> Response:
    return make_response(render_template("message_templates/copy.html", page=built), status)

"""Writing a Flow: what to begin with, the editor, saving.

The text is stored here before Meta is asked. Whatever is refused, by us or by Meta, it stays in the editor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError, InvalidFields
from app.flows.blueprint import blueprint
from app.flows.forms import EditorForm, editor_form
from app.flows.views import MANAGE, VIEW, managed
from app.models import Account, Flow
from app.queries import accounts as account_queries
from app.queries import flows as queries
from app.services import flows
from app.services.flow_starting_forms import STARTING_FORMS, find_starting_form
from app.services.meta_refusals import RefusedByMeta
from app.web.filters import plural
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id

_MOST_LINES_SHOWN = 100


@dataclass(frozen=True)
class Editor:
    """The editor page. `flow` is None for a new one; `notes` say what became of the last try."""

    form: EditorForm
    flow: Flow | None
    notes: list[str] = field(default_factory=list)
    refusal: RefusedByMeta | None = None

    @property
    def faults(self) -> list[dict[str, Any]]:
        return self.flow.validation_errors[:_MOST_LINES_SHOWN] if self.flow is not None else []

    @property
    def fault_lines(self) -> str:
        """For the script: the lines to mark."""
        lines = {fault.get("line_start") for fault in self.faults}
        return " ".join(str(line) for line in sorted(line for line in lines if isinstance(line, int)))


@blueprint.get("/new/")
@permission_required(MANAGE)
def new() -> Response:
    """Choose what to begin with; then the editor with it."""
    accounts = _accounts()
    if not accounts:
        flash("Connect an account first; a Flow belongs to one.", "info")
        return go_to(url_for("flows.index"))
    wanted, copied = request.args.get("form", ""), request.args.get("copy", type=row_id)
    if not wanted and copied is None:
        chosen = request.args.get("account", type=row_id)
        page = render_template("flows/new.html", forms=STARTING_FORMS, account_id=chosen)
        return make_response(page)
    form = editor_form(accounts)
    form.account.data = request.args.get("account", type=row_id) or accounts[0].id
    if copied is not None:
        _begin_with_copy(form, queries.get_flow(copied, current_actor().scope(VIEW)))
    elif (starting := find_starting_form(wanted)) is not None:
        form.name.data, form.categories.data = starting.title, [starting.category]
        form.begin_anew(starting.text)
    return _page(Editor(form, None), 200)


@blueprint.post("/new/")
@permission_required(MANAGE)
def create() -> Response:
    form = editor_form(_accounts())
    text = form.text()
    if not form.validate_on_submit():
        form.flow_json.data = text
        return _page(Editor(form, None), 422)
    account = account_queries.get_account(form.account.data, current_actor().scope(MANAGE))
    try:
        flow = flows.create_draft(account=account, text=text, actor=current_actor(), **form.facts())
    except InvalidFields as error:
        form.flow_json.data = text
        return _page(_with_problem(Editor(form, None), error), 422)
    return _finish(form, flow)


@blueprint.get("/<int:flow_id>/edit/")
@permission_required(MANAGE)
def edit(flow_id: int) -> Response:
    flow = managed(flow_id)
    reason = flows.forbids(flow, "edit")
    if reason:
        flash(reason, "info")
        return go_to(url_for("flows.detail", flow_id=flow_id))
    return _page(Editor(editor_form([flow.account], flow), flow), 200)


@blueprint.post("/<int:flow_id>/edit/")
@permission_required(MANAGE)
def save(flow_id: int) -> Response:
    flow = managed(flow_id)
    form = editor_form([flow.account])
    form.account.data = flow.account_id
    text = form.text()
    if not form.validate_on_submit():
        form.flow_json.data = text
        return _page(Editor(form, flow), 422)
    try:
        flow = flows.update_draft(
            flow=flow, text=text, actor=current_actor(), begun_from=form.begun_from.data, **form.facts()
        )
    except flows.ChangedMeanwhile as error:
        theirs = queries.get_flow(flow_id, current_actor().scope(MANAGE)).flow_json
        form.begin_anew(theirs)
        form.flow_json.data = text
        return _page(Editor(form, flow, [error.message]), 409)
    except DomainError as error:
        form.flow_json.data = text
        return _page(_with_problem(Editor(form, flow), error), 422)
    return _finish(form, flow)


def _finish(form: EditorForm, flow: Flow) -> Response:
    """The text is safe here; bring it to Meta."""
    flow_id = flow.id
    form.begin_anew(flow.flow_json)
    try:
        flow = flows.send(flow=flow, actor=current_actor())
    except DomainError as error:
        kept = "What you wrote is kept here. Meta has not taken it over."
        return _page(_with_problem(Editor(form, flow, [kept]), error), 422)
    if flow.validation_errors:
        count = plural(len(flow.validation_errors), "fault")
        said = f"Saved at Meta, which found {count} in it. They bar publishing only."
        return _page(Editor(form, flow, [said]), 200)
    flash("Saved at Meta, which found no fault.", "ok")
    return go_to(url_for("flows.detail", flow_id=flow_id))


def _accounts() -> list[Account]:
    return account_queries.list_accounts(current_actor().scope(MANAGE))


def _begin_with_copy(form: EditorForm, flow: Flow) -> None:
    form.name.data = f"{flow.name} (copy)"
    form.categories.data = flow.categories
    form.endpoint_uri.data = flow.endpoint_uri
    if flow.account_id in {choice.value for choice in form.account.choices}:
        form.account.data = flow.account_id
    form.begin_anew(flow.flow_json)


def _with_problem(editor: Editor, error: DomainError) -> Editor:
    """At the fields it is about; what is about the whole goes above the form."""
    if isinstance(error, RefusedByMeta):
        return Editor(editor.form, editor.flow, editor.notes, error)
    rest = [] if isinstance(error, InvalidFields) else [error.message]
    for problem in error.problems if isinstance(error, InvalidFields) else []:
        found = editor.form._fields.get(problem.field)
        if found is None:
            rest.append(problem.message)
        else:
            found.errors = [*found.errors, problem.message]
    return Editor(editor.form, editor.flow, [*editor.notes, *rest])


def _page(editor: Editor, status: int) -> Response:
    return make_response(render_template("flows/editor.html", editor=editor), status)

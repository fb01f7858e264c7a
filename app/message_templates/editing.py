"""Writing a message template: drafts, the live check, sending it to Meta."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError, InvalidFields, NotFound
from app.message_templates.blueprint import blueprint
from app.message_templates.forms import EditorForm, editor_form
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import accounts as account_queries
from app.queries import message_templates as queries
from app.queries.flows import list_published
from app.services import message_templates
from app.services.message_template_drafts import (
    PlainFields,
    Problem,
    is_plain,
    list_blanks,
    plain_fields,
    to_draft,
)
from app.services.message_template_text import Preview, show
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id

_MANAGE = "message_templates.manage"


@dataclass(frozen=True)
class Editor:
    """The editor page. `row` is None for a new one; `is_begun`: worth judging already."""

    form: EditorForm
    fields: PlainFields
    row: MessageTemplate | None
    business_name: str
    blanks: list[tuple[str, str]]
    preview: Preview
    problems: list[Problem]
    notes: list[str] = field(default_factory=list)

    @property
    def is_at_meta(self) -> bool:
        return self.row is not None and self.row.status is not State.DRAFT

    @property
    def is_begun(self) -> bool:
        return bool(self.fields.name or self.fields.body or self.fields.header)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]


@blueprint.get("/new/")
@permission_required("message_templates.manage")
def new() -> Response:
    fields = _opening(request.args.get("flow", type=row_id))
    form = _form(fields)
    if not form.account.choices:
        flash("Connect an account first; a message template belongs to one.", "info")
        return go_to(url_for("message_templates.index"))
    form.account.data = request.args.get("account", type=row_id) or form.account.choices[0].value
    form.language.data = "en_US"
    return _page(_editor(form, fields or PlainFields(), None), 200)


@blueprint.post("/new/")
@permission_required("message_templates.manage")
def create() -> Response:
    form = _form(None)
    editor = _editor(form, form.fields(), None)
    if request.form.get("step") == "preview":
        return _page(editor, 200)
    if not form.validate_on_submit():
        return _page(editor, 422)
    account = account_queries.get_account(form.account.data, current_actor().scope(_MANAGE))
    try:
        row = message_templates.create_draft(
            account=account, draft=to_draft(editor.fields), actor=current_actor()
        )
    except InvalidFields as error:
        return _page(_with_problem(editor, error), 422)
    return _finish(form, row)


@blueprint.get("/<int:message_template_id>/edit/")
@permission_required("message_templates.manage")
def edit(message_template_id: int) -> Response:
    row = _editable(message_template_id)
    fields = plain_fields(row)
    return _page(_editor(_form(fields, row), fields, row), 200)


@blueprint.post("/<int:message_template_id>/edit/")
@permission_required("message_templates.manage")
def save(message_template_id: int) -> Response:
    row = _editable(message_template_id)
    form = _form(plain_fields(row), row)
    if row.status is not State.DRAFT:
        form.fix(plain_fields(row))
    form.account.data = row.account_id
    editor = _editor(form, form.fields(), row)
    if request.form.get("step") == "preview":
        return _page(editor, 200)
    if not form.validate_on_submit():
        return _page(editor, 422)
    if row.status is not State.DRAFT:
        return _resubmit(editor, row)
    try:
        message_templates.update_draft(
            message_template=row, draft=to_draft(editor.fields), actor=current_actor()
        )
    except DomainError as error:
        return _page(_with_problem(editor, error), 422)
    return _finish(form, row)


@blueprint.post("/check")
@permission_required("message_templates.manage")
def check() -> Response:
    """Preview, checks and sample fields for what is typed so far; nothing is kept."""
    form = _form(None)
    return make_response(
        render_template("message_templates/_checked.html", editor=_editor(form, form.fields(), None))
    )


def _finish(form: EditorForm, row: MessageTemplate) -> Response:
    """The draft is safe; send it to Meta if that was asked for."""
    detail = url_for("message_templates.detail", message_template_id=row.id)
    if request.form.get("step") != "send":
        flash("The draft is saved.", "ok")
        return go_to(detail)
    try:
        message_templates.submit(message_template=row, actor=current_actor())
    except DomainError as error:
        editor = _editor(form, form.fields(), row)
        return _page(_with_problem(editor, error, "Nothing was sent to Meta; your draft is saved."), 422)
    flash("Sent to Meta for review. Meta usually answers within minutes.", "ok")
    return go_to(detail)


def _resubmit(editor: Editor, row: MessageTemplate) -> Response:
    try:
        message_templates.resubmit(message_template=row, draft=to_draft(editor.fields), actor=current_actor())
    except DomainError as error:
        return _page(_with_problem(editor, error), 422)
    flash("Sent to Meta. The changed text is reviewed again.", "ok")
    return go_to(url_for("message_templates.detail", message_template_id=row.id))


def _editable(message_template_id: int) -> MessageTemplate:
    row = queries.get_message_template(message_template_id, current_actor().scope(_MANAGE))
    if not is_plain(row):
        raise NotFound("This message template has parts that can be changed only in Meta’s WhatsApp Manager.")
    return row


def _opening(flow_id: int | None) -> PlainFields | None:
    """What a new one begins with when it was asked for from a Flow's page."""
    found = list_published(current_actor().scope(_MANAGE)) if flow_id is not None else []
    flow = next((flow for flow in found if flow.id == flow_id), None)
    return PlainFields(flow_id=flow.meta_id or "") if flow is not None else None


def _form(fields: PlainFields | None, row: MessageTemplate | None = None) -> EditorForm:
    """Of a `row`, whose account is settled, only that account's Flows can be chosen."""
    accounts = account_queries.list_accounts(current_actor().scope(_MANAGE))
    if row is not None:
        accounts = [account for account in accounts if account.id == row.account_id]
    names = {account.id: account.name for account in accounts}
    flows = [
        (flow.meta_id or "", flow.name if len(names) == 1 else f"{flow.name} ({names[flow.account_id]})")
        for flow in list_published(current_actor().scope(_MANAGE))
        if flow.account_id in names
    ]
    return editor_form([*names.items()], flows, fields)


def _editor(form: EditorForm, fields: PlainFields, row: MessageTemplate | None) -> Editor:
    draft = to_draft(fields)
    samples = {key: value for key, value in fields.samples.items() if value}
    return Editor(
        form=form,
        fields=fields,
        row=row,
        business_name=_business_name(form, row),
        blanks=list_blanks(fields),
        preview=show(draft.components, samples),
        problems=message_templates.check(draft),
    )


def _business_name(form: EditorForm, row: MessageTemplate | None) -> str:
    """As it will stand above the message."""
    if row is not None:
        return row.account.business_name or row.account.name
    names = {choice.value: choice.label for choice in form.account.choices}
    return names.get(form.account.data) or "Your business"


def _with_problem(editor: Editor, error: DomainError, *notes: str) -> Editor:
    """At the fields it is about; what is about the whole goes above the form."""
    rest = editor.form.say(error.problems) if isinstance(error, InvalidFields) else [error.message]
    return Editor(**{**editor.__dict__, "notes": [*notes, *rest]})


def _page(editor: Editor, status: int) -> Response:
    return make_response(render_template("message_templates/editor.html", editor=editor), status)

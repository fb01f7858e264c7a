"""Writing a message template: drafts that save themselves, the live check, sending it to Meta."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from flask import Response, flash, make_response, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from app.errors import ChangedMeanwhile, DomainError, InvalidFields, NotReady
from app.message_templates.blueprint import blueprint
from app.message_templates.editor_page import MANAGE, Editor, build
from app.message_templates.sheet_form import read_sheet
from app.message_templates.steps import Step, read_step, take_step
from app.models import Account, MessageTemplate, utcnow
from app.models import MessageTemplateStatus as State
from app.queries import accounts as account_queries
from app.queries import message_templates as queries
from app.queries.contact_lists import find_contact
from app.queries.flows import list_published
from app.queries.message_template_files import get_file
from app.services import message_templates
from app.services.message_templates import MessageTemplateDraft, sample_files
from app.services.message_templates.sheet_buttons import ButtonSheet
from app.services.message_templates.sheets import PartSheet, Sheet, sheet_of, to_draft
from app.web.file_answers import file_answer
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id

_SAVES = frozenset({"draft", "send", "overwrite"})
_LONGEST_LANGUAGE = 16
_JUST_NOW = timedelta(seconds=30)


@blueprint.get("/new/")
@permission_required("message_templates.manage")
def new() -> Response:
    account = _first_account(request.args.get("account", type=row_id))
    if account is None:
        flash("Connect an account first; a message template belongs to one.", "info")
        return go_to(url_for("message_templates.index"))
    sheet = _opening(request.args.get("flow", type=row_id))
    return _page(Editor(sheet, account, None, 0), 200)


@blueprint.post("/new/")
@permission_required("message_templates.manage")
def create() -> Response:
    return _take(_posted(None))


@blueprint.get("/<int:message_template_id>/edit/")
@permission_required("message_templates.manage")
def edit(message_template_id: int) -> Response:
    row = _editable(message_template_id)
    change = message_templates.change_of(row) if row.status is not State.DRAFT else None
    draft = message_templates.draft_of(row)
    seen = row.revision
    if change is not None:
        draft, seen = MessageTemplateDraft.from_body(change.body), change.revision
    elif row.status is not State.DRAFT:
        seen = 0
    return _page(Editor(sheet_of(draft), row.account, row, seen, has_change=change is not None), 200)


@blueprint.post("/<int:message_template_id>/edit/")
@permission_required("message_templates.manage")
def save(message_template_id: int) -> Response:
    return _take(_posted(_editable(message_template_id)))


@blueprint.post("/arrange")
@permission_required("message_templates.manage")
def arrange() -> Response:
    """A step within the form, for HTMX: the form as it is after it, and the check beside it."""
    editor = _stepped(_posted(None))
    return make_response(render_template("message_templates/_arranged.html", editor=build(editor)))


@blueprint.post("/check")
@permission_required("message_templates.manage")
def check() -> Response:
    """Preview, checks and sample fields for what is typed so far; nothing is kept."""
    return make_response(render_template("message_templates/_checked.html", editor=build(_posted(None))))


@blueprint.post("/autosave")
@permission_required("message_templates.manage")
def autosave() -> Response:
    """Keep what is typed so far as a draft, or as a change that is not sent yet."""
    editor = _posted(None)
    problem = ""
    is_new = editor.row is None
    try:
        editor = _keep(editor)
    except DomainError as error:
        problem = error.message
        editor = replace(editor, is_conflict=isinstance(error, ChangedMeanwhile))
    answer = make_response(render_template("message_templates/_saved.html", editor=editor, problem=problem))
    if is_new and editor.row is not None:
        answer.headers["HX-Replace-Url"] = url_for(
            "message_templates.edit", message_template_id=editor.row.id
        )
    return answer


@blueprint.post("/<int:message_template_id>/discard")
@permission_required("message_templates.manage")
def discard(message_template_id: int) -> Response:
    """Forget a change that was not sent."""
    row = queries.get_message_template(message_template_id, current_actor().scope(MANAGE))
    message_templates.discard(message_template=row, actor=current_actor())
    flash("The change is discarded. At Meta nothing has changed.", "ok")
    return go_to(url_for("message_templates.detail", message_template_id=message_template_id))


@blueprint.get("/samples/<int:file_id>")
@permission_required("message_templates.view")
def sample(file_id: int) -> Response:
    """A sample file, for the preview."""
    file = get_file(file_id, current_actor().scope("message_templates.view"))
    return file_answer(file, partial(sample_files.read_sample, file))


def _take(editor: Editor) -> Response:
    """What the plain form was sent for: a step within it, or keeping it."""
    step = read_step(request.form.get("step", ""))
    if step.name not in _SAVES:
        return _page(_stepped(editor), 200)
    if step.name == "overwrite":
        editor = replace(editor, seen=-1)
    try:
        editor = _keep(_with_files(editor))
    except DomainError as error:
        return _page(_with_problem(editor, error), 422)
    return _finish(editor, step)


def _finish(editor: Editor, step: Step) -> Response:
    """It is kept; send it to Meta if that was asked for."""
    row = editor.row
    if row is None:
        raise NotReady("The draft could not be kept. Try again.")
    detail = url_for("message_templates.detail", message_template_id=row.id)
    if step.name != "send":
        if row.status is State.DRAFT:
            flash("The draft is saved.", "ok")
            return go_to(detail)
        flash("The change is kept here; Meta has not seen it yet.", "ok")
        return go_to(url_for("message_templates.edit", message_template_id=row.id))
    try:
        if row.status is State.DRAFT:
            message_templates.submit(message_template=row, actor=current_actor())
        else:
            message_templates.resubmit(
                message_template=row, draft=to_draft(editor.sheet), actor=current_actor()
            )
    except DomainError as error:
        kept = "Nothing was sent to Meta; what you wrote is saved."
        return _page(_with_problem(replace(editor, shows_errors=True), error, kept), 422)
    flash("Sent to Meta for review. Meta usually answers within minutes.", "ok")
    return go_to(detail)


def _keep(editor: Editor) -> Editor:
    """As a draft, or as a change of one that is at Meta. Raises DomainError."""
    draft, actor, seen = to_draft(editor.sheet), current_actor(), editor.seen if editor.seen >= 0 else None
    if not draft.name:
        raise InvalidFields([message_templates.name_missing()])
    row = editor.row
    if row is None and (row := _saved_just_now(editor.account, draft)):
        seen = None
    if row is None:
        row = message_templates.create_draft(account=editor.account, draft=draft, actor=actor)
    elif row.status is State.DRAFT:
        row = message_templates.update_draft(message_template=row, draft=draft, actor=actor, seen=seen)
    else:
        change = message_templates.save_change(message_template=row, draft=draft, actor=actor, seen=seen)
        return replace(editor, row=row, seen=change.revision, has_change=True)
    return replace(editor, row=row, seen=row.revision)


def _saved_just_now(account: Account, draft: MessageTemplateDraft) -> MessageTemplate | None:
    """The draft that saved itself while the same person pressed a button: the form does not know it yet."""
    row = queries.find_by_name(account.id, draft.name, draft.language)
    user = current_actor().user
    if row is None or user is None or row.status is not State.DRAFT or row.created_by_id != user.id:
        return None
    return row if utcnow() - row.created_at < _JUST_NOW else None


def _posted(row: MessageTemplate | None) -> Editor:
    """The editor as its form says. One that saved itself meanwhile names its row in the form."""
    if row is None and (number := request.form.get("row", type=row_id)):
        row = _editable(number)
    scope = current_actor().scope(MANAGE)
    number = row.account_id if row is not None else request.form.get("account", type=row_id)
    account = account_queries.get_account(number or 0, scope)
    sheet = read_sheet(request.form)
    sheet = replace(sheet, language=sheet.language[:_LONGEST_LANGUAGE])
    if row is not None and row.status is not State.DRAFT:
        # Name and language of one that is at Meta never change, whatever the form says.
        sheet = replace(sheet, name=row.name, language=row.language)
    chosen = request.form.get("contact", type=row_id)
    return Editor(
        sheet,
        account,
        row,
        request.form.get("seen", 0, type=_revision),
        contact=find_contact(account.id, chosen) if chosen else None,
    )


def _revision(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _stepped(editor: Editor) -> Editor:
    """After the step that was pressed, with the files that came along."""
    try:
        editor = _with_files(editor)
    except DomainError as error:
        return replace(editor, notes=[error.message])
    step = read_step(request.form.get("step", ""))
    asked = {"add-button": "new_button", "add-card-button": "new_card_button"}.get(step.name)
    chosen = request.form.get(asked or f"rename-{step.value}", "")
    sheet, focus = take_step(editor.sheet, replace(step, chosen=chosen[:200]))
    return replace(editor, sheet=sheet, focus=focus)


def _with_files(editor: Editor) -> Editor:
    """Files that came with the form are kept, and named in its parts. Raises DomainError."""
    sheet = editor.sheet
    main = _with_file(editor.account, sheet.main, request.files.get("file"))
    cards = [
        _with_file(editor.account, card, request.files.get(f"cards.{number}.file"))
        for number, card in enumerate(sheet.cards)
    ]
    return replace(editor, sheet=replace(sheet, main=main, cards=cards))


def _with_file(account: Account, part: PartSheet, given: FileStorage | None) -> PartSheet:
    if given is None or not given.filename or part.header not in sample_files.KINDS:
        return part
    file = sample_files.keep_sample(
        account=account,
        header=part.header,
        content=given.stream.read(),
        file_name=given.filename,
        actor=current_actor(),
    )
    return replace(part, handle=file.handle)


def _editable(message_template_id: int) -> MessageTemplate:
    row = queries.get_message_template(message_template_id, current_actor().scope(MANAGE))
    if row.status is State.DRAFT or (row.status in message_templates.EDITABLE and row.meta_id):
        return row
    raise NotReady(
        "Meta takes no changes to this message template in its present state. Its page says why, and when "
        "that may change."
    )


def _first_account(chosen: int | None) -> Account | None:
    accounts = account_queries.list_accounts(current_actor().scope(MANAGE))
    return next((one for one in accounts if one.id == chosen), accounts[0] if accounts else None)


def _opening(flow_id: int | None) -> Sheet:
    """What a new one begins with; when it was asked for from a Flow's page, with its button."""
    found = list_published(current_actor().scope(MANAGE)) if flow_id is not None else []
    flow = next((flow for flow in found if flow.id == flow_id), None)
    if flow is None:
        return Sheet()
    button = ButtonSheet("FLOW", flow_id=flow.meta_id or "", flow_action="navigate")
    return Sheet(main=PartSheet(buttons=[button]))


def _with_problem(editor: Editor, error: DomainError, *notes: str) -> Editor:
    """At the fields it is about; what is about the whole stands above the form."""
    said = [*notes] if isinstance(error, InvalidFields) else [*notes, error.message]
    return replace(
        editor,
        notes=said,
        refused=error.problems if isinstance(error, InvalidFields) else [],
        shows_errors=True,
        is_conflict=isinstance(error, ChangedMeanwhile),
    )


def _page(editor: Editor, status: int) -> Response:
    return make_response(render_template("message_templates/editor.html", editor=build(editor)), status)

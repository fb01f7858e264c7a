"""One message template, and what can be asked of Meta about them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError
from app.message_templates.blueprint import blueprint
from app.message_templates.facts import Life, build_life
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import accounts as account_queries
from app.queries import message_template_history as history_queries
from app.queries import message_templates as queries
from app.queries.access import Actor
from app.services import message_templates
from app.services.message_template_text import Preview, show
from app.services.message_template_text import list_blanks as list_values
from app.services.message_template_words import HistoryLine, StateWords, describe_history, explain_state
from app.services.message_templates import EDITABLE, SyncResult
from app.services.sandbox_accounts import SANDBOX_CUSTOMER
from app.web.filters import plural
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond
from app.web.routing import row_id

_NOTHING_NEW = 204
_MANAGE = "message_templates.manage"


@dataclass(frozen=True)
class Detail:
    """One message template with all its page shows."""

    row: MessageTemplate
    preview: Preview
    state: StateWords | None
    history: list[HistoryLine]
    life: Life
    may_manage: bool
    may_send: bool
    may_edit: bool
    may_submit: bool
    may_delete: bool

    test_number = SANDBOX_CUSTOMER
    """Whose phone the sandbox shows."""

    @property
    def is_waiting(self) -> bool:
        return self.row.status is State.PENDING

    @property
    def version(self) -> str:
        row = self.row
        return f"{row.status.value}.{row.quality_score}.{row.category}.{len(self.history)}"


@blueprint.post("/sync")
@permission_required("message_templates.manage")
def sync() -> Response:
    """Read from Meta: the chosen account, or each of them."""
    actor = current_actor()
    chosen = request.form.get("account", type=row_id)
    scope = actor.scope(_MANAGE)
    accounts = (
        [account_queries.get_account(chosen, scope)] if chosen else account_queries.list_accounts(scope)
    )
    # Only names and ids: each sync commits, and rows read before are read anew after it.
    changed_id = None
    for account in accounts:
        name = account.name
        try:
            result = message_templates.sync(account=account, actor=actor)
            _flash_synced(name, result)
            changed_id = account.id if result.has_changes else changed_id
        except DomainError as error:
            flash(f"{name}: {error.message}", "bad")
    entry = history_queries.find_last_synced(changed_id) if changed_id and len(accounts) == 1 else None
    if entry is not None:
        return go_to(url_for("message_templates.sync_result", entry_id=entry.id))
    return go_to(url_for("message_templates.index", account=chosen))


@blueprint.get("/<int:message_template_id>/")
@permission_required("message_templates.view")
def detail(message_template_id: int) -> Response:
    built = build_detail(message_template_id)
    return respond(
        page="message_templates/detail.html",
        fragment="message_templates/_state.html",
        detail=built,
        values=list_values(built.row.components),
    )


@blueprint.get("/<int:message_template_id>/state")
@permission_required("message_templates.view")
def state(message_template_id: int) -> Response:
    """The poll of one that Meta is reviewing; 204 while nothing changed."""
    built = build_detail(message_template_id)
    if built.version == request.args.get("version"):
        return Response(status=_NOTHING_NEW)
    return make_response(render_template("message_templates/_state.html", detail=built))


@blueprint.post("/<int:message_template_id>/submit")
@permission_required("message_templates.manage")
def submit(message_template_id: int) -> Response:
    """Send a draft to Meta for review."""
    row = _managed(message_template_id)
    try:
        message_templates.submit(message_template=row, actor=current_actor())
        flash("Sent to Meta for review. Meta usually answers within minutes.", "ok")
    except DomainError as error:
        flash(error.message, "bad")
    return go_to(url_for("message_templates.detail", message_template_id=message_template_id))


@blueprint.post("/<int:message_template_id>/delete")
@permission_required("message_templates.manage")
def delete(message_template_id: int) -> Response:
    """This language, or with `languages=all` every one of its name."""
    row = _managed(message_template_id)
    name, account_id = row.name, row.account_id
    is_all = request.form.get("languages") == "all"
    try:
        count = message_templates.delete(message_template=row, actor=current_actor(), all_languages=is_all)
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("message_templates.detail", message_template_id=message_template_id))
    flash(f"{name} is deleted in {plural(count, 'language')}." if is_all else f"{name} is deleted.", "ok")
    return go_to(url_for("message_templates.index", account=account_id))


def build_detail(message_template_id: int) -> Detail:
    actor = current_actor()
    row = queries.get_message_template(message_template_id, actor.scope("message_templates.view"))
    may_manage = actor.may(_MANAGE, row.account_id)
    is_draft = row.status is State.DRAFT
    return Detail(
        row=row,
        preview=show(row.components, {value.key: value.example for value in list_values(row.components)}),
        state=explain_state(row),
        history=describe_history(queries.list_history(row)),
        life=build_life(row, may_manage=may_manage),
        may_manage=may_manage,
        may_send=_may_send(row, actor),
        may_edit=may_manage and (is_draft or (row.status in EDITABLE and row.meta_id is not None)),
        may_submit=may_manage and is_draft,
        may_delete=may_manage and row.status not in {State.DELETED, State.DISABLED, State.PENDING_DELETION},
    )


def _may_send(row: MessageTemplate, actor: Actor) -> bool:
    may = actor.may("messages.send", row.account_id)
    return (
        may and queries.find_sendable(row.account_id, row.id, role=actor.role_in(row.account_id)) is not None
    )


def _managed(message_template_id: int) -> MessageTemplate:
    return queries.get_message_template(message_template_id, current_actor().scope(_MANAGE))


def _flash_synced(name: str, result: SyncResult) -> None:
    parts = ((result.created, "new"), (result.updated, "changed"), (result.gone, "deleted at Meta"))
    said = ", ".join(f"{count} {word}" for count, word in parts if count) or "nothing had changed"
    flash(f"{name} is in step with Meta: {said}.", "ok")
    if result.set_aside:
        aside = plural(len(result.set_aside), "draft has", "drafts have")
        names = ", ".join(result.set_aside)
        flash(f"{aside} a new name, because Meta has a message template of the old one: {names}.", "info")

"""The list of message templates, one of them, and what can be asked of Meta about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError
from app.message_templates.blueprint import blueprint
from app.models import Account, MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import accounts as account_queries
from app.queries import message_templates as queries
from app.queries.access import AccountScope
from app.queries.message_templates import MessageTemplateFilters, MessageTemplatePage
from app.services import message_templates
from app.services.message_template_drafts import CATEGORIES, LANGUAGES, is_plain
from app.services.message_template_text import Preview, show
from app.services.message_template_text import list_blanks as list_values
from app.services.message_template_words import HistoryLine, StateWords, describe_history, explain_state
from app.services.message_templates import EDITABLE, SyncResult
from app.web.filters import plural
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond
from app.web.routing import row_id

_LONGEST_SEARCH = 100
_NOTHING_NEW = 204
_MANAGE = "message_templates.manage"


@dataclass(frozen=True)
class Listing:
    """The list page: rows, filters, and what can be chosen in them."""

    page: MessageTemplatePage
    filters: MessageTemplateFilters
    counts: dict[State, int]
    languages: list[str]
    accounts: list[Account]
    after: int | None
    synced_at: datetime | None
    may_manage: bool

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def sendable(self) -> int:
        return self.counts.get(State.APPROVED, 0)

    def reason(self, row: MessageTemplate) -> str:
        """Why it is in its state, in a line."""
        state = explain_state(row)
        return " ".join(filter(None, (state.title, state.quoted))) if state else ""

    def args(self, **changes: Any) -> dict[str, Any]:
        """The filters as an address carries them; empty ones are left out."""
        filters = self.filters
        values: dict[str, Any] = {
            "account": filters.account_id,
            "status": filters.status.value if filters.status else None,
            "language": filters.language,
            "category": filters.category,
            "search": filters.search,
            **changes,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Detail:
    """One message template with all its page shows."""

    row: MessageTemplate
    preview: Preview
    state: StateWords | None
    history: list[HistoryLine]
    may_manage: bool
    may_send: bool
    may_edit: bool
    may_submit: bool
    may_delete: bool

    @property
    def is_waiting(self) -> bool:
        return self.row.status is State.PENDING

    @property
    def version(self) -> str:
        return f"{self.row.status.value}.{self.row.quality_score}.{self.row.category}.{len(self.history)}"


@blueprint.get("/")
@permission_required("message_templates.view")
def index() -> Response:
    return respond(
        page="message_templates/index.html",
        fragment="message_templates/_list.html",
        listing=_listing(current_actor().scope("message_templates.view")),
        categories=CATEGORIES,
        languages=LANGUAGES,
        states=list(State),
    )


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
    for account in accounts:
        name = account.name
        try:
            _flash_synced(name, message_templates.sync(account=account, actor=actor))
        except DomainError as error:
            flash(f"{name}: {error.message}", "bad")
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
    row = _managed(message_template_id)
    name, account_id = row.name, row.account_id
    try:
        message_templates.delete(message_template=row, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("message_templates.detail", message_template_id=message_template_id))
    flash(f"{name} is deleted.", "ok")
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
        may_manage=may_manage,
        may_send=row.is_sendable and actor.may("messages.send", row.account_id),
        may_edit=may_manage
        and is_plain(row)
        and (is_draft or (row.status in EDITABLE and row.meta_id is not None)),
        may_submit=may_manage and is_draft,
        may_delete=may_manage and row.status not in {State.DELETED, State.DISABLED, State.PENDING_DELETION},
    )


def _managed(message_template_id: int) -> MessageTemplate:
    return queries.get_message_template(message_template_id, current_actor().scope(_MANAGE))


def _listing(scope: AccountScope) -> Listing:
    filters, after = _read_filters(), request.args.get("after", type=row_id)
    accounts = account_queries.list_accounts(scope)
    shown = [account for account in accounts if filters.account_id in (None, account.id)]
    synced = [account.message_templates_synced_at for account in shown]
    return Listing(
        page=queries.list_message_templates(scope, filters, after),
        filters=filters,
        counts=queries.count_by_status(scope, filters.account_id),
        languages=queries.list_languages(scope, filters.account_id),
        accounts=accounts,
        after=after,
        # The oldest one counts: what is shown is at least as fresh as that.
        synced_at=min((at for at in synced if at), default=None) if all(synced) else None,
        may_manage=current_actor().may(_MANAGE, filters.account_id),
    )


def _read_filters() -> MessageTemplateFilters:
    """Out of the address; nonsense counts as nothing."""
    status = request.args.get("status", "")
    return MessageTemplateFilters(
        account_id=request.args.get("account", type=row_id),
        status=State(status) if status in set(State) else None,
        language=request.args.get("language", "")[:16],
        category=request.args.get("category", "")[:32],
        search=request.args.get("search", "").strip()[:_LONGEST_SEARCH],
    )


def _flash_synced(name: str, result: SyncResult) -> None:
    parts = ((result.created, "new"), (result.updated, "changed"), (result.gone, "deleted at Meta"))
    said = ", ".join(f"{count} {word}" for count, word in parts if count) or "nothing had changed"
    flash(f"{name} is in step with Meta: {said}.", "ok")
    if result.set_aside:
        aside = plural(len(result.set_aside), "draft has", "drafts have")
        names = ", ".join(result.set_aside)
        flash(f"{aside} a new name, because Meta has a message template of the old one: {names}.", "info")

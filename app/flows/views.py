"""The list of Flows, one of them, and what can be asked of Meta about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError
from app.flows.blueprint import blueprint
from app.models import Account, Flow, MessageTemplate, utcnow
from app.queries import accounts as account_queries
from app.queries import flows as queries
from app.queries.access import AccountScope
from app.queries.flows import FlowFilters, FlowPage
from app.services import flow_sync, flows
from app.services.flow_sync import SyncResult
from app.services.flow_texts import Question
from app.services.flow_words import (
    EventLine,
    HistoryLine,
    Words,
    describe_event,
    describe_history,
    explain_state,
    labels_of,
    open_alerts,
    waiting_for,
)
from app.web.filters import plural
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond
from app.web.routing import row_id

VIEW = "flows.view"
MANAGE = "flows.manage"
ANSWERS = "messages.view"
STATUSES = ("DRAFT", "PUBLISHED", "THROTTLED", "BLOCKED", "DEPRECATED")
_LONGEST_SEARCH = 100
_FRESH = timedelta(hours=1)
"""A preview that ends sooner than this is renewed rather than opened."""


@dataclass(frozen=True)
class Listing:
    """The list page: rows, filters, and what can be chosen in them."""

    page: FlowPage
    filters: FlowFilters
    counts: dict[str, int]
    answers: dict[int, int]
    accounts: list[Account]
    after: int | None
    may_manage: bool
    may_see_answers: bool

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def waiting(self, flow: Flow) -> tuple[str, str] | None:
        return waiting_for(flow)

    def args(self, **changes: Any) -> dict[str, Any]:
        """The filters as an address carries them; empty ones are left out."""
        values: dict[str, Any] = {
            "account": self.filters.account_id,
            "status": self.filters.status,
            "search": self.filters.search,
            **changes,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Detail:
    """One Flow with all its page shows."""

    flow: Flow
    state: Words | None
    waiting: tuple[str, str] | None
    alerts: list[EventLine]
    events: list[EventLine]
    history: list[HistoryLine]
    questions: list[Question]
    message_templates: list[MessageTemplate]
    answers: int
    may_manage: bool

    def may(self, what: str) -> bool:
        """Whether this person may, and Meta's rules allow it now."""
        return self.may_manage and not flows.forbids(self.flow, what)

    @property
    def preview_url(self) -> str:
        """Only one that will still open."""
        ends = self.flow.preview_expires_at
        is_fresh = ends is not None and ends > utcnow() + _FRESH
        return self.flow.preview_url if is_fresh and self.flow.gone_at is None else ""

    @property
    def published_at(self) -> datetime | None:
        return self.flow.published_at


@blueprint.get("/")
@permission_required(VIEW)
def index() -> Response:
    return respond(
        page="flows/index.html",
        fragment="flows/_list.html",
        listing=_listing(current_actor().scope(VIEW)),
        statuses=STATUSES,
    )


@blueprint.post("/sync")
@permission_required(MANAGE)
def sync() -> Response:
    """Read from Meta: the chosen account, or each of them."""
    actor = current_actor()
    chosen, scope = request.form.get("account", type=row_id), actor.scope(MANAGE)
    accounts = (
        [account_queries.get_account(chosen, scope)] if chosen else account_queries.list_accounts(scope)
    )
    for account in accounts:
        name = account.name
        try:
            _flash_synced(name, flow_sync.sync(account=account, actor=actor))
        except DomainError as error:
            flash(f"{name}: {error.message}", "bad")
    return go_to(url_for("flows.index", account=chosen))


@blueprint.get("/<int:flow_id>/")
@permission_required(VIEW)
def detail(flow_id: int) -> Response:
    return make_response(render_template("flows/detail.html", detail=build_detail(flow_id)))


@blueprint.post("/<int:flow_id>/refresh")
@permission_required(MANAGE)
def refresh(flow_id: int) -> Response:
    """Read this one from Meta: status, faults, health, preview."""
    flow = managed(flow_id)
    try:
        flow_sync.refresh(flow=flow)
        flash("This is how it stands at Meta now.", "ok")
    except DomainError as error:
        flash(error.message, "bad")
    return go_to(url_for("flows.detail", flow_id=flow_id))


@blueprint.post("/<int:flow_id>/preview")
@permission_required(MANAGE)
def renew_preview(flow_id: int) -> Response:
    """A new address of Meta's preview, for when the old one has ended."""
    flow = managed(flow_id)
    try:
        flows.renew_preview(flow=flow)
        flash("Meta made a new preview. Open it with “Preview”.", "ok")
    except DomainError as error:
        flash(error.message, "bad")
    return go_to(url_for("flows.detail", flow_id=flow_id))


def managed(flow_id: int) -> Flow:
    return queries.get_flow(flow_id, current_actor().scope(MANAGE))


def build_detail(flow_id: int) -> Detail:
    actor = current_actor()
    flow = queries.get_flow(flow_id, actor.scope(VIEW))
    events = [describe_event(event) for event in queries.list_events(flow)]
    return Detail(
        flow=flow,
        state=explain_state(flow),
        waiting=waiting_for(flow),
        alerts=[] if flow.status == "DEPRECATED" else open_alerts(events),
        events=events,
        history=describe_history(queries.list_history(flow)),
        questions=list(labels_of(flow).values()),
        message_templates=queries.list_users_of(flow),
        answers=queries.count_answers([flow.id]).get(flow.id, 0),
        may_manage=actor.may(MANAGE, flow.account_id),
    )


def _listing(scope: AccountScope) -> Listing:
    filters, after = _read_filters(), request.args.get("after", type=row_id)
    page = queries.list_flows(scope, filters, after)
    actor = current_actor()
    return Listing(
        page=page,
        filters=filters,
        counts=queries.count_by_status(scope, filters.account_id),
        answers=queries.count_answers(flow.id for flow in page.flows),
        accounts=account_queries.list_accounts(scope),
        after=after,
        may_manage=actor.may(MANAGE, filters.account_id),
        may_see_answers=actor.may(ANSWERS, filters.account_id),
    )


def _read_filters() -> FlowFilters:
    """Out of the address; nonsense counts as nothing."""
    status = request.args.get("status", "")
    return FlowFilters(
        account_id=request.args.get("account", type=row_id),
        status=status if status in STATUSES else "",
        search=request.args.get("search", "").strip()[:_LONGEST_SEARCH],
    )


def _flash_synced(name: str, result: SyncResult) -> None:
    parts = ((result.created, "new"), (result.updated, "changed"), (len(result.gone), "gone at Meta"))
    said = ", ".join(f"{count} {word}" for count, word in parts if count) or "nothing had changed"
    flash(f"{name} is in step with Meta: {said}.", "ok")
    if result.gone:
        flash(f"Meta no longer has: {', '.join(result.gone)}. What was answered stays here.", "warn")
    if result.unread:
        count = plural(result.unread, "Flow")
        flash(f"{count} could be read in part only, because Meta did not answer. Sync again later.", "warn")

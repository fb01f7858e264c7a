"""The list of events, the search for one, and one of them."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, render_template, request, url_for

from app.models import EventState, WebhookEvent
from app.queries import accounts as account_queries
from app.queries import webhook_events as queries
from app.queries.access import AccountScope
from app.queries.cursors import Cursor
from app.queries.slices import Turn
from app.queries.work import list_silent_numbers
from app.services import event_contents, event_search
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond
from app.webhook_events.blueprint import blueprint
from app.webhook_events.forms import FindForm, Narrowing, read_narrowing
from app.webhook_events.rows import build_detail, build_rows

VIEW = "webhook_events.view"
MANAGE = "webhook_events.manage"


def event_scope() -> AccountScope:
    return current_actor().scope(VIEW)


def get_event(event_id: int) -> WebhookEvent:
    """Within what this person may see; 404 otherwise."""
    return queries.get_event(event_id, event_scope())


@blueprint.get("/")
@permission_required(VIEW)
def index() -> Response:
    """Newest first, narrowed as the address says."""
    scope = event_scope()
    accounts = account_queries.list_accounts(scope)
    narrowing = read_narrowing(request.args, accounts)
    numbers = [number for account in accounts for number in account.phone_numbers]
    turn = _read_turn()
    found = queries.list_events(scope, narrowing.filters(numbers), turn)
    return respond(
        page="webhook_events/index.html",
        fragment="webhook_events/_events.html",
        rows=build_rows(found, accounts, scope),
        narrowing=narrowing,
        accounts=accounts,
        numbers=numbers,
        states=list(EventState),
        older_url=_url(narrowing, "before", found.older),
        newer_url=_url(narrowing, "after", found.newer),
        is_live=bool(request.args.get("live")) and turn is None,
        has_turned=turn is not None,
        parked=queries.count_parked(scope),
        silent=list_silent_numbers(scope),
        kept_days=current_app.config["SETTINGS"].retention_days,
        may_manage=current_actor().may(MANAGE),
    )


def _read_turn() -> Turn | None:
    for name, is_newer in (("before", False), ("after", True)):
        place = Cursor.parse(request.args.get(name))
        if place is not None:
            return Turn(place, is_newer)
    return None


def _url(narrowing: Narrowing, name: str, turn: Turn | None) -> str | None:
    if turn is None:
        return None
    return url_for("webhook_events.index", **narrowing.args(**{name: str(turn.place)}))


@blueprint.post("/find")
@permission_required(VIEW)
def find() -> Response:
    """Seal what is searched for, and go to the list that shows it."""
    accounts = account_queries.list_accounts(event_scope())
    form = FindForm()
    text = (form.find.data or "").strip()[: event_search.LONGEST]
    values: dict[str, Any] = read_narrowing(request.form, accounts).args()
    values.pop("find", None)
    if text:
        values["find"] = event_search.seal(text)
    return go_to(url_for("webhook_events.index", **values))


@blueprint.get("/<int:event_id>/")
@permission_required(VIEW)
def detail(event_id: int) -> Response:
    """Facts, what came of it, and the body as it was received."""
    event, scope = get_event(event_id), event_scope()
    accounts = account_queries.list_accounts(scope)
    return make_response(
        render_template(
            "webhook_events/detail.html",
            detail=build_detail(event, accounts, scope),
            may_manage=event.account_id is None or current_actor().may(MANAGE, event.account_id),
            may_converse=current_actor().may("console.use"),
        )
    )


@blueprint.get("/<int:event_id>/body")
@permission_required(VIEW)
def body(event_id: int) -> Response:
    """The body as a file: never shown by the browser, whatever is in it."""
    event = get_event(event_id)
    return Response(
        event_contents.raw_body(event, event_scope()),
        mimetype="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="webhook-event-{event.id}.json"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )

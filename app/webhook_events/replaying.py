"""Processing events again: one, or all that fit the filters; and setting a parked one aside."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from app.errors import DomainError
from app.models import PhoneNumber
from app.queries import accounts as account_queries
from app.queries import webhook_events as queries
from app.services import event_replay
from app.services.event_replay import MOST_AT_ONCE
from app.web.filters import plural
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.webhook_events.blueprint import blueprint
from app.webhook_events.forms import Narrowing, read_narrowing
from app.webhook_events.views import MANAGE


@blueprint.post("/<int:event_id>/replay")
@permission_required(MANAGE)
def replay_one(event_id: int) -> Response:
    event = queries.get_event(event_id, current_actor().scope(MANAGE))
    event_replay.replay_one(event=event, actor=current_actor())
    flash("It is processed again. What came of it shows here in a moment.")
    return go_to(url_for("webhook_events.detail", event_id=event_id))


@blueprint.post("/<int:event_id>/set-aside")
@permission_required(MANAGE)
def set_aside(event_id: int) -> Response:
    event = queries.get_event(event_id, current_actor().scope(MANAGE))
    try:
        event_replay.set_aside(event=event, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash("Set aside. It is kept, and no longer asks for attention.")
    return go_to(url_for("webhook_events.detail", event_id=event_id))


@blueprint.get("/replay")
@permission_required(MANAGE)
def replay() -> Response:
    """The question before a range is processed again, with how many it would be."""
    narrowing, numbers = _narrowed(request.args)
    scope = current_actor().scope(MANAGE)
    ids = queries.list_event_ids(scope, narrowing.filters(numbers), MOST_AT_ONCE + 1)
    return make_response(
        render_template(
            "webhook_events/replay.html",
            narrowing=narrowing,
            fitting=min(len(ids), MOST_AT_ONCE),
            is_more=len(ids) > MOST_AT_ONCE,
        )
    )


def _narrowed(values: MultiDict[str, str]) -> tuple[Narrowing, list[PhoneNumber]]:
    accounts = account_queries.list_accounts(current_actor().scope(MANAGE))
    numbers = [number for account in accounts for number in account.phone_numbers]
    return read_narrowing(values, accounts), numbers


@blueprint.post("/replay")
@permission_required(MANAGE)
def replay_now() -> Response:
    narrowing, numbers = _narrowed(request.form)
    replayed = event_replay.replay_range(
        scope=current_actor().scope(MANAGE), filters=narrowing.filters(numbers), actor=current_actor()
    )
    events = plural(replayed, "event")
    flash(
        f"{events} {'is' if replayed == 1 else 'are'} processed again, in the background. Nothing is doubled."
    )
    return go_to(url_for("webhook_events.index", **narrowing.args(state=None)))

"""Messages planned for later: to look at, and to cancel. `send_message/` plans them."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.planned_messages import PlannedList, PlannedOut, PlannedQuery
from app.models import PlannedMessage, PlannedState
from app.queries import planned as queries
from app.services import planning
from app.web.identity import current_actor

_TAGS = ["Messages"]


@blueprint.get("/planned-messages/")
@allowed("messages.view")
@blueprint.input(PlannedQuery, location="query", unknown=RAISE)
@blueprint.output(PlannedList)
@blueprint.doc(tags=_TAGS)
def list_planned_messages(query_data: dict[str, Any]) -> dict[str, Any]:
    """List planned messages

    Newest first, with those that have left or were cancelled.
    """
    state = query_data.get("status")
    found = queries.slice_planned(
        current_actor().scope("messages.view"),
        query_data.get("account"),
        PlannedState(state) if state else None,
        query_data.get("cursor"),
        query_data["limit"],
    )
    return page_of(found)


@blueprint.get("/planned-messages/<int:planned_id>/")
@allowed("messages.view", planned=queries.get_planned)
@blueprint.output(PlannedOut)
@blueprint.doc(tags=_TAGS)
def show_planned_message(planned: PlannedMessage) -> PlannedMessage:
    """Show a planned message

    Once it has left, `message_id` is the message.
    """
    return planned


@blueprint.post("/planned-messages/<int:planned_id>/cancel/")
@allowed("messages.send", planned=queries.get_planned)
@blueprint.output(PlannedOut, description="It is not sent.")
@blueprint.doc(tags=_TAGS)
def cancel_planned_message(planned: PlannedMessage) -> PlannedMessage:
    """Cancel a planned message

    A held one too. When it has left already, or was cancelled before, the answer is 409.
    """
    planning.cancel(planned=planned, actor=current_actor())
    return planned


@blueprint.post("/planned-messages/<int:planned_id>/send_now/")
@allowed("messages.send", planned=queries.get_planned)
@blueprint.output(PlannedOut, description="It is in the queue now.")
@blueprint.doc(tags=_TAGS)
def send_planned_message(planned: PlannedMessage) -> PlannedMessage:
    """Send a planned message now

    Without waiting for its time, or though it was held. It is refused as sending is.
    """
    planning.send_now(planned=planned, actor=current_actor())
    return planned

"""Webhook events: what Meta sent, what was made of it, and processing one again."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.webhook_events import (
    WebhookEventDetailOut,
    WebhookEventList,
    WebhookEventOut,
    WebhookEventQuery,
    show_event,
)
from app.models import EventState, WebhookEvent
from app.queries import accounts as account_queries
from app.queries import webhook_events as queries
from app.queries.slices import Slice
from app.queries.webhook_events import EventFilters
from app.services import event_contents, event_keys, event_replay, event_search
from app.web.identity import current_actor

_TAGS = ["Webhook events"]
_VIEW = "webhook_events.view"


@blueprint.get("/webhook-events/")
@allowed(_VIEW)
@blueprint.input(WebhookEventQuery, location="query", unknown=RAISE)
@blueprint.output(WebhookEventList)
@blueprint.doc(tags=_TAGS)
def list_webhook_events(query_data: dict[str, Any]) -> dict[str, Any]:
    """List webhook events

    What Meta posted, newest first. Filters hold all at once; follow `next` for older ones.
    """
    scope = current_actor().scope(_VIEW)
    found = queries.list_events(scope, _filters(query_data), query_data.get("cursor"), query_data["limit"])
    keys = queries.list_keys([event.id for event in found.rows])
    shown = [show_event(event, keys.get(event.id, [])) for event in found.rows]
    return page_of(Slice(shown, found.older, found.newer))


def _filters(query_data: dict[str, Any]) -> EventFilters:
    scope = current_actor().scope(_VIEW)
    number_id, state = query_data.get("phone_number_id"), query_data.get("state")
    number = account_queries.get_number(number_id, scope) if number_id else None
    return EventFilters(
        found_by=_keys(query_data),
        kind=query_data.get("kind"),
        number_meta_id=number.meta_id if number else None,
        account_id=query_data.get("account"),
        state=EventState(state) if state else None,
        since=query_data.get("since"),
        until=query_data.get("until"),
    )


def _keys(query_data: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The message first: there are fewer events of one message than of one person."""
    groups: list[tuple[str, ...]] = []
    if "wamid" in query_data:
        groups.append((event_keys.MESSAGE + query_data["wamid"],))
    if "contact" in query_data:
        groups.append(event_search.person_keys(query_data["contact"]))
    return tuple(groups)


@blueprint.get("/webhook-events/<int:event_id>/")
@allowed(_VIEW, event=queries.get_event)
@blueprint.output(WebhookEventDetailOut)
@blueprint.doc(tags=_TAGS)
def show_webhook_event(event: WebhookEvent) -> dict[str, Any]:
    """Show a webhook event

    With its body, for as long as it is kept.
    """
    body = event_contents.raw_body(event, current_actor().scope(_VIEW))
    return {**_shown(event), "body": body.decode("utf-8", "backslashreplace")}


@blueprint.post("/webhook-events/<int:event_id>/replay/")
@allowed("webhook_events.manage", event=queries.get_event)
@blueprint.output(WebhookEventOut, status_code=202, description="Waiting to be worked off once more.")
@blueprint.doc(tags=_TAGS)
def replay_webhook_event(event: WebhookEvent) -> dict[str, Any]:
    """Process a webhook event again

    Nothing is doubled by it: only what was never worked off has its effect now. A part is processed with
    the event that it came in.
    """
    event_replay.replay_one(event=event, actor=current_actor())
    return _shown(event)


def _shown(event: WebhookEvent) -> dict[str, Any]:
    return show_event(event, queries.list_keys([event.id]).get(event.id, []))

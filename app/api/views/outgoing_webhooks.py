"""Outgoing webhooks: set up, tested, their secrets changed; the log of deliveries, and replays."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.outgoing_webhooks import (
    OutgoingDeliveryDetailOut,
    OutgoingDeliveryList,
    OutgoingDeliveryOut,
    OutgoingDeliveryQuery,
    OutgoingReplayIn,
    OutgoingReplayOut,
    OutgoingWebhookIn,
    OutgoingWebhookList,
    OutgoingWebhookOut,
    OutgoingWebhookQuery,
    OutgoingWebhookSecretOut,
    show_delivery,
    show_with_secret,
)
from app.models import DeliveryState, OutgoingDelivery, OutgoingEvent, OutgoingWebhook
from app.queries import outgoing_webhooks as queries
from app.queries.outgoing_webhooks import DeliveryFilters
from app.services.outgoing import deliveries, webhooks
from app.web.identity import current_actor

_TAGS = ["Outgoing webhooks"]
_MANAGE = "outgoing_webhooks.manage"


@blueprint.get("/outgoing-webhooks/")
@allowed(_MANAGE)
@blueprint.input(OutgoingWebhookQuery, location="query", unknown=RAISE)
@blueprint.output(OutgoingWebhookList)
@blueprint.doc(tags=_TAGS)
def list_outgoing_webhooks(query_data: dict[str, Any]) -> dict[str, Any]:
    """List outgoing webhooks

    Newest first. Only owners' keys see them: one may tell of several accounts.
    """
    return page_of(queries.slice_webhooks(query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/outgoing-webhooks/")
@allowed(_MANAGE)
@blueprint.input(OutgoingWebhookIn, location="json")
@blueprint.output(OutgoingWebhookSecretOut, status_code=201, description="It is told from now on.")
@blueprint.doc(tags=_TAGS)
def create_outgoing_webhook(json_data: dict[str, Any]) -> dict[str, Any]:
    """Create an outgoing webhook

    Each event is posted as `{"id", "type", "timestamp", "data"}`, signed as Standard Webhooks says, and tried
    for three days until the answer is 2xx. The same event may come twice (drop what has a `webhook-id` you
    know), and events may come in any order.
    """
    webhook, secret = webhooks.create_webhook(values=json_data, actor=current_actor())
    return show_with_secret(webhook, secret.reveal())


@blueprint.get("/outgoing-webhooks/<int:outgoing_webhook_id>/")
@allowed(_MANAGE, outgoing_webhook=queries.get_webhook)
@blueprint.output(OutgoingWebhookOut)
@blueprint.doc(tags=_TAGS)
def show_outgoing_webhook(outgoing_webhook: OutgoingWebhook) -> OutgoingWebhook:
    """Show an outgoing webhook"""
    return outgoing_webhook


@blueprint.put("/outgoing-webhooks/<int:outgoing_webhook_id>/")
@allowed(_MANAGE, outgoing_webhook=queries.get_webhook)
@blueprint.input(OutgoingWebhookIn, location="json")
@blueprint.output(OutgoingWebhookOut)
@blueprint.doc(tags=_TAGS)
def change_outgoing_webhook(outgoing_webhook: OutgoingWebhook, json_data: dict[str, Any]) -> OutgoingWebhook:
    """Change an outgoing webhook

    The whole of it but the secret: what is left out goes back to its default. What waits goes to the new
    address.
    """
    return webhooks.change_webhook(webhook=outgoing_webhook, values=json_data, actor=current_actor())


@blueprint.delete("/outgoing-webhooks/<int:outgoing_webhook_id>/")
@allowed(_MANAGE, outgoing_webhook=queries.get_webhook)
@blueprint.output({}, status_code=204, description="Deleted.")
@blueprint.doc(tags=_TAGS)
def delete_outgoing_webhook(outgoing_webhook: OutgoingWebhook) -> str:
    """Delete an outgoing webhook

    With its log and what waits to be delivered.
    """
    webhooks.delete_webhook(webhook=outgoing_webhook, actor=current_actor())
    return ""


@blueprint.post("/outgoing-webhooks/<int:outgoing_webhook_id>/rotate_secret/")
@allowed(_MANAGE, outgoing_webhook=queries.get_webhook)
@blueprint.output(OutgoingWebhookSecretOut, description="The new secret, this once.")
@blueprint.doc(tags=_TAGS)
def rotate_outgoing_webhook_secret(outgoing_webhook: OutgoingWebhook) -> dict[str, Any]:
    """Make a new secret

    For 24 hours deliveries carry two signatures, of the new secret and of the one before.
    """
    webhook, secret = webhooks.rotate_secret(webhook=outgoing_webhook, actor=current_actor())
    return show_with_secret(webhook, secret.reveal())


@blueprint.post("/outgoing-webhooks/<int:outgoing_webhook_id>/test/")
@allowed(_MANAGE, outgoing_webhook=queries.get_webhook)
@blueprint.output(OutgoingDeliveryOut, status_code=202, description="On its way.")
@blueprint.doc(tags=_TAGS)
def send_outgoing_webhook_test(outgoing_webhook: OutgoingWebhook) -> OutgoingDelivery:
    """Send a test event

    Of the type `test`. Look at its delivery to see how it ended.
    """
    return webhooks.send_test(webhook=outgoing_webhook, actor=current_actor())


@blueprint.get("/outgoing-webhooks/deliveries/")
@allowed(_MANAGE)
@blueprint.input(OutgoingDeliveryQuery, location="query", unknown=RAISE)
@blueprint.output(OutgoingDeliveryList)
@blueprint.doc(tags=_TAGS)
def list_outgoing_deliveries(query_data: dict[str, Any]) -> dict[str, Any]:
    """List deliveries

    Newest first, for as long as webhook events are kept.
    """
    found = queries.slice_deliveries(_filters(query_data), query_data.get("cursor"), query_data["limit"])
    return page_of(found)


def _filters(given: dict[str, Any]) -> DeliveryFilters:
    event, state = given.get("event"), given.get("state")
    return DeliveryFilters(
        webhook_id=given.get("outgoing_webhook"),
        account_id=given.get("account"),
        event=OutgoingEvent(event) if event else None,
        state=DeliveryState(state) if state else None,
        since=given.get("since"),
        until=given.get("until"),
    )


@blueprint.post("/outgoing-webhooks/deliveries/replay/")
@allowed(_MANAGE)
@blueprint.input(OutgoingReplayIn, location="json")
@blueprint.output(OutgoingReplayOut, status_code=202, description="On their way once more.")
@blueprint.doc(tags=_TAGS)
def replay_outgoing_deliveries(json_data: dict[str, Any]) -> dict[str, int]:
    """Replay deliveries

    Each is a delivery of its own, with the same body and the same `webhook-id`, marked as a replay.
    """
    return {"replayed": deliveries.replay_range(filters=_filters(json_data), actor=current_actor())}


@blueprint.get("/outgoing-webhooks/deliveries/<int:delivery_id>/")
@allowed(_MANAGE, delivery=queries.get_delivery)
@blueprint.output(OutgoingDeliveryDetailOut)
@blueprint.doc(tags=_TAGS)
def show_outgoing_delivery(delivery: OutgoingDelivery) -> dict[str, Any]:
    """Show a delivery

    With its body and each try.
    """
    return show_delivery(delivery, queries.list_attempts(delivery.id))


@blueprint.post("/outgoing-webhooks/deliveries/<int:delivery_id>/replay/")
@allowed(_MANAGE, delivery=queries.get_delivery)
@blueprint.output(OutgoingDeliveryOut, status_code=202, description="On its way once more.")
@blueprint.doc(tags=_TAGS)
def replay_outgoing_delivery(delivery: OutgoingDelivery) -> OutgoingDelivery:
    """Replay a delivery

    As a delivery of its own with the same `webhook-id`; one that still waits is tried at once instead.
    """
    return deliveries.replay_one(delivery=delivery, actor=current_actor())

"""Outgoing webhooks set up, changed, switched, tested and thrown away; their secrets made anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.crypto import Secret
from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.models import (
    CHOSEN_EVENTS,
    DeliveryState,
    OutgoingDelivery,
    OutgoingEvent,
    OutgoingWebhook,
    OutgoingWebhookAccount,
    utcnow,
)
from app.queries.access import Actor
from app.queries.accounts import list_known_account_ids
from app.services import audit
from app.services.outgoing import payloads
from app.services.outgoing.addresses import UnfitAddress, check_address
from app.services.outgoing.signing import new_secret

SECRET_OVERLAP = timedelta(hours=24)
"""How long the secret before still signs beside the new one."""
LONGEST_DESCRIPTION = 200
MOST_WEBHOOKS = 50


def create_webhook(*, values: Mapping[str, Any], actor: Actor) -> tuple[OutgoingWebhook, Secret]:
    """The new row and its secret, which is never to be had again.

    `values`: url, events, is_for_all, account_ids, description, is_on. Raises InvalidFields, NotReady.
    """
    _check(values)
    if (db.session.scalar(select(func.count(OutgoingWebhook.id))) or 0) >= MOST_WEBHOOKS:
        raise NotReady(f"There are {MOST_WEBHOOKS} outgoing webhooks already. Delete one that is not needed.")
    secret = new_secret()
    webhook = OutgoingWebhook(secret=secret, created_by_id=actor.user.id if actor.user else None)
    _apply(webhook, values)
    db.session.add(webhook)
    db.session.flush()
    _record(actor, "created", webhook)
    db.session.commit()
    return webhook, secret


def change_webhook(*, webhook: OutgoingWebhook, values: Mapping[str, Any], actor: Actor) -> OutgoingWebhook:
    """All of it but the secret. What waits goes to the new address. Raises InvalidFields."""
    webhook_id, is_moved = webhook.id, webhook.url != values["url"]
    _check(values, is_moved=is_moved or bool(values["is_on"]))
    webhook = db.session.get_one(OutgoingWebhook, webhook_id)
    _apply(webhook, values)
    if is_moved:
        webhook.failures, webhook.failing_since = 0, None
    _record(actor, "changed", webhook)
    db.session.commit()
    return webhook


def switch_webhook(*, webhook: OutgoingWebhook, is_on: bool, actor: Actor) -> OutgoingWebhook:
    """On again, what waited meanwhile goes out, and its failures are counted from nothing."""
    _switch(webhook, is_on)
    _record(actor, "switched_on" if is_on else "switched_off", webhook)
    db.session.commit()
    return webhook


def rotate_secret(*, webhook: OutgoingWebhook, actor: Actor) -> tuple[OutgoingWebhook, Secret]:
    """A new secret, never to be had again; for a day the one before signs as well."""
    secret = new_secret()
    webhook.previous_secret, webhook.secret = webhook.secret, secret
    webhook.previous_secret_until = utcnow() + SECRET_OVERLAP
    _record(actor, "secret_changed", webhook)
    db.session.commit()
    return webhook, secret


def delete_webhook(*, webhook: OutgoingWebhook, actor: Actor) -> None:
    """With its deliveries, also those that wait."""
    _record(actor, "deleted", webhook)
    db.session.delete(webhook)
    db.session.commit()


def send_test(*, webhook: OutgoingWebhook, actor: Actor) -> OutgoingDelivery:
    """An event that tells of nothing. Raises NotReady while the webhook is off."""
    if not webhook.is_on:
        raise NotReady("This outgoing webhook is switched off. Switch it on, then send a test event.")
    event_id = payloads.new_event_id()
    data = {"message": "This is a test event. Nothing has happened."}
    delivery = OutgoingDelivery(
        webhook_id=webhook.id,
        event_id=event_id,
        event=OutgoingEvent.TEST,
        body=payloads.body_of(event_id, OutgoingEvent.TEST, utcnow(), data),
        state=DeliveryState.WAITING,
    )
    db.session.add(delivery)
    _record(actor, "tested", webhook)
    db.session.commit()
    return delivery


def _apply(webhook: OutgoingWebhook, values: Mapping[str, Any]) -> None:
    webhook.url = values["url"].strip()
    webhook.description = values["description"].strip()
    webhook.events = [event.value for event in CHOSEN_EVENTS if event in values["events"]]
    webhook.is_for_all = values["is_for_all"]
    wanted = set() if webhook.is_for_all else set(values["account_ids"])
    kept = [link for link in webhook.accounts if link.account_id in wanted]
    new = wanted - {link.account_id for link in kept}
    webhook.accounts = kept + [OutgoingWebhookAccount(account_id=id_) for id_ in sorted(new)]
    _switch(webhook, values["is_on"])


def _switch(webhook: OutgoingWebhook, is_on: bool) -> None:
    if webhook.is_on is is_on:
        return
    webhook.is_on, webhook.off_reason = is_on, ""
    webhook.failures, webhook.failing_since = 0, None


def _check(values: Mapping[str, Any], *, is_moved: bool = True) -> None:
    """Raises InvalidFields. The name in the address is looked up with no transaction open."""
    problems = []
    if not set(values["events"]) & set(CHOSEN_EVENTS):
        problems.append(FieldProblem("events", "Choose at least one kind of event."))
    unknown = set(values["events"]) - set(CHOSEN_EVENTS)
    if unknown:
        problems.append(FieldProblem("events", f"There is no event called {min(unknown)}."))
    problems += _check_accounts(values)
    if len(values["description"]) > LONGEST_DESCRIPTION:
        text = f"Use at most {LONGEST_DESCRIPTION} characters."
        problems.append(FieldProblem("description", text))
    db.session.commit()
    if is_moved:
        problems += _check_url(values["url"].strip())
    if problems:
        raise InvalidFields(problems)


def _check_accounts(values: Mapping[str, Any]) -> list[FieldProblem]:
    if values["is_for_all"]:
        return []
    if not values["account_ids"]:
        return [FieldProblem("account_ids", "Choose at least one account, or all of them.")]
    strange = set(values["account_ids"]) - list_known_account_ids()
    if not strange:
        return []
    return [FieldProblem("account_ids", f"There is no account with the id {min(strange)}.")]


def _check_url(url: str) -> list[FieldProblem]:
    try:
        check_address(url)
    except UnfitAddress as error:
        return [FieldProblem("url", str(error))]
    return []


def _record(actor: Actor, what: str, webhook: OutgoingWebhook) -> None:
    audit.record(
        actor,
        f"outgoing_webhook.{what}",
        object_type="outgoing_webhook",
        object_id=webhook.id,
        details={
            "url": webhook.url,
            "events": webhook.events,
            "accounts": "all" if webhook.is_for_all else webhook.account_ids,
            "is_on": webhook.is_on,
        },
    )

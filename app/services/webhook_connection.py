"""Telling Meta where an account's events go: to this console's webhook."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

from flask import current_app

from app.errors import NotReady
from app.extensions import db
from app.graph.apps import WEBHOOK_OBJECT, AppSubscription
from app.graph.client import GraphClient
from app.graph.errors import GraphAuthError, GraphBlocked, GraphError, GraphRejected
from app.models import Account, utcnow
from app.queries import accounts as account_queries
from app.queries.access import EVERYTHING, Actor
from app.services import audit
from app.services.connections import client_for
from app.services.setup_checks import Connection, meta_code, unavailable

WEBHOOK_FIELDS = (
    "messages",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "flows",
    "phone_number_quality_update",
    "phone_number_name_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "security",
)
FURTHER_FIELDS = ("user_preferences", "user_id_update", "smb_message_echoes", "history")
"""Newer, or only for numbers that are used in the WhatsApp Business app too: Meta may not know them for every
app, and refuses the whole list then."""
LONGEST_CALLBACK = 200
_REFUSALS = (GraphAuthError, GraphBlocked, GraphRejected)


class WebhookRefused(NotReady):
    """Meta did not take our address."""

    code = "webhook_refused"


def callback_url() -> str:
    """The address Meta posts events to."""
    url: str = current_app.config["SETTINGS"].webhook_url
    return url


def connect_webhook(*, account: Account, actor: Actor, take_over: bool = False) -> None:
    """Subscribe the app to the account with our address, which Meta calls at once to verify it.

    The app's own callback gets account and message-template events; one that points to another
    system is left alone unless `take_over`. Raises WebhookRefused, NotReady, MetaUnavailable.
    """
    client, connection, account_id, url = (
        client_for(account),
        Connection.of(account),
        account.id,
        callback_url(),
    )
    _check_address(url)
    if not connection.webhook_verify_token:
        raise NotReady("The verify token is missing. Enter it in step 3.")
    db.session.commit()
    try:
        client.accounts.subscribe(connection.waba_id, url, connection.webhook_verify_token.reveal())
    except _REFUSALS as error:
        raise WebhookRefused(_why_refused(url, error)) from error
    except GraphError as error:
        raise unavailable(error) from error
    _connect_app(client, connection, url, take_over=take_over)
    account = account_queries.get_account(account_id, EVERYTHING)
    account.subscribed_at = utcnow()
    audit.record(
        actor,
        "account.webhook_connected",
        account_id=account_id,
        object_type="account",
        object_id=account_id,
        details={"url": url, "take_over": take_over},
    )
    db.session.commit()


def disconnect_webhook(account: Account) -> None:
    """Ask Meta to stop sending; an account that Meta does not let us reach is left as it is."""
    if account.subscribed_at is None:
        return
    connection = Connection.of(account)
    try:
        client = client_for(account)
        db.session.commit()
        client.accounts.unsubscribe(connection.waba_id)
    except (GraphError, NotReady) as error:
        current_app.logger.info("the app stays subscribed to %s at Meta: %s", connection.waba_id, error)


def find_app_callback(subscriptions: list[AppSubscription]) -> str:
    """Where the app's own events go; empty when it has no callback."""
    return next(
        (
            item.callback_url or ""
            for item in subscriptions
            if item.object == WEBHOOK_OBJECT and item.is_active
        ),
        "",
    )


def _connect_app(client: GraphClient, connection: Connection, url: str, *, take_over: bool) -> None:
    """The app's own callback; a refusal here shows in the check list and holds up nothing else."""
    app_id, secret = connection.app_id, connection.app_secret.reveal()
    try:
        present = find_app_callback(client.apps.list_subscriptions(app_id, secret))
        if present in ("", url) or take_over:
            _subscribe_app(client, connection, url)
    except GraphError as error:
        current_app.logger.warning("the callback of app %s was not set: %s", app_id, error)


def _subscribe_app(client: GraphClient, connection: Connection, url: str) -> None:
    subscribe = partial(
        client.apps.subscribe,
        connection.app_id,
        connection.app_secret.reveal(),
        callback_url=url,
        verify_token=connection.webhook_verify_token.reveal(),
    )
    try:
        subscribe(fields=(*WEBHOOK_FIELDS, *FURTHER_FIELDS))
    except GraphRejected:
        subscribe(fields=WEBHOOK_FIELDS)


def _check_address(url: str) -> None:
    """What Meta could never reach is not worth asking for."""
    settings = current_app.config["SETTINGS"]
    if len(url) > LONGEST_CALLBACK:
        raise WebhookRefused(
            f"The webhook address is too long. Meta takes {LONGEST_CALLBACK} characters at most; shorten "
            "PUBLIC_BASE_URL."
        )
    if not settings.is_sandbox and urlsplit(url).scheme != "https":
        raise WebhookRefused(
            f"Meta cannot reach {url}. Events only come to a public address with https. Set PUBLIC_BASE_URL "
            "to the address of this console on the internet, restart it, and try again."
        )


def _why_refused(url: str, error: GraphError) -> str:
    words = error.user_message or error.details or error.title
    return (
        f"Meta did not connect the webhook. It called {url} and was not satisfied: “{words}”. Check that "
        "this address is reachable from the internet, with a valid certificate, and leads to this console."
        f"{meta_code(error)}"
    )

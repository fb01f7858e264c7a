"""Our Graph client in a test's own hands."""

from __future__ import annotations

from flask import current_app

from app.graph.client import GraphClient
from app.models import Account
from app.services.connections import shared_session


def client_of(account: Account) -> GraphClient:
    """Its calls are not kept: their row would have to wait for the transaction that a test has open."""
    settings = current_app.config["SETTINGS"]
    assert account.access_token is not None
    return GraphClient(
        shared_session(settings.send_threads),
        base_url=settings.graph_api_base_url,
        version=settings.graph_api_version,
        token=account.access_token.reveal(),
        app_secret=account.app_secret.reveal() if account.app_secret else None,
    )

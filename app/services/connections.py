"""Graph clients for accounts, over one pooled session per process."""

from __future__ import annotations

import threading

import requests
from flask import current_app

from app.crypto import Secret
from app.errors import NotReady
from app.graph.client import GraphClient
from app.graph.transport import build_session
from app.models import Account
from app.services.graph_calls import observer_for

_session_lock = threading.Lock()
_sessions: dict[int, requests.Session] = {}


def client_for(account: Account) -> GraphClient:
    """A client with the account's own token and secret. Raises NotReady when it has none, or when the
    account belongs to the sandbox and the app now talks to Meta (or the other way round)."""
    if account.access_token is None:
        raise NotReady("This account has no access token. Enter one in step 3 of its set-up.")
    require_same_world(account)
    return client_with(account.access_token, account.app_secret, account_id=account.id)


def require_same_world(account: Account) -> None:
    """Raises NotReady for a sandbox account when the app talks to Meta, and the other way round."""
    if account.is_sandbox != current_app.config["SETTINGS"].is_sandbox:
        place = "the sandbox" if account.is_sandbox else "Meta"
        raise NotReady(f"This account was connected to {place}, and GRAPH_API_BASE_URL now points elsewhere.")


def client_with(
    access_token: Secret, app_secret: Secret | None = None, *, account_id: int | None = None
) -> GraphClient:
    """A client for values that are not stored yet, such as those of a set-up step.

    `account_id`: whose calls they are, in the record of calls.
    """
    settings = current_app.config["SETTINGS"]
    return GraphClient(
        shared_session(settings.send_threads),
        base_url=settings.graph_api_base_url,
        version=settings.graph_api_version,
        token=access_token.reveal(),
        app_secret=app_secret.reveal() if app_secret else None,
        observer=observer_for(account_id),
    )


def shared_session(pool_size: int) -> requests.Session:
    """The process's session: connections to Meta are kept open and used again."""
    with _session_lock:
        session = _sessions.get(pool_size)
        if session is None:
            session = _sessions[pool_size] = build_session(pool_size)
        return session

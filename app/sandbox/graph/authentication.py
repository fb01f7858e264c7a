"""Tokens of a call: Bearer or `access_token=`, `appsecret_proof`, scopes, and which accounts it may see."""

import hashlib
import hmac
import time
from dataclasses import replace

from flask import Request

from ..database import Database
from ..store import accounts, node_settings, tokens, worlds
from ..store.tokens import Token
from .errors import GraphError, unsupported
from .parameters import Parameters
from .registry import Endpoint, Node

# What an operator decided about an app: `is_proof_required`, `is_capable`.
APP_SWITCHES = "app_switches"
NOBODY = Token("", "", "", "", (), (), 0.0, 0.0)
# Wordings (unverified).
REVOKED = {
    458: "The user has not authorized the application.",
    460: "The session has been invalidated because the user changed the password.",
    467: "The session has been invalidated.",
}


def sent_token(request: Request, params: Parameters) -> str:
    """Blank when none was sent. Both words are in use: Bearer, and OAuth for uploads.

    `access_token=` wins over the header: so pywa 4.5.0 registers a callback, with the token of the app as
    a parameter beside the Bearer token of the account (unverified).
    """
    if given := params.get("access_token"):
        return str(given)
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "oauth"} else ""


def require(value: str, path: str) -> None:
    """Some paths have their own word for a missing token: 2500 for `/me`, 104 for uploads (unverified)."""
    if value:
        return
    if path.partition("/")[0] == "me":
        message = "An active access token must be used to query information about the current user."
        raise GraphError(2500, message, http=400, is_prefixed=False)
    if path.startswith("upload:") or path.endswith("/uploads"):
        raise GraphError(104, http=401)


def authenticate(db: Database, value: str, proof: str | None) -> Token:
    """Raises GraphError 190 for a missing, unknown, expired or revoked token, 100 for a wrong proof."""
    if not value:
        raise GraphError(190, "An access token is required to request this resource.", is_prefixed=False)
    token = _app_token(db, value) if "|" in value else _user_token(db, value)
    switches = node_settings.get(db, token.app_id, APP_SWITCHES, {})
    if switches.get("is_proof_required") or proof is not None:
        _check_proof(db, token, proof)
    if switches.get("is_capable") is False:
        raise GraphError(3)
    return token


def expired(at: float) -> GraphError:
    since = time.strftime("%A, %d-%b-%y %H:%M:%S UTC", time.gmtime(at))
    message = f"Error validating access token: Session has expired on {since}."
    return GraphError(190, message, subcode=463, is_prefixed=False)


def self_node(token: Token) -> Node:
    """What `/me` stands for."""
    if token.is_app:
        return Node("app", token.app_id, {"id": token.app_id, "name": token.user_name})
    return Node("user", token.user_id, {"id": token.user_id, "name": token.user_name})


def check_access(token: Token, endpoint: Endpoint, node: Node, edge_name: str, method: str) -> None:
    """Raises GraphError 100/33 for an account the token does not see, 10 or 200 for a missing permission."""
    if endpoint.app_only:
        _check_app_token(token, node)
        return
    if node.kind == "app" and node.id != token.app_id:
        raise unsupported(method, node.id)
    if node.waba_id and not token.can_see(node.waba_id):
        raise _not_visible(node, edge_name, method)
    if endpoint.scope and not token.is_app and endpoint.scope not in token.scopes:
        raise missing_scope(endpoint.scope)
    if endpoint.scope and token.is_app:
        raise GraphError(200, "Provide valid app ID")


def missing_scope(scope: str) -> GraphError:
    """Wording unverified; the code is 10 for messaging and 200 for management."""
    if scope == "whatsapp_business_messaging":
        return GraphError(10)
    return GraphError(200, f"Requires {scope} permission to manage the object")


def _user_token(db: Database, value: str) -> Token:
    token = tokens.find(db, value)
    if token is None:
        raise GraphError(190, is_prefixed=False)
    if token.revocation is not None:
        raise _revoked(token.revocation)
    if token.is_expired:
        raise expired(token.expires_at)
    # A token for everything still belongs to one world: the accounts its app was given.
    return (
        replace(token, reach=worlds.accounts_of_app(db, token.app_id)) if token.target_ids is None else token
    )


def _revoked(subcode: int) -> GraphError:
    if not subcode:
        return GraphError(0)
    message = f"Error validating access token: {REVOKED.get(subcode, REVOKED[467])}"
    return GraphError(190, message, subcode=subcode, is_prefixed=False)


def _app_token(db: Database, value: str) -> Token:
    token = tokens.find_app_token(db, value)
    if token is not None:
        return token
    # Which code Meta uses for a wrong secret in APP_ID|APP_SECRET is unverified; 190 is the token error.
    message = "Error validating application. Cannot get application info due to a system error."
    raise GraphError(190, message, is_prefixed=False)


def _check_proof(db: Database, token: Token, proof: str | None) -> None:
    if proof is None:
        message = "API calls from the server require an appsecret_proof argument"
        raise GraphError(100, message, type_="GraphMethodException", is_prefixed=False)
    app = accounts.find_app(db, token.app_id)
    secret = str(app["secret"]) if app else ""
    right = hmac.new(secret.encode(), token.value.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), proof.encode()):
        message = "Invalid appsecret_proof provided in the API argument"
        raise GraphError(100, message, type_="GraphMethodException", is_prefixed=False)


def _check_app_token(token: Token, node: Node) -> None:
    if not token.is_app:
        raise GraphError(
            15, "This method must be called with an app access token.", http=400, type_="OAuthException"
        )
    if token.app_id != node.id:
        raise unsupported("get", node.id)


def _not_visible(node: Node, edge_name: str, method: str) -> GraphError:
    # Source: Meta docs, "Templates" page, read 2026-03: code 200 for message templates.
    if node.kind == "message_template" or edge_name == "message_templates":
        return GraphError(200, "You do not have permission to access the message templates of this account.")
    return unsupported(method, node.id)

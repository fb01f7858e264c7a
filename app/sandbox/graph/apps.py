"""Apps, the user behind a token, and tokens themselves: `/{app}`, `/me`, `debug_token`, `oauth/access_token`.

Source: Meta docs, "Access tokens" and "debug_token" pages, read 2026-03.
"""

import hmac
from typing import Any

from .. import ids
from ..database import Database
from ..store import accounts, signup_codes, tokens
from ..store.tokens import Token
from . import errors
from .errors import GraphError
from .nodes import column, computed, constant, read
from .registry import NODE_TYPES, Answer, Call, Node, NodeType, edge, finder

NODE_TYPES["app"] = NodeType(
    graph_name="Application",
    readers={
        "name": column("name"),
        "category": constant("Business"),
        "link": computed(lambda row: f"https://www.facebook.com/games/?app_id={row['id']}"),
        "namespace": constant(None),
    },
    default=("category", "link", "name"),
    scope=None,
)
NODE_TYPES["user"] = NodeType("User", {"name": column("name")}, ("name",), None)
NODE_TYPES["root"] = NodeType("Root", {}, (), None)


@finder
def find_app(db: Database, node_id: str) -> Node | None:
    row = accounts.find_app(db, node_id)
    return None if row is None else Node("app", node_id, {"id": row["id"], "name": row["name"]})


@edge("app", "", "GET")
def get_app(call: Call) -> Answer:
    return read(call)


@edge("user", "", "GET")
def get_user(call: Call) -> Answer:
    return read(call)


@edge("root", "oauth/access_token", "GET", is_open=True)
def get_app_token(call: Call) -> Answer:
    """Wordings and codes 1 and 101 (unverified)."""
    app = accounts.find_app(call.db, call.params.required_text("client_id"))
    secret = call.params.required_text("client_secret")
    if app is None:
        message = "Error validating application. Cannot get application info due to a system error."
        raise GraphError(101, message, is_prefixed=False)
    if not hmac.compare_digest(app["secret"].encode(), secret.encode()):
        raise GraphError(1, "Error validating client secret.", is_prefixed=False)
    code = call.params.text("code")
    if code:
        return _exchange(call, app["id"], code)
    if call.params.text("grant_type") != "client_credentials":
        raise errors.one_of("grant_type", ("client_credentials",), call.params.text("grant_type"))
    return {"access_token": tokens.app_token(app["id"], secret), "token_type": "bearer"}


def _exchange(call: Call, app_id: str, code: str) -> Answer:
    """A token for the one account of the sign-up. Subcodes 36007 and 36009 (unverified)."""
    row = signup_codes.take(call.db, code, app_id)
    if row is None:
        message = "This authorization code has been used or has expired."
        raise GraphError(100, message, subcode=36009, is_prefixed=False)
    token = tokens.system_user(ids.access_token(), app_id, row["waba_id"])
    tokens.insert(call.db, token)
    return {"access_token": token.value, "token_type": "bearer"}


@edge("root", "oauth/access_token", "POST", is_open=True)
def post_app_token(call: Call) -> Answer:
    answer: Answer = get_app_token(call)
    return answer


@edge("root", "debug_token", "GET")
def debug_token(call: Call) -> Answer:
    """An unusable token is an answer, not an error (unverified shape of `data.error`)."""
    value = call.params.required_text("input_token")
    find = tokens.find_app_token if "|" in value else tokens.find
    token = find(call.db, value)
    if token is None:
        return {"data": _trouble(190, "Invalid OAuth access token.", None)}
    if token.app_id != call.token.app_id:
        raise GraphError(100, "The App_id in the input_token did not match the Viewing App")
    return {"data": _described(call.db, token)}


def _described(db: Database, token: Token) -> dict[str, Any]:
    app = accounts.find_app(db, token.app_id)
    described: dict[str, Any] = {
        "app_id": token.app_id,
        "type": "APP" if token.is_app else "SYSTEM_USER",
        "application": app["name"] if app else "",
        "data_access_expires_at": int(token.data_access_expires_at),
        "expires_at": int(token.expires_at),
        "issued_at": int(token.issued_at),
        "is_valid": True,
        "scopes": list(token.scopes),
        "granular_scopes": [_granular(scope, token) for scope in token.scopes],
    }
    if not token.is_app:
        described["user_id"] = token.user_id
    if token.is_expired:
        described |= _trouble(190, "Error validating access token: Session has expired.", 463)
    if token.revocation is not None:
        described |= _trouble(190, "Error validating access token: The session is invalid.", token.revocation)
    return described


def _granular(scope: str, token: Token) -> dict[str, Any]:
    """Without target_ids the scope holds for all assets."""
    if token.target_ids is None or not scope.startswith("whatsapp"):
        return {"scope": scope}
    return {"scope": scope, "target_ids": list(token.target_ids)}


def _trouble(code: int, message: str, subcode: int | None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if subcode is not None:
        error["subcode"] = subcode
    return {"error": error, "is_valid": False} | ({} if subcode else {"scopes": []})

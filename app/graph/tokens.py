"""Looking into access tokens. Source: Meta docs, "Debug token" page, read 2026-09."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.graph import reading
from app.graph.call_info import CallInfo
from app.graph.calls import Answer, Caller, Params, Wire
from app.graph.errors import GraphUnexpected

NEEDED_SCOPES = ("whatsapp_business_management", "whatsapp_business_messaging")


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What Meta knows about a token.

    `expires_at` is None for one that never expires (`never_expires`) or when Meta does not say.
    `targets` maps a scope to the ids it is limited to; a scope that is missing there covers all
    assets. An invalid token is an answer, not an error: `is_valid` False with `error_*`
    (unverified).
    """

    is_valid: bool
    app_id: str | None = None
    application: str | None = None
    type: str | None = None
    user_id: str | None = None
    expires_at: datetime | None = None
    never_expires: bool = False
    data_access_expires_at: datetime | None = None
    issued_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    error_code: int | None = None
    error_subcode: int | None = None
    error_message: str | None = None
    info: CallInfo = field(default_factory=CallInfo, compare=False, repr=False)

    def missing_scopes(self) -> tuple[str, ...]:
        """The permissions this product needs and the token lacks."""
        return tuple(scope for scope in NEEDED_SCOPES if scope not in self.scopes)

    def covers(self, scope: str, node_id: str) -> bool:
        """Has the token this permission for this account?"""
        return scope in self.scopes and (scope not in self.targets or node_id in self.targets[scope])


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that Meta gave; it stands in no repr. `expires_in_s` is None if Meta does not say."""

    token: str = field(repr=False)
    token_type: str | None = None
    expires_in_s: int | None = None


class Tokens:
    """`client.tokens`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def debug(self, input_token: str, *, app_id: str, app_secret: str) -> TokenInfo:
        """Ask about a token with the app's own token, which also proves app id and app secret.

        Raises GraphAuthError or GraphRejected if Meta does not know this pair of id and secret.
        """
        answer = self._call(
            "GET",
            "debug_token",
            params={"input_token": input_token},
            token=f"{app_id}|{app_secret}",
            app_secret=app_secret,
        )
        return _token_info(reading.mapping(answer.data.get("data")), answer.info)

    def exchange_code(
        self, code: str, *, app_id: str, app_secret: str, redirect_uri: str | None = None
    ) -> AccessToken:
        """The customer's token for the code of an Embedded Signup (valid 30 seconds, once).

        `redirect_uri` only for a login that had one; Embedded Signup has none.
        Source: Meta docs, "Embedded Signup" page, read 2026-09.
        """
        params = {"client_id": app_id, "client_secret": app_secret, "code": code}
        if redirect_uri is not None:
            params["redirect_uri"] = redirect_uri
        return self._ask(params)

    def get_app_token(self, *, app_id: str, app_secret: str) -> AccessToken:
        """The app's own token, which also proves this pair of id and secret."""
        return self._ask(
            {"client_id": app_id, "client_secret": app_secret, "grant_type": "client_credentials"}
        )

    def _ask(self, params: Params) -> AccessToken:
        """Ask without the client's own token, which has no business here."""
        return _access_token(self._call("GET", "oauth/access_token", params=params, wire=Wire(scheme="")))


def _access_token(answer: Answer) -> AccessToken:
    token = reading.text(answer.data.get("access_token"))
    if token is None:
        raise GraphUnexpected("Meta's answer has no token", info=answer.info)
    return AccessToken(
        token=token,
        token_type=reading.text(answer.data.get("token_type")),
        expires_in_s=reading.integer(answer.data.get("expires_in")),
    )


def _token_info(found: Mapping[str, Any], info: CallInfo) -> TokenInfo:
    error = reading.mapping(found.get("error"))
    expires = reading.integer(found.get("expires_at"))
    return TokenInfo(
        is_valid=reading.boolean(found.get("is_valid")) is True,
        app_id=reading.text(found.get("app_id")),
        application=reading.text(found.get("application")),
        type=reading.text(found.get("type")),
        user_id=reading.text(found.get("user_id")),
        expires_at=reading.moment(expires) if expires else None,
        never_expires=expires == 0,
        data_access_expires_at=_moment_unless_zero(found.get("data_access_expires_at")),
        issued_at=_moment_unless_zero(found.get("issued_at")),
        scopes=reading.texts(found.get("scopes")),
        targets=_targets(found.get("granular_scopes")),
        error_code=reading.integer(error.get("code")),
        error_subcode=reading.integer(error.get("subcode")),
        error_message=reading.text(error.get("message")),
        info=info,
    )


def _moment_unless_zero(value: object) -> datetime | None:
    return reading.moment(value) if reading.integer(value) else None


def _targets(value: object) -> dict[str, tuple[str, ...]]:
    return {
        scope: reading.texts(found["target_ids"])
        for found in reading.mappings(value)
        if (scope := reading.text(found.get("scope"))) and "target_ids" in found
    }

"""People and API keys. Only owners' keys get here."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.schemas.people import (
    ApiKeyIn,
    ApiKeyList,
    ApiKeyOut,
    InvitationIn,
    InvitationOut,
    NewApiKeyOut,
    PersonChange,
    PersonList,
    PersonOut,
)
from app.crypto import API_KEY_PREFIX
from app.errors import FieldProblem, InvalidFields
from app.models import ApiKey, Role, User
from app.queries import people as queries
from app.queries.access import AccountScope
from app.services import api_keys, invitations, people
from app.web.identity import current_actor

_PEOPLE = ["People"]
_KEYS = ["API keys"]


def _get_user(user_id: int, _scope: AccountScope) -> User:
    return queries.get_user(user_id)


def _get_api_key(api_key_id: int, _scope: AccountScope) -> ApiKey:
    return queries.get_api_key(api_key_id)


@blueprint.get("/users/")
@allowed("people.manage")
@blueprint.output(PersonList)
@blueprint.doc(tags=_PEOPLE)
def list_users() -> dict[str, Any]:
    """List people

    Everybody, those who may sign in first.
    """
    return {"results": queries.list_users(), "next": None, "previous": None}


@blueprint.post("/users/")
@allowed("people.manage")
@blueprint.input(InvitationIn, location="json")
@blueprint.output(InvitationOut, status_code=201, description="Hand the link over; it works once.")
@blueprint.doc(tags=_PEOPLE)
def invite_user(json_data: dict[str, Any]) -> dict[str, Any]:
    """Invite a person

    Whoever opens the link chooses a name and a password and is there from then on. An older invitation to the
    same address ends.
    """
    invitation, token = invitations.invite(
        email=json_data["email"],
        name=json_data["name"],
        role=Role(json_data["role"]),
        account_ids=json_data["account_ids"],
        actor=current_actor(),
    )
    base = current_app.config["SETTINGS"].public_base_url
    names = ("id", "email", "role", "expires_at")
    link = base + url_for("auth.invitation", token=token.reveal())
    return {**{name: getattr(invitation, name) for name in names}, "link": link}


@blueprint.get("/users/<int:user_id>/")
@allowed("people.manage", user=_get_user)
@blueprint.output(PersonOut)
@blueprint.doc(tags=_PEOPLE)
def show_user(user: User) -> User:
    """Show a person"""
    return user


@blueprint.patch("/users/<int:user_id>/")
@allowed("people.manage", user=_get_user)
@blueprint.input(PersonChange, location="json")
@blueprint.output(PersonOut, description="It holds from the next request on.")
@blueprint.doc(tags=_PEOPLE)
def change_user(user: User, json_data: dict[str, Any]) -> User:
    """Change a person's rights

    With `role` go the accounts, all of them: one that is not named is taken away.
    """
    if "account_ids" in json_data and "role" not in json_data:
        raise InvalidFields([FieldProblem("role", "Name the role that holds in these accounts.")])
    actor = current_actor()
    if "role" in json_data:
        role = Role(json_data["role"])
        people.set_rights(user=user, role=role, account_ids=json_data.get("account_ids", ()), actor=actor)
    if "is_active" in json_data and json_data["is_active"] != user.is_active:
        (people.switch_on if json_data["is_active"] else people.switch_off)(user=user, actor=actor)
    return user


@blueprint.get("/api-keys/")
@allowed("keys.manage")
@blueprint.output(ApiKeyList)
@blueprint.doc(tags=_KEYS)
def list_api_keys() -> dict[str, Any]:
    """List API keys"""
    return {"results": [_shown(key) for key in queries.list_api_keys()], "next": None, "previous": None}


@blueprint.post("/api-keys/")
@allowed("keys.manage")
@blueprint.input(ApiKeyIn, location="json")
@blueprint.output(NewApiKeyOut, status_code=201, description="The key, this once.")
@blueprint.doc(tags=_KEYS)
def create_api_key(json_data: dict[str, Any]) -> dict[str, Any]:
    """Make an API key"""
    api_key, text = api_keys.create_api_key(
        name=json_data["name"],
        role=Role(json_data["role"]),
        account_ids=json_data["account_ids"],
        expires_at=json_data["expires_at"],
        actor=current_actor(),
    )
    return {**_shown(api_key), "key": text.reveal()}


@blueprint.get("/api-keys/<int:api_key_id>/")
@allowed("keys.manage", api_key=_get_api_key)
@blueprint.output(ApiKeyOut)
@blueprint.doc(tags=_KEYS)
def show_api_key(api_key: ApiKey) -> dict[str, Any]:
    """Show an API key"""
    return _shown(api_key)


@blueprint.delete("/api-keys/<int:api_key_id>/")
@allowed("keys.manage", api_key=_get_api_key)
@blueprint.output({}, status_code=204, description="It opens nothing from the next request on.")
@blueprint.doc(tags=_KEYS)
def revoke_api_key(api_key: ApiKey) -> str:
    """Revoke an API key"""
    api_keys.revoke_api_key(api_key_id=api_key.id, actor=current_actor())
    return ""


def _shown(api_key: ApiKey) -> dict[str, Any]:
    names = ("id", "name", "role", "created_at", "expires_at", "last_used_at", "revoked_at")
    return {
        **{name: getattr(api_key, name) for name in names},
        "account_ids": sorted(link.account_id for link in api_key.accounts),
        "prefix": f"{API_KEY_PREFIX}{api_key.prefix}",
    }

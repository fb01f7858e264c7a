"""People, invitations and API keys, for owners' keys."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields, validate

from app.api.schemas.fields import Choice, Flag, Id, Moment, Text, described, list_of
from app.models import Role

_ROLE = described("", "agent")
_ACCOUNTS = described("Accounts, by our ids; for an owner none, who sees all.", [1])


def _ids(**options: Any) -> fields.Field[Any]:
    return fields.List(Id(), validate=validate.Length(max=1000), metadata=_ACCOUNTS, **options)


class PersonAccountOut(Schema):
    """A person's rights in one account."""

    waba_account_id = fields.Integer(required=True, attribute="account_id")
    role = Choice(*Role, required=True, metadata=_ROLE)


class PersonOut(Schema):
    """Somebody who may sign in."""

    id = fields.Integer(required=True, metadata=described("Our id.", 3))
    email = fields.String(required=True, metadata=described("", "amara@example.com"))
    name = fields.String(required=True, metadata=described("", "Amara"))
    role = Choice(*Role, required=True, metadata=_ROLE)
    accounts = fields.List(fields.Nested(PersonAccountOut), required=True, attribute="memberships")
    is_active = Flag(required=True, metadata=described("May sign in.", True))
    last_sign_in_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)


PersonList = list_of(PersonOut, "PersonList")


class PersonChange(Schema):
    """Rights, the whole of them; or only whether the person may sign in."""

    role = Choice(*Role, metadata=_ROLE)
    account_ids = _ids()
    is_active = Flag(metadata=described("false: signed out everywhere, at once.", True))


class InvitationIn(Schema):
    """Whom to invite."""

    email = Text(254, required=True, metadata=described("", "amara@example.com"))
    name = Text(100, load_default="", metadata=described("", "Amara"))
    role = Choice(*Role, required=True, metadata=_ROLE)
    account_ids = _ids(load_default=list)


class InvitationOut(Schema):
    """An invitation. Its link is in the answer to its making, and nowhere else."""

    id = fields.Integer(required=True, metadata=described("Our id.", 1))
    email = fields.String(required=True, metadata=described("", "amara@example.com"))
    role = Choice(*Role, required=True, metadata=_ROLE)
    expires_at = Moment(required=True)
    link = fields.String(
        required=True, metadata=described("For the invited person; works once.", "https://…/invitation/…")
    )


class ApiKeyOut(Schema):
    """An API key, without its text."""

    id = fields.Integer(required=True, metadata=described("Our id.", 2))
    name = fields.String(required=True, metadata=described("", "Shop"))
    role = Choice(*Role, required=True, metadata=_ROLE)
    account_ids = fields.List(fields.Integer(), required=True, metadata=_ACCOUNTS)
    prefix = fields.String(required=True, metadata=described("How the key begins.", "waba_5GkA"))
    created_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    last_used_at = Moment(required=True, allow_none=True)
    revoked_at = Moment(required=True, allow_none=True)


ApiKeyList = list_of(ApiKeyOut, "ApiKeyList")


class ApiKeyIn(Schema):
    """A key to make."""

    name = Text(100, least=1, required=True, metadata=described("", "Shop"))
    role = Choice(*Role, required=True, metadata=_ROLE)
    account_ids = _ids(load_default=list)
    expires_at = Moment(
        load_default=None, allow_none=True, metadata=described("null or left out: never.", "2027-11-29")
    )


class NewApiKeyOut(ApiKeyOut):
    """With the key's text, this once."""

    key = fields.String(required=True, metadata=described("Never to be had again.", "waba_5GkA…"))

"""API keys: made and shown once, found by prefix, compared by hash, revoked at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, update

from app.crypto import Secret, api_key_prefix, hash_token, new_api_key, same_token
from app.errors import FieldProblem, InvalidFields, NotFound
from app.extensions import db
from app.models import ApiKey, ApiKeyAccount, Role, utcnow
from app.queries import people as people_queries
from app.queries.access import SYSTEM, Actor
from app.queries.accounts import list_known_account_ids
from app.services import audit

_NAME_LENGTH = 100
_TOUCH_EVERY = timedelta(minutes=1)


def create_api_key(
    *,
    name: str,
    role: Role,
    account_ids: Iterable[int] = (),
    expires_at: datetime | None = None,
    actor: Actor = SYSTEM,
) -> tuple[ApiKey, Secret]:
    """The stored key and the whole text, which is never to be had again.

    An owner's key sees every account, so `account_ids` is for the other roles. Raises InvalidFields.
    """
    wanted = [] if role is Role.OWNER else sorted(set(account_ids))
    _check(name, wanted, expires_at)
    text, prefix, digest = new_api_key()
    api_key = ApiKey(
        name=name.strip(),
        role=role,
        prefix=prefix,
        key_hash=digest,
        expires_at=expires_at,
        created_by_id=actor.user.id if actor.user else None,
    )
    api_key.accounts = [ApiKeyAccount(account_id=account_id) for account_id in wanted]
    db.session.add(api_key)
    db.session.flush()
    audit.record(
        actor,
        "api_key.created",
        object_type="api_key",
        object_id=api_key.id,
        details={"name": api_key.name, "role": role.value, "accounts": wanted},
    )
    db.session.commit()
    return api_key, Secret(text)


def revoke_api_key(*, api_key_id: int, actor: Actor) -> ApiKey:
    """From the next request on the key opens nothing; revoking twice changes nothing. Raises NotFound."""
    api_key = db.session.get(ApiKey, api_key_id)
    if api_key is None:
        raise NotFound("There is no such API key.")
    if api_key.revoked_at is None:
        api_key.revoked_at = utcnow()
        audit.record(
            actor,
            "api_key.revoked",
            object_type="api_key",
            object_id=api_key.id,
            details={"name": api_key.name},
        )
        db.session.commit()
    return api_key


def authenticate(key: str) -> ApiKey | None:
    """The key's row, or None when it is unknown, revoked, run out, or made by somebody switched off since.

    Notes the use at most once a minute, in a short transaction of its own; call it before any other work.
    """
    prefix = api_key_prefix(key)
    api_key = people_queries.find_api_key(prefix) if prefix else None
    if api_key is None or not same_token(api_key.key_hash, hash_token(key)):
        return None
    now = utcnow()
    if not api_key.opens_at(now):
        return None
    if api_key.last_used_at is None or now - api_key.last_used_at >= _TOUCH_EVERY:
        _touch(api_key, now)
    return api_key


def _touch(api_key: ApiKey, now: datetime) -> None:
    """A connection of its own: a GET's may not write, and a POST's must not hold the lock meanwhile."""
    api_key_id = api_key.id
    db.session.rollback()
    statement = (
        update(ApiKey)
        .where(
            ApiKey.id == api_key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - _TOUCH_EVERY),
        )
        .values(last_used_at=now)
    )
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(statement)


def _check(name: str, account_ids: list[int], expires_at: datetime | None) -> None:
    problems = []
    if not name.strip() or len(name.strip()) > _NAME_LENGTH:
        text = (
            f"Give the key a name of at most {_NAME_LENGTH} characters, such as the system that will use it."
        )
        problems.append(FieldProblem("name", text))
    unknown = set(account_ids) - list_known_account_ids()
    if unknown:
        problems.append(FieldProblem("account_ids", f"There is no account with the id {min(unknown)}."))
    if expires_at is not None and expires_at <= utcnow():
        problems.append(FieldProblem("expires_at", "This time has passed. Choose a later one."))
    if problems:
        raise InvalidFields(problems)

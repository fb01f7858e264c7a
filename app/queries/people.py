"""Reads about people, sessions and API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.errors import NotFound
from app.extensions import db
from app.models import ApiKey, SecondFactorFor, User, UserSession, utcnow
from app.queries.second_factors import is_needed_by, unmet_requirement


@dataclass(frozen=True)
class Visit:
    """A session that a request came with. `must_set_one_up`: a second factor is required of this person,
    and there is none."""

    session: UserSession
    must_set_one_up: bool


def find_visit(token_hash: str) -> Visit | None:
    """With the person and their roles. Asked with each click: one statement."""
    statement = (
        select(UserSession, unmet_requirement(UserSession.user_id).scalar_subquery())
        .where(UserSession.token_hash == token_hash)
        .options(joinedload(UserSession.user).joinedload(User.memberships))
    )
    found = db.session.execute(statement).unique().one_or_none()
    if found is None:
        return None
    session, requirement = found
    return Visit(session, is_needed_by(session.user, requirement or SecondFactorFor.NOBODY))


def find_session(token_hash: str) -> UserSession | None:
    return db.session.scalar(select(UserSession).where(UserSession.token_hash == token_hash))


def find_open_session(user_id: int, session_id: int) -> UserSession | None:
    """One of this person's sessions that has not been signed out."""
    statement = select(UserSession).where(
        UserSession.id == session_id, UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    return db.session.scalar(statement)


def list_open_sessions(user_id: int, seen_since: datetime) -> list[UserSession]:
    """Sessions that were used since then and not signed out; the latest first."""
    statement = (
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.last_seen_at >= seen_since,
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    )
    return list(db.session.scalars(statement))


def get_user(user_id: int) -> User:
    """Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    return user


def list_users() -> list[User]:
    """Everybody, with their roles; those who may sign in first."""
    statement = select(User).order_by(User.is_active.desc(), User.email)
    return list(db.session.scalars(statement.options(selectinload(User.memberships))))


def get_api_key(api_key_id: int) -> ApiKey:
    """Raises NotFound."""
    api_key = db.session.get(ApiKey, api_key_id)
    if api_key is None:
        raise NotFound("There is no such API key.")
    return api_key


def list_api_keys() -> list[ApiKey]:
    """All keys, those that are not revoked first, the newest first."""
    statement = select(ApiKey).order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())
    return list(db.session.scalars(statement))


def count_working_keys_by(user_id: int) -> int:
    """Keys this person made that still open something."""
    statement = select(func.count(ApiKey.id)).where(
        ApiKey.created_by_id == user_id,
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > utcnow()),
    )
    return db.session.scalar(statement) or 0


def find_user_by_email(email: str) -> User | None:
    """Nobody, for what no database could hold as an address."""
    if not email.isprintable():
        return None
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def find_api_key(prefix: str) -> ApiKey | None:
    return db.session.scalar(select(ApiKey).where(ApiKey.prefix == prefix))


def count_users() -> int:
    return db.session.scalar(select(func.count(User.id))) or 0

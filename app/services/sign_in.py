"""Signing in and out: passwords checked, tries counted, sessions opened and closed.

Tries are counted before they are looked at (`password_tries`).
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from sqlalchemy import delete

from app.crypto import hash_token
from app.errors import DomainError
from app.extensions import db
from app.models import SignInStep, User, UserSession, utcnow
from app.queries import people as people_queries
from app.queries.access import actor_of_user
from app.services import audit, password_tries, passwords, second_factor

log = logging.getLogger(__name__)

_TEXT_LENGTH = 300


class WrongCredentials(DomainError):
    """Name or password is wrong, or the person is switched off: the answer is the same."""

    code = "wrong_credentials"
    status = 422


class SecondStepNeeded(DomainError):
    """The password is right; a code is asked for before anything opens. `token` is for the browser alone."""

    code = "second_step_needed"

    def __init__(self, token: str) -> None:
        super().__init__("Type the code that your authenticator app shows.")
        self.token = token


@dataclass(frozen=True)
class Visitor:
    """Where a try comes from."""

    ip_address: str
    user_agent: str = ""


def sign_in(
    *, email: str, password: str, visitor: Visitor, old_token: str | None = None
) -> tuple[UserSession, str]:
    """The new session and the token for its cookie; a session that came with `old_token` ends.

    Raises WrongCredentials, TooManyTries, SecondStepNeeded.
    """
    name = email.strip().lower()
    attempt_id = password_tries.reserve(name, visitor.ip_address)
    user = people_queries.find_user_by_email(name)
    password_hash = user.password_hash if user else None
    # Nothing may be locked while the password is worked on.
    db.session.rollback()
    fits = passwords.password_fits(password_hash, password)
    if not fits or user is None or not user.is_active:
        log.info("a sign-in failed")
        raise WrongCredentials("The email address or the password is not right. Check both and try again.")
    if passwords.needs_rehash(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    if second_factor.is_on(user.id):
        raise SecondStepNeeded(_begin_step(user, attempt_id))
    return open_session(user, visitor, attempt_id=attempt_id, old_token=old_token)


def _begin_step(user: User, attempt_id: int) -> str:
    """A person has one step under way; the try counts as failed until the code is right."""
    token = secrets.token_urlsafe(32)
    db.session.execute(delete(SignInStep).where(SignInStep.user_id == user.id))
    db.session.add(SignInStep(user_id=user.id, token_hash=hash_token(token), attempt_id=attempt_id))
    db.session.commit()
    return token


def sign_out(token: str | None) -> None:
    """End the session behind a cookie, if there is one."""
    session = people_queries.find_session(hash_token(token)) if token else None
    if session is not None and session.revoked_at is None:
        session.revoked_at = utcnow()
        audit.record(
            actor_of_user(session.user), "session.signed_out", object_type="session", object_id=session.id
        )
        db.session.commit()


def note_failed_try(name: str, visitor: Visitor) -> int:
    """Count a wrong link or the like against its sender: the id of the try, which may still become a success.

    Raises TooManyTries when they have to wait.
    """
    return password_tries.reserve(name, visitor.ip_address)


def open_session(
    user: User, visitor: Visitor, *, attempt_id: int | None = None, old_token: str | None = None
) -> tuple[UserSession, str]:
    """Somebody has proved who they are: the new session and the token for its cookie."""
    now = utcnow()
    token = secrets.token_urlsafe(32)
    session = UserSession(
        user_id=user.id,
        token_hash=hash_token(token),
        ip_address=visitor.ip_address,
        user_agent=visitor.user_agent[:_TEXT_LENGTH],
    )
    db.session.add(session)
    old = people_queries.find_session(hash_token(old_token)) if old_token else None
    if old is not None and old.revoked_at is None:
        old.revoked_at = now
    user.last_sign_in_at = now
    if attempt_id is not None:
        password_tries.succeed(attempt_id)
    db.session.flush()
    audit.record(
        actor_of_user(user, visitor.ip_address),
        "session.signed_in",
        object_type="session",
        object_id=session.id,
    )
    db.session.commit()
    return session, token

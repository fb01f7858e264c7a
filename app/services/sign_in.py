"""Signing in and out: passwords checked, tries counted, sessions opened and closed.

Each try is written down and committed before the password is looked at, under a lock, so that any
number of processes together let no more through than the limits say. Refused tries count nothing:
nobody can be kept out for ever by hammering on their name from somewhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from flask import current_app
from sqlalchemy import delete, func, select, text

from app.crypto import hash_token
from app.errors import DomainError
from app.extensions import db
from app.models import SignInAttempt, User, UserSession, utcnow
from app.queries import people as people_queries
from app.queries.access import actor_of_user
from app.services import audit, passwords

log = logging.getLogger(__name__)

WINDOW = timedelta(minutes=15)
DELAY_AFTER = 5
LOCK_AFTER = 10
LOCK = timedelta(minutes=15)
PER_ADDRESS = 20
ADDRESS_WINDOW = timedelta(minutes=1)
_FIRST_DELAY_S = 2
_KEEP = timedelta(days=1)
_TEXT_LENGTH = 300


class WrongCredentials(DomainError):
    """Name or password is wrong, or the person is switched off: the answer is the same."""

    code = "wrong_credentials"
    status = 422


class TooManyTries(DomainError):
    """Wait before the next try. `wait_s`: whole seconds, at least 1."""

    code = "too_many_tries"
    status = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            f"There were too many failed tries to sign in. Wait {_in_words(wait_s)}, then try again."
        )
        self.wait_s = wait_s


@dataclass(frozen=True)
class Visitor:
    """Where a try comes from."""

    ip_address: str
    user_agent: str = ""


def sign_in(
    *, email: str, password: str, visitor: Visitor, old_token: str | None = None
) -> tuple[UserSession, str]:
    """The new session and the token for its cookie; a session that came with `old_token` ends.

    Raises WrongCredentials, TooManyTries.
    """
    name = email.strip().lower()
    attempt_id = _reserve_attempt(_name_hash(name), _address(visitor.ip_address))
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
    return _open_session(user, visitor, attempt_id, old_token)


def sign_out(token: str | None) -> None:
    """End the session behind a cookie, if there is one."""
    session = people_queries.find_session(hash_token(token)) if token else None
    if session is not None and session.revoked_at is None:
        session.revoked_at = utcnow()
        audit.record(
            actor_of_user(session.user), "session.signed_out", object_type="session", object_id=session.id
        )
        db.session.commit()


def _open_session(
    user: User, visitor: Visitor, attempt_id: int, old_token: str | None
) -> tuple[UserSession, str]:
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
    attempt = db.session.get(SignInAttempt, attempt_id)
    if attempt is not None:
        attempt.succeeded = True
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - _KEEP))
    db.session.flush()
    audit.record(
        actor_of_user(user, visitor.ip_address),
        "session.signed_in",
        object_type="session",
        object_id=session.id,
    )
    db.session.commit()
    return session, token


def _reserve_attempt(name_hash: str, address: str) -> int:
    """Note a try, as failed until it proves right. Raises TooManyTries when it has to wait."""
    now = utcnow()
    _lock(address, name_hash)
    wait = max(_address_wait(address, now), _name_wait(name_hash, address, now))
    if wait > timedelta(0):
        db.session.rollback()
        raise TooManyTries(max(1, ceil(wait.total_seconds())))
    attempt = SignInAttempt(email_hash=name_hash, ip_address=address, at=now, succeeded=False)
    db.session.add(attempt)
    db.session.flush()
    attempt_id = attempt.id
    db.session.commit()
    return attempt_id


def _lock(*keys: str) -> None:
    """One try at a time for the same name or address; SQLite's write transaction already is such a lock."""
    if db.session.get_bind().dialect.name != "postgresql":
        return
    for key in sorted(keys):
        number = int.from_bytes(hashlib.sha256(f"sign-in:{key}".encode()).digest()[:8], "big", signed=True)
        db.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _address_wait(address: str, now: datetime) -> timedelta:
    statement = (
        select(SignInAttempt.at)
        .where(SignInAttempt.ip_address == address, SignInAttempt.at > now - ADDRESS_WINDOW)
        .order_by(SignInAttempt.at.desc())
        .limit(PER_ADDRESS)
    )
    tries = list(db.session.scalars(statement))
    return tries[-1] + ADDRESS_WINDOW - now if len(tries) >= PER_ADDRESS else timedelta(0)


def _name_wait(name_hash: str, address: str, now: datetime) -> timedelta:
    """By the failures of this name from this network, since its last success there, in the 15 minutes
    up to the last of them: nothing is noted while locked, so that one decides how long it still lasts."""
    here = (
        SignInAttempt.email_hash == name_hash,
        SignInAttempt.ip_address.startswith(_network_prefix(address), autoescape=True),
        SignInAttempt.at > now - WINDOW - LOCK,
    )
    success = select(func.max(SignInAttempt.at)).where(*here, SignInAttempt.succeeded)
    since = db.session.scalar(success) or now - WINDOW - LOCK
    failed = (*here, SignInAttempt.succeeded.is_(False), SignInAttempt.at > since)
    last = db.session.scalar(select(func.max(SignInAttempt.at)).where(*failed))
    if last is None:
        return timedelta(0)
    recent = select(func.count(SignInAttempt.id)).where(*failed, SignInAttempt.at > last - WINDOW)
    count = db.session.scalar(recent) or 0
    return timedelta(0) if count < DELAY_AFTER else last + _pause_after(count) - now


def _pause_after(failures: int) -> timedelta:
    """2, 4, 8, 16, 32 seconds, and then the lock."""
    if failures >= LOCK_AFTER:
        return LOCK
    return timedelta(seconds=_FIRST_DELAY_S * 2 ** (failures - DELAY_AFTER))


def _name_hash(name: str) -> str:
    """Keyed: people type passwords into the wrong field, and those must not be guessable from here."""
    key = current_app.config["SETTINGS"].secret_key.encode()
    return hmac.new(key, name.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def _address(ip_address: str) -> str:
    """One caller's address: IPv6 hands out a /64 to each, so that is what counts."""
    try:
        address = ipaddress.ip_address(ip_address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def _network_prefix(address: str) -> str:
    """What addresses of one network start with: three of IPv4's four parts, all of a /64."""
    return address.rpartition(".")[0] + "." if "." in address else address


def _in_words(wait_s: int) -> str:
    if wait_s < 120:
        return f"{wait_s} second{'' if wait_s == 1 else 's'}"
    return f"{ceil(wait_s / 60)} minutes"

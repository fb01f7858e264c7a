"""Tries to give a password: each is noted, and whoever fails often waits.

Each try is written down and committed before the password is looked at, under a lock, so that any
number of processes together let no more through than the limits say. Refused tries count nothing:
nobody can be kept out for ever by hammering on their name from somewhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from datetime import datetime, timedelta
from math import ceil

from flask import current_app
from sqlalchemy import delete, func, select, text

from app.errors import DomainError
from app.extensions import db
from app.models import SignInAttempt, User, utcnow
from app.queries.access import Actor
from app.services import passwords

WINDOW = timedelta(minutes=15)
DELAY_AFTER = 5
LOCK_AFTER = 10
LOCK = timedelta(minutes=15)
PER_ADDRESS = 20
ADDRESS_WINDOW = timedelta(minutes=1)
_FIRST_DELAY_S = 2
_KEEP = timedelta(days=1)


class TooManyTries(DomainError):
    """Wait before the next try. `wait_s`: whole seconds, at least 1."""

    code = "too_many_tries"
    status = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"There were too many failed tries. Wait {_in_words(wait_s)}, then try again.")
        self.wait_s = wait_s


def reserve(name: str, ip_address: str) -> int:
    """Note a try, as failed until it proves right: its id. Raises TooManyTries when it has to wait."""
    now, name_hash, address = utcnow(), _name_hash(name), _address(ip_address)
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


def succeed(attempt_id: int) -> None:
    """A try has proved right: the failures before it count no more. The caller commits."""
    attempt = db.session.get(SignInAttempt, attempt_id)
    if attempt is not None:
        attempt.succeeded = True
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < utcnow() - _KEEP))


def is_own_password(user: User, password: str, actor: Actor) -> bool:
    """The password once more, of somebody who is signed in: a try like those to sign in, of the same name.

    Whoever sits at an open browser guesses no faster here than at the door. Raises TooManyTries.
    """
    kept = user.password_hash
    attempt_id = reserve(user.email, actor.ip_address)
    # Nothing is locked while the password is worked on.
    fits = passwords.password_fits(kept, password)
    if fits:
        succeed(attempt_id)
        db.session.commit()
    return fits


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

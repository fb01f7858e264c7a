"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for who lost it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from math import ceil

import pyotp
from sqlalchemy import ColumnElement, delete, func, select, update

from app.crypto import Secret, hash_token, same_token
from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.models import Passkey, RecoveryCode, SecondFactor, User, utcnow
from app.queries.access import Actor
from app.services import audit, password_tries

_STEP_S = 30
_RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another one
_GROUPS, _GROUP_LENGTH = 4, 4
_FREE_GUESSES = 5
_FIRST_PAUSE_S = 30
_LONGEST_PAUSE_S = 900
ISSUER = "waba-console"


class AlreadyOn(DomainError):
    """There is a second factor; it is turned off first."""

    code = "second_factor_is_on"


class WaitForGuess(DomainError):
    """Too many wrong codes. `wait_s`: whole seconds, at least 1."""

    code = "too_many_codes"
    status = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"There were too many wrong codes. Wait {wait_s} seconds, then try again.")
        self.wait_s = wait_s


def find(user_id: int) -> SecondFactor | None:
    return db.session.get(SecondFactor, user_id)


def is_on(user_id: int) -> bool:
    factor = find(user_id)
    return factor is not None and factor.confirmed_at is not None


def list_ids_with_one() -> set[int]:
    """Everybody who has to give a code."""
    return set(db.session.scalars(select(SecondFactor.user_id).where(SecondFactor.confirmed_at.is_not(None))))


def count_recovery_codes(user_id: int) -> int:
    """Those that still work."""
    unused = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(select(func.count(RecoveryCode.id)).where(*unused)) or 0


def begin(*, user: User, actor: Actor) -> None:
    """A fresh secret to scan; nothing is asked before a code of it was given. Raises AlreadyOn."""
    factor = find(user.id)
    if factor is not None and factor.confirmed_at is not None:
        raise AlreadyOn("Your second factor is on already. Turn it off first to use another app.")
    if factor is not None:
        db.session.delete(factor)
        db.session.flush()
    db.session.add(SecondFactor(user_id=user.id, secret=Secret(pyotp.random_base32())))
    _record(actor, "second_factor.started", user)
    db.session.commit()


def address_of(user: User, secret: Secret) -> str:
    """What the app scans: an `otpauth://` address."""
    return pyotp.TOTP(secret.reveal()).provisioning_uri(name=user.email, issuer_name=ISSUER)


def confirm(*, user: User, code: str, actor: Actor) -> list[Secret]:
    """Turn it on, with a code that proves that the app has the secret; answers the recovery codes.

    Raises InvalidFields on `code`.
    """
    factor = find(user.id)
    if factor is None or factor.confirmed_at is not None:
        raise AlreadyOn("There is nothing to confirm. Start once more.")
    _reserve_guess(factor)
    if not _take_code(factor, code):
        text = "This code is not right. Type the one the app shows now. Is your phone’s clock right?"
        raise InvalidFields([FieldProblem("code", text)])
    factor.confirmed_at, factor.failures = utcnow(), 0
    codes = _make_codes(user.id)
    _record(actor, "second_factor.turned_on", user)
    db.session.commit()
    return codes


def make_recovery_codes(*, user: User, password: str, actor: Actor) -> list[Secret]:
    """Ten new ones; the old ones stop. Raises InvalidFields on `password`, TooManyTries."""
    _check_password(user, password, actor)
    codes = _make_codes(user.id)
    _record(actor, "second_factor.codes_made", user)
    db.session.commit()
    return codes


def turn_off(*, user: User, password: str, actor: Actor) -> None:
    """Raises InvalidFields on `password`, TooManyTries."""
    _check_password(user, password, actor)
    _remove(user.id)
    _record(actor, "second_factor.turned_off", user)
    db.session.commit()


def reset(*, user: User, actor: Actor) -> None:
    """For who lost the app, the recovery codes or a device with passkeys: the password alone opens again."""
    _remove(user.id)
    db.session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    _record(actor, "second_factor.reset", user)
    db.session.commit()


def check_guess(user_id: int, text: str) -> bool:
    """Whether this is a code of the app, or a recovery code, that was not used before; it is used now.

    The guess is counted and committed before it is looked at; a right one sets the count back in the
    caller's transaction. Raises WaitForGuess.
    """
    factor = find(user_id)
    if factor is None or factor.confirmed_at is None:
        return False
    _reserve_guess(factor)
    typed = "".join(text.split()).replace("-", "").lower()
    fits = _take_code(factor, typed) or _take_recovery_code(user_id, typed)
    if fits:
        factor.failures = 0
    return fits


def _reserve_guess(factor: SecondFactor) -> None:
    now, seen = utcnow(), factor.failures
    wait = _wait(seen, factor.failed_at, now)
    if wait > timedelta(0):
        raise WaitForGuess(max(1, ceil(wait.total_seconds())))
    mine = (SecondFactor.user_id == factor.user_id, SecondFactor.failures == seen)
    if not _updated(SecondFactor, *mine, failures=seen + 1, failed_at=now):
        db.session.rollback()
        raise WaitForGuess(1)
    db.session.commit()


def _wait(failures: int, failed_at: datetime | None, now: datetime) -> timedelta:
    """Five guesses are free; then 30 seconds, doubled each time, up to a quarter of an hour."""
    if failures < _FREE_GUESSES or failed_at is None:
        return timedelta(0)
    pause = min(_FIRST_PAUSE_S * 2 ** min(failures - _FREE_GUESSES, 10), _LONGEST_PAUSE_S)
    return failed_at + timedelta(seconds=pause) - now


def _take_code(factor: SecondFactor, code: str) -> bool:
    """A code of these 30 seconds, the ones before or after, and never the same one twice."""
    if factor.secret is None or not (code.isascii() and code.isdigit()):
        return False
    app = pyotp.TOTP(factor.secret.reveal())
    now = int(utcnow().timestamp()) // _STEP_S
    step = next((step for step in (now, now - 1, now + 1) if same_token(app.at(step * _STEP_S), code)), None)
    if step is None:
        return False
    mine = (SecondFactor.user_id == factor.user_id, SecondFactor.last_step < step)
    return _updated(SecondFactor, *mine, last_step=step)


def _take_recovery_code(user_id: int, code: str) -> bool:
    mine = (
        RecoveryCode.user_id == user_id,
        RecoveryCode.code_hash == hash_token(code),
        RecoveryCode.used_at.is_(None),
    )
    return _updated(RecoveryCode, *mine, used_at=utcnow())


def _updated(model: type[SecondFactor | RecoveryCode], *where: ColumnElement[bool], **values: object) -> bool:
    """One conditional update: of two at once only one changes the row."""
    result = db.session.execute(update(model).where(*where).values(**values))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _make_codes(user_id: int) -> list[Secret]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    texts = [
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP_LENGTH))
        for _ in range(_RECOVERY_CODES)
    ]
    db.session.add_all(RecoveryCode(user_id=user_id, code_hash=hash_token(text)) for text in texts)
    return [Secret("-".join(_cut(text))) for text in texts]


def _cut(text: str) -> list[str]:
    return [text[start : start + _GROUP_LENGTH] for start in range(0, len(text), _GROUP_LENGTH)]


def _check_password(user: User, password: str, actor: Actor) -> None:
    if not password_tries.is_own_password(user, password, actor):
        raise InvalidFields([FieldProblem("password", "This is not your password. Type it again.")])


def _remove(user_id: int) -> None:
    for model in (RecoveryCode, SecondFactor):
        db.session.execute(delete(model).where(model.user_id == user_id))


def _record(actor: Actor, action: str, user: User) -> None:
    audit.record(actor, action, object_type="user", object_id=user.id)

"""Passkeys (WebAuthn): kept, listed, removed, and signed in with.

The challenge travels in the browser's signed session cookie, so that nobody without one makes rows here; once
it was answered rightly its hash is kept, so that the answer is worth nothing the second time.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.crypto import hash_token
from app.errors import DomainError, FieldProblem, InvalidFields, NotFound
from app.extensions import db
from app.models import Passkey, UsedChallenge, User, UserSession, utcnow
from app.queries.access import Actor
from app.services import audit, password_tries, sign_in
from app.services.sign_in import Visitor

LIFETIME = timedelta(minutes=5)
_NAME = "waba-console"
_LONGEST_NAME = 60
_MOST = 20
_MOST_TEXT = 20_000
_REQUIRED = UserVerificationRequirement.REQUIRED
# What the library raises for answers of wrong shape, beside its own errors.
_MISSHAPEN = (WebAuthnException, ValueError, KeyError, TypeError, RecursionError)


class PasskeyRefused(DomainError):
    """The browser's answer proves nothing: a wrong or removed passkey, another site, an old challenge."""

    code = "passkey_refused"
    status = 422


@dataclass(frozen=True)
class Challenge:
    """What a browser has to sign. `user_id`: who adds a passkey; 0 for signing in."""

    text: str
    user_id: int
    made_at: float

    @classmethod
    def read(cls, kept: object) -> Challenge | None:
        """Out of the cookie; None when there is none that still counts."""
        match kept:
            case [str(text), int(user_id), float(made_at)]:
                found = cls(text, user_id, made_at)
                age = utcnow().timestamp() - made_at
                return found if 0 <= age + 1 <= LIFETIME.total_seconds() else None
        return None

    def kept(self) -> list[str | int | float]:
        return [self.text, self.user_id, self.made_at]


def host() -> str | None:
    """The name passkeys are made for; None for an address of numbers, which browsers make none for."""
    name = urlsplit(current_app.config["SETTINGS"].public_base_url).hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name or None
    return None


def list_of(user_id: int) -> list[Passkey]:
    statement = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return list(db.session.scalars(statement))


def options_to_add(user: User) -> tuple[dict[str, Any], Challenge]:
    """What the browser is asked to make and has to sign. Raises PasskeyRefused without a host name."""
    challenge = secrets.token_bytes(32)
    ids = [base64url_to_bytes(row.credential_id) for row in list_of(user.id)]
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=_NAME,
        user_id=_handle(user.id),
        user_name=user.email,
        user_display_name=user.display_name,
        challenge=challenge,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=id_) for id_ in ids],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
    )
    return options_to_json_dict(options), _challenge(challenge, user.id)


def options_to_sign_in() -> tuple[dict[str, Any], Challenge]:
    """For whichever passkey the person picks. Raises PasskeyRefused without a host name."""
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_authentication_options(
        rp_id=_host(), challenge=challenge, user_verification=_REQUIRED
    )
    return options_to_json_dict(options), _challenge(challenge, 0)


def add(
    *, user: User, name: str, password: str, answer: str, challenge: Challenge | None, actor: Actor
) -> Passkey:
    """Keep what the browser made. Raises InvalidFields on `name` or `password`, PasskeyRefused,
    TooManyTries."""
    problems = []
    if not name.strip() or len(name.strip()) > _LONGEST_NAME:
        text = f"Name it after the device, with at most {_LONGEST_NAME} characters."
        problems.append(FieldProblem("name", text))
    if not password_tries.is_own_password(user, password, actor):
        problems.append(FieldProblem("password", "This is not your password. Type it again."))
    if problems:
        raise InvalidFields(problems)
    if challenge is None or challenge.user_id != user.id or len(list_of(user.id)) >= _MOST:
        raise PasskeyRefused("That took too long, or there are too many passkeys. Try once more.")
    try:
        verified = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=base64url_to_bytes(challenge.text),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except _MISSHAPEN:
        raise PasskeyRefused("The passkey was not made as it should be. Try once more.") from None
    passkey = Passkey(
        user_id=user.id,
        name=name.strip(),
        credential_id=bytes_to_base64url(verified.credential_id),
        public_key=bytes_to_base64url(verified.credential_public_key),
        sign_count=verified.sign_count,
    )
    db.session.add(passkey)
    _use_up(challenge)
    audit.record(
        actor, "passkey.added", object_type="passkey", object_id=passkey.id, details={"name": passkey.name}
    )
    db.session.commit()
    return passkey


def remove(*, user: User, passkey_id: int, actor: Actor) -> Passkey:
    """One of one's own. Raises NotFound for any other."""
    passkey = db.session.get(Passkey, passkey_id)
    if passkey is None or passkey.user_id != user.id:
        raise NotFound("There is no such passkey.")
    db.session.delete(passkey)
    audit.record(
        actor, "passkey.removed", object_type="passkey", object_id=passkey.id, details={"name": passkey.name}
    )
    db.session.commit()
    return passkey


def sign_in_with(
    *, answer: str, challenge: Challenge | None, visitor: Visitor, old_token: str | None = None
) -> tuple[UserSession, str]:
    """The session and the token for its cookie; no code is asked for. Raises PasskeyRefused, TooManyTries."""
    attempt_id = sign_in.note_failed_try("a passkey", visitor)
    if challenge is None or challenge.user_id:
        raise PasskeyRefused("That took too long. Try once more.")
    passkey = _proved(answer, challenge)
    _use_up(challenge)
    return sign_in.open_session(passkey.user, visitor, attempt_id=attempt_id, old_token=old_token)


def _proved(answer: str, challenge: Challenge) -> Passkey:
    """The passkey that signed, its counter moved on; the person behind it may sign in."""
    refused = PasskeyRefused("This passkey does not open this console. Sign in with your password instead.")
    try:
        parsed = _parsed(answer)
        statement = select(Passkey).where(Passkey.credential_id == str(parsed["id"]))
        passkey = db.session.scalar(statement)
        if passkey is None or not passkey.user.is_active:
            raise refused
        if base64url_to_bytes(str(parsed["response"]["userHandle"])) != _handle(passkey.user_id):
            raise refused
        verified = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=base64url_to_bytes(challenge.text),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _MISSHAPEN:
        raise refused from None
    moved = update(Passkey).where(Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count)
    values = {"sign_count": verified.new_sign_count, "last_used_at": utcnow()}
    if not db.session.execute(moved.values(values)).rowcount:  # type: ignore[attr-defined]
        raise refused
    return passkey


def _use_up(challenge: Challenge) -> None:
    """The caller commits; of two that answer the same challenge one is refused."""
    db.session.execute(delete(UsedChallenge).where(UsedChallenge.at < utcnow() - 2 * LIFETIME))
    db.session.add(UsedChallenge(challenge_hash=hash_token(challenge.text)))
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise PasskeyRefused("This was answered before. Try once more.") from None


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > _MOST_TEXT:
        raise ValueError("longer than any answer")
    parsed = json.loads(answer)
    if not isinstance(parsed, dict):
        raise TypeError("an answer is an object")
    return parsed


def _challenge(challenge: bytes, user_id: int) -> Challenge:
    return Challenge(bytes_to_base64url(challenge), user_id, utcnow().timestamp())


def _handle(user_id: int) -> bytes:
    """What the device keeps to know people apart; it says nothing about them."""
    return f"user-{user_id}".encode()


def _host() -> str:
    found = host()
    if found is None:
        raise PasskeyRefused("Passkeys need a host name: set PUBLIC_BASE_URL to one.")
    return found


def _origin() -> str:
    parts = urlsplit(current_app.config["SETTINGS"].public_base_url)
    return f"{parts.scheme}://{parts.netloc}"

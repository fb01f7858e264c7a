"""Passwords: how they are kept, and which are taken.

argon2id with 19 MiB, two passes, one lane: OWASP's first choice, about 20 ms on a small machine.
"""

from __future__ import annotations

import secrets
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.crypto import Secret

MIN_LENGTH = 10
MAX_LENGTH = 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_hex(16))
"""What an unknown name is checked against, so that it takes as long as a wrong password."""

# Those of the usual lists that are long enough to pass, and what people type on this page.
_COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())


def hash_password(password: str) -> str:
    return _HASHER.hash(_normalised(password))


def password_fits(password_hash: str | None, password: str) -> bool:
    """Without a hash (nobody of that name) the same work is done, and the answer is no."""
    try:
        _HASHER.verify(password_hash or _NOBODY, _normalised(password))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """True when the hash was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def find_password_problem(password: str, email: str) -> str | None:
    """Why this password is not taken, or None."""
    known = _normalised(password).casefold()
    name = email.casefold()
    if len(password) < MIN_LENGTH:
        return f"The password has {len(password)} characters. Use at least {MIN_LENGTH}."
    if len(password) > MAX_LENGTH or not _can_be_stored(password):
        return f"The password cannot be used. Use at most {MAX_LENGTH} ordinary characters."
    if known in {name, name.partition("@")[0]} or (len(name) >= MIN_LENGTH and name in known):
        return "The password is the email address. Choose one that cannot be guessed from it."
    if known in _COMMON or len(set(known)) < 4:
        return (
            "This password is one of the first that are tried. Choose another, such as four unrelated words."
        )
    return None


def make_one_time_password() -> Secret:
    """96 random bits, in groups that can be read aloud and typed."""
    return Secret("-".join(secrets.token_hex(3) for _ in range(4)))


def _normalised(password: str) -> str:
    """The same letters typed on different keyboards give the same password."""
    return unicodedata.normalize("NFKC", password)


def _can_be_stored(password: str) -> bool:
    return not any(unicodedata.category(character) in {"Cc", "Cs"} for character in password)

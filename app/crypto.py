"""Encryption of secrets at rest, and hashing of API keys.

`Secret` is how a decrypted value travels: it prints as dots, so no log or traceback can show it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

API_KEY_PREFIX = "waba_"


class Secret:
    """A secret text. Only `reveal()` gives it away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def tail(self, length: int = 4) -> str:
        """The last characters, for "set, ends in …1234"; nothing of a secret too short to show a part of."""
        return self._value[-length:] if len(self._value) >= 3 * length else ""

    def __repr__(self) -> str:
        return "Secret(••••)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._value))


class Cipher:
    """Fernet with several keys: the first encrypts, all decrypt."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, secret: Secret) -> str:
        return self._fernet.encrypt(secret.reveal().encode()).decode()

    def decrypt(self, token: str) -> Secret | None:
        """None when no key fits: the value has to be entered again, which is not a reason to crash."""
        try:
            return Secret(self._fernet.decrypt(token.encode()).decode())
        except InvalidToken:
            return None

    def rotate(self, token: str) -> str | None:
        """The same value under the first key; None when no key fits."""
        try:
            return self._fernet.rotate(token.encode()).decode()
        except InvalidToken:
            return None


class CipherHolder:
    """The process's cipher, set once at start; column types cannot be handed one otherwise."""

    def __init__(self) -> None:
        self._cipher: Cipher | None = None

    def configure(self, keys: Sequence[bytes]) -> None:
        self._cipher = Cipher(keys)

    def get(self) -> Cipher:
        if self._cipher is None:
            raise RuntimeError("WHATSAPP_ENCRYPTION_KEY was not loaded before the first secret was used.")
        return self._cipher


current_cipher = CipherHolder()


def new_api_key() -> tuple[str, str, str]:
    """A fresh API key with 256 random bits: (whole key to show once, prefix to find it by, hash to keep)."""
    prefix = secrets.token_hex(4)
    key = f"{API_KEY_PREFIX}{prefix}_{secrets.token_urlsafe(32)}"
    return key, prefix, hash_token(key)


def api_key_prefix(key: str) -> str | None:
    """The part a key is found by; None when the text cannot be one of our keys."""
    if not key.startswith(API_KEY_PREFIX) or not (key.isascii() and key.isprintable()) or len(key) > 200:
        return None
    prefix, _, rest = key.removeprefix(API_KEY_PREFIX).partition("_")
    return prefix if len(prefix) == 8 and rest else None


def hash_token(token: str) -> str:
    """SHA-256 of a token with enough randomness of its own that a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def same_token(left: str, right: str) -> bool:
    """Compare in constant time, whatever characters the texts hold."""
    return hmac.compare_digest(left.encode(errors="surrogatepass"), right.encode(errors="surrogatepass"))

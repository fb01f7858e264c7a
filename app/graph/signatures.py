"""Webhook signatures: HMAC-SHA256 of the raw body with the app secret.

Source: Meta docs, "Webhooks: validating payloads" page, read 2026-09.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

_PREFIX = b"sha256="


def sign(secret: bytes | str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256` for this body: `sha256=` and 64 lower-case hex digits.

    Raises ValueError for an empty secret, which would sign everything alike.
    """
    key = _as_bytes(secret)
    if not key:
        raise ValueError("An empty app secret cannot sign anything.")
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def verify(secrets: Iterable[bytes | str], body: bytes, header: str | bytes | None) -> bool:
    """Was this raw body signed with one of these app secrets?

    Compares bytes in constant time (text with non-ASCII characters would raise) and tries every
    secret, so that the time taken does not tell which one fitted. Empty secrets never fit.
    """
    if header is None:
        return False
    given = _as_bytes(header)
    several = (secrets,) if isinstance(secrets, str | bytes) else secrets
    fits = False
    for key in map(_as_bytes, several):
        expected = _PREFIX + hmac.digest(key, body, "sha256").hex().encode()
        fits |= hmac.compare_digest(expected, given) and bool(key)
    return fits


def appsecret_proof(app_secret: str, access_token: str) -> str:
    """The `appsecret_proof` that goes with a call made with this token.

    Source: Meta docs, "Securing Graph API calls" page, read 2026-09.
    """
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()


def _as_bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")

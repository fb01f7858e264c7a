"""Signatures as Standard Webhooks asks for (version 1: HMAC-SHA256 with a secret that both sides know).

Source: https://github.com/standard-webhooks/standard-webhooks, "spec/standard-webhooks.md".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from app.crypto import Secret

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> Secret:
    return Secret(_PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode())


def signature_header(keys: Iterable[Secret], event_id: str, at: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret. `at`: the header `webhook-timestamp`,
    in seconds."""
    signed = f"{event_id}.{at}.".encode() + body
    return " ".join(f"v1,{_sign(key, signed)}" for key in keys)


def _sign(key: Secret, signed: bytes) -> str:
    raw = base64.b64decode(key.reveal().removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(raw, signed, hashlib.sha256)).decode()

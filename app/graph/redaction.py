"""Keeps tokens and secrets out of texts that people and logs will see."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

HIDDEN = "••••"
_SECRET_PARAMETERS = re.compile(
    r"(?i)\b(access_token|input_token|fb_exchange_token|appsecret_proof|client_secret|verify_token"
    r"|app_secret)(=|%3D)[^&\s\"'<>]+"
)
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|oauth)\s+[A-Za-z0-9._|~+/=%-]{8,}")
_TOKEN = re.compile(r"\bEA[A-Z][A-Za-z0-9]{16,}")
_APP_TOKEN = re.compile(r"\b\d{4,}(?:\||%7C)[A-Za-z0-9_-]{8,}", re.IGNORECASE)
_SHORTEST_SECRET = 6  # a shorter "secret" would blank out ordinary words


def redact(text: str, secrets: Iterable[str | None] = ()) -> str:
    """The text without the given secrets and without anything that looks like a Meta token."""
    for secret in secrets:
        if secret and len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    text = _SECRET_PARAMETERS.sub(rf"\1\2{HIDDEN}", text)
    text = _AUTHORIZATION.sub(rf"\1 {HIDDEN}", text)
    return _APP_TOKEN.sub(HIDDEN, _TOKEN.sub(HIDDEN, text))


class RedactingFilter(logging.Filter):
    """Rewrites records of the HTTP library, which logs whole URLs, before any handler sees them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = ()
        return True


def redact_http_logs() -> None:
    """Put the filter on urllib3's loggers; calling it again changes nothing."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, RedactingFilter) for known in logger.filters):
            logger.addFilter(RedactingFilter())

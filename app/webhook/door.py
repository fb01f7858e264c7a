"""Meta's posts, in front of Flask: read, check, store, answer.

Meta wants 200 within 250 ms, at three times the rate of all sending. Flask's contexts, sessions and
hooks cost more than checking and storing do, and a webhook needs none of them, so its POST is
answered by this small WSGI layer. Everything else goes on to Flask.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from app.errors import Unavailable
from app.services.webhook_events import Intake

log = logging.getLogger(__name__)

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]

ADDRESSES = frozenset({"/webhooks/whatsapp", "/api/whatsapp/api/webhook/webhook/"})
_CHUNK = 64 * 1024


class WebhookDoor:
    """Answers POSTs to the webhook's two addresses; all answers have an empty body.

    200: stored and committed. 400: the body was no HTTP. 403: not signed by an app it speaks for, nothing
    was stored. 408: less came than was announced, come again. 413: above the limit, also when chunked. 503:
    could not be stored, come again.
    """

    def __init__(self, inner: WsgiApp, intake: Intake, *, max_bytes: int, headers: dict[str, str]) -> None:
        self._inner = inner
        self._intake = intake
        self._max_bytes = max_bytes
        self._headers = [*headers.items(), ("Content-Length", "0"), ("Cache-Control", "no-store")]

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if _address(environ) not in ADDRESSES or environ.get("REQUEST_METHOD") != "POST":
            return self._inner(environ, start_response)
        status = self._receive(environ)
        headers = list(self._headers)
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append(("Retry-After", "5"))
        start_response(f"{status.value} {status.phrase}", headers)
        return [b""]

    def _receive(self, environ: Environ) -> HTTPStatus:
        try:
            body = read_body(environ, self._max_bytes)
        except BrokenOff:
            return HTTPStatus.REQUEST_TIMEOUT
        except Exception:
            # Each server has errors of its own for it. Quiet: anybody can send such a thing.
            log.debug("the body of a webhook could not be read", exc_info=True)
            return HTTPStatus.BAD_REQUEST
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return self._store(environ, body)

    def _store(self, environ: Environ, body: bytes) -> HTTPStatus:
        try:
            stored = self._intake.record(body, environ.get("HTTP_X_HUB_SIGNATURE_256"))
        except Unavailable:
            return HTTPStatus.SERVICE_UNAVAILABLE
        except Exception:
            # Whatever it was: not stored, so Meta must come again.
            log.exception("a webhook could not be taken in")
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK if stored else HTTPStatus.FORBIDDEN


def _address(environ: Environ) -> str:
    """The path as Werkzeug routes it: slashes at its head count as one, and must not lead past this door."""
    return "/" + str(environ.get("PATH_INFO", "")).lstrip("/")


class BrokenOff(Exception):
    """Less came than the length said: the line broke, or the server's patience with a slow one ended."""


def read_body(environ: Environ, limit: int) -> bytes | None:
    """The raw bytes, or None when there are more than `limit`. Raises BrokenOff.

    A chunked body names no length, and servers cut or pass it on as they like: what counts is what
    is read. Without a length and without a server that marks the end there is nothing to read.
    """
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdigit():
        return _whole(stream, int(length)) if int(length) <= limit else None
    if not environ.get("wsgi.input_terminated"):
        return b""
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _whole(stream: Any, length: int) -> bytes:
    """A piece of a body fits no signature, and who signed the whole must not be told that it was forged."""
    body = bytes(stream.read(length))
    if len(body) < length:
        raise BrokenOff
    return body

"""Cutting a connection without an answer, for faults that lose requests or answers."""

import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CUT = "sandbox.cut"
# Where servers keep the client's socket in the WSGI environment.
SOCKET_KEYS = ("gunicorn.socket", "werkzeug.socket")


def cut_connection() -> Response:
    """Mark this request: CuttableConnection closes the socket before anything is written."""
    request.environ[CUT] = True
    return Response(status=200)


def cut_after_body(response: Response) -> Response:
    """Promise more than is sent: the client reads the body and then finds the connection closed."""
    body = response.get_data()
    response.headers["Content-Length"] = str(len(body) + 1)
    response.headers["Connection"] = "close"
    return response


class _Body:
    """The body of a request: broken chunks and lost clients are the client's mistake, in one word."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return bytes(self._stream.read(size))
        except Exception as error:  # each server has its own kinds
            raise ClientDisconnected from error

    def readline(self, size: int = -1) -> bytes:
        try:
            return bytes(self._stream.readline(size))
        except Exception as error:
            raise ClientDisconnected from error


class CuttableConnection:
    """WSGI middleware. Without a socket at hand (a test client) it raises ConnectionResetError instead."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH"):
            # Then a body that is cut off raises; servers that say "it ends by itself" would hand on the half.
            environ.pop("wsgi.input_terminated", None)
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        started: list[tuple[Any, ...]] = []

        def remember(*args: Any) -> Any:
            started.append(args)
            return lambda _data: None

        body = self._application(environ, remember)
        if environ.get(CUT):
            _close(environ)
        start_response(*started[-1])
        return body


def _close(environ: "WSGIEnvironment") -> None:
    client = next((environ[key] for key in SOCKET_KEYS if key in environ), None)
    if client is None:
        raise ConnectionResetError("The sandbox cut the connection, as a fault asked for.")
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster

"""One POST to an address that an operator typed: bounded in time and size, and kept out of our own network.

The guard looks at the address the connection really reached, before a byte is sent: what a name meant a
moment ago proves nothing. Redirects are not followed, and nothing of the environment is used.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

MOST_BYTES = 256 * 1024
_CONNECT_S = 5.0
_CHUNK = 16 * 1024


class Unanswered(Exception):
    """No answer that could be used; the text is for people, and holds no secret."""


class _Forbidden(Exception):
    """The connection ended inside our own network."""


_TROUBLE = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError, _Forbidden)
"""requests wraps most of what may go wrong beneath it, but not all."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status and the whole body."""

    status: int
    body: bytes


def post_json(
    url: str, body: Any, *, headers: dict[str, str], timeout_s: float, allows_private: bool
) -> Answer:
    """Raises Unanswered with the reason."""
    guard = _Guard(allows_private)
    with requests.Session() as session, guard.ending_after(timeout_s):
        session.trust_env = False
        session.mount("http://", _Adapter(guard))
        session.mount("https://", _Adapter(guard))
        try:
            answer = _ask(session, url, body, headers, timeout_s)
        except _TROUBLE as error:
            raise Unanswered(guard.why(error, timeout_s)) from None
    if guard.is_over:
        # What was cut off looks like an answer that ended early.
        raise Unanswered(_too_slow(timeout_s))
    return answer


def _ask(session: requests.Session, url: str, body: Any, headers: dict[str, str], timeout_s: float) -> Answer:
    end = time.monotonic() + timeout_s
    with session.post(
        url,
        json=body,
        headers=headers,
        timeout=(min(_CONNECT_S, timeout_s), timeout_s),
        stream=True,
        allow_redirects=False,
    ) as answer:
        received = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            received += chunk
            if len(received) > MOST_BYTES:
                raise Unanswered(f"Its answer was larger than {MOST_BYTES // 1024} KiB.")
            if time.monotonic() > end:
                raise Unanswered(_too_slow(timeout_s))
        return Answer(answer.status_code, bytes(received))


def _too_slow(timeout_s: float) -> str:
    return f"It did not answer within {timeout_s:.0f} s."


class _Guard:
    """Lets connections out into the world only, and cuts them when time is up."""

    def __init__(self, allows_private: bool) -> None:
        self._allows_private = allows_private
        self._sockets: list[socket.socket] = []
        self.is_over = False

    def passed(self, connected: socket.socket) -> socket.socket:
        """The socket, if it leads where it may. Raises _Forbidden."""
        if not self._allows_private and not _is_public(connected.getpeername()[0]):
            connected.close()
            raise _Forbidden
        self._sockets.append(connected)
        return connected

    @contextmanager
    def ending_after(self, timeout_s: float) -> Iterator[None]:
        """A server that sends a byte now and then must not hold us: time-outs start anew with each."""
        timer = threading.Timer(timeout_s, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self.is_over = True
        for connected in self._sockets:
            try:
                connected.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def why(self, error: Exception, timeout_s: float) -> str:
        if _is_caused_by(error, _Forbidden):
            return "Its address lies in this machine's own network, which is not allowed here."
        if self.is_over or isinstance(error, requests.Timeout):
            return _too_slow(timeout_s)
        return f"It could not be reached ({type(error).__name__})."


def _is_caused_by(error: BaseException | None, kind: type[BaseException]) -> bool:
    """urllib3 and requests wrap what went wrong, as arguments and as reasons."""
    seen: set[int] = set()
    left: list[object] = [error]
    while left:
        one = left.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        if isinstance(one, kind):
            return True
        seen.add(id(one))
        left += [*one.args, one.__cause__, one.__context__, getattr(one, "reason", None)]
    return False


def _is_public(host: str) -> bool:
    address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (mapped is None or mapped.is_global)


class _Adapter(HTTPAdapter):
    """requests over connections that ask the guard."""

    def __init__(self, guard: _Guard) -> None:
        self._guard = guard
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = _pools(self._guard)


def _pools(guard: _Guard) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return guard.passed(super()._new_conn())

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return guard.passed(super()._new_conn())

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}

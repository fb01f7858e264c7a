"""One POST to an address that a person typed: bounded in time and size, and kept out of our own network.

A name is resolved once, each address it has is looked at, and the connection is made to one of these very
addresses: what a name meant a moment ago proves nothing. Redirects are not followed, and nothing of the
environment is used.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from app.services.name_lookup import LOOKUP_S, LookupTooSlow, addresses_of

MOST_BYTES = 256 * 1024
_CONNECT_S = 5.0
_CHUNK = 16 * 1024

MayReach = Callable[[str], bool]
"""Whether a connection may lead to this IP address."""


class Unanswered(Exception):
    """No answer that could be used; the text is for people, and holds no secret."""


class _Forbidden(Exception):
    """The connection would end inside our own network."""


_TROUBLE = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError, _Forbidden)
"""requests wraps most of what may go wrong beneath it, but not all."""
# Public by number, but a cloud's own service inside: Azure's, and addresses that carry a private one in them.
_INSIDE = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "64:ff9b::/96", "64:ff9b:1::/48", "::/96")))


@dataclass(frozen=True)
class Answer:
    """What came back. `is_cut`: the body was longer than was read. `retry_after`: the header as it came."""

    status: int
    body: bytes
    is_cut: bool = False
    retry_after: str = ""


def post_json(
    url: str, body: Any, *, headers: dict[str, str], timeout_s: float, allows_private: bool
) -> Answer:
    """Raises Unanswered with the reason, also for an answer that is too large."""
    answer = post(
        url,
        json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **headers},
        timeout_s=timeout_s,
        may_reach=(lambda _host: True) if allows_private else is_public,
        most_bytes=MOST_BYTES,
    )
    if answer.is_cut:
        raise Unanswered(f"Its answer was larger than {MOST_BYTES // 1024} KiB.")
    return answer


def post(
    url: str, body: bytes, *, headers: dict[str, str], timeout_s: float, may_reach: MayReach, most_bytes: int
) -> Answer:
    """Raises Unanswered with the reason."""
    guard = _Guard(may_reach)
    with requests.Session() as session, guard.ending_after(timeout_s):
        session.trust_env = False
        session.mount("http://", _Adapter(guard))
        session.mount("https://", _Adapter(guard))
        try:
            answer = _ask(session, url, body, headers, timeout_s, most_bytes)
        except _TROUBLE as error:
            raise Unanswered(guard.why(error, timeout_s)) from None
    if guard.is_over:
        # What was cut off looks like an answer that ended early.
        raise Unanswered(_too_slow(timeout_s))
    return answer


def _ask(
    session: requests.Session, url: str, body: bytes, headers: dict[str, str], timeout_s: float, most: int
) -> Answer:
    end = time.monotonic() + timeout_s
    with session.post(
        url,
        data=body,
        headers=headers,
        timeout=(min(_CONNECT_S, timeout_s), timeout_s),
        stream=True,
        allow_redirects=False,
    ) as answer:
        received = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            received += chunk
            if len(received) > most:
                break
            if time.monotonic() > end:
                raise Unanswered(_too_slow(timeout_s))
        retry_after = answer.headers.get("Retry-After", "")
        return Answer(answer.status_code, bytes(received[:most]), len(received) > most, retry_after)


def _too_slow(timeout_s: float) -> str:
    return f"It did not answer within {timeout_s:.0f} s."


class _Guard:
    """Lets connections lead where they may only, and cuts them when time is up."""

    def __init__(self, may_reach: MayReach) -> None:
        self._may_reach = may_reach
        self._sockets: list[socket.socket] = []
        self.is_over = False

    def connect(self, connection: HTTPConnection, dial: Callable[[], socket.socket]) -> socket.socket:
        """To the addresses that the connection's name has now, one after the other. Raises _Forbidden as
        soon as one of them is not allowed: a name that leads both ways is up to no good."""
        name = connection._dns_host
        addresses = addresses_of(name, connection.port)
        if not all(map(self._may_reach, addresses)):
            raise _Forbidden
        try:
            return self._first(connection, addresses, dial)
        finally:
            connection._dns_host = name

    def _first(
        self, connection: HTTPConnection, addresses: list[str], dial: Callable[[], socket.socket]
    ) -> socket.socket:
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            connection._dns_host = address
            try:
                connected = dial()
            except (HTTPError, OSError):
                if not left or self.is_over:
                    raise
                continue
            self._sockets.append(connected)
            return connected
        raise OSError("the name has no address")

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
        if _is_caused_by(error, LookupTooSlow):
            return f"Its name could not be looked up within {LOOKUP_S:.0f} s."
        if _is_caused_by(error, socket.gaierror):
            return "Its name leads to no address."
        if _is_caused_by(error, ssl.SSLCertVerificationError):
            return "Its certificate is not valid for this address."
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


def is_public(host: str) -> bool:
    """Whether an IP address lies out in the world."""
    address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    is_outside = address.is_global and not address.is_multicast
    return (
        is_outside
        and not any(address in net for net in _INSIDE)
        and (mapped is None or is_public(str(mapped)))
    )


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
            return guard.connect(self, super()._new_conn)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return guard.connect(self, super()._new_conn)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}

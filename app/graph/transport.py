"""The requests session under the Graph client: pooled, bounded, quiet about secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from app.graph.departure import departing
from app.graph.redaction import redact_http_logs

USER_AGENT = "waba-console"
_READS = frozenset({"GET"})
_PASSING_FAULTS = (
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_RETRIES = 2
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 2.0
_HOSTS = 4
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def build_session(pool_size: int) -> requests.Session:
    """A session for `pool_size` threads to share.

    The environment's proxies and CA bundle are read here, once: requests would look them up on
    every call, a quarter and more of its time. Only GETs are repeated by themselves.
    """
    redact_http_logs()
    session = requests.Session()
    session.trust_env = False
    session.proxies = dict(getproxies())
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
    adapter = _GraphAdapter(
        pool_connections=_HOSTS, pool_maxsize=pool_size, pool_block=True, max_retries=_reads_only()
    )
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Departing:
    """A connection that says when a request's first bytes leave: after it is open, and not before.

    Between the word and the system call there are a few instructions; anywhere further up there would
    be a millisecond, and with many threads many of them, in which a killed process leaves a doubt.
    """

    sock: Any

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        departing()
        super().send(data)  # type: ignore[misc]


class _HTTPConnection(_Departing, HTTPConnection):
    pass


class _HTTPSConnection(_Departing, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _HTTPPool, "https": _HTTPSPool}


class _GraphAdapter(HTTPAdapter):
    """Leaves the proxy out for this machine and hosts that NO_PROXY names; asked once a host."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._direct: dict[str, bool] = {}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        via = proxies if proxies and not self._is_direct(request.url or "") else {}
        return super().send(request, stream, timeout, verify, cert, dict(via))

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def _is_direct(self, url: str) -> bool:
        host = urlsplit(url).hostname or ""
        if host not in self._direct:
            self._direct[host] = host in _LOOPBACK or bool(proxy_bypass(host))
        return self._direct[host]


class _ReadsOnly(Retry):
    """urllib3 repeats a refused connection for any method and counts a read time-out as one more
    try; here a POST is never repeated, and whoever waited for an answer once does not wait again.
    """

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: Any = None,
    ) -> Self:
        if isinstance(error, ReadTimeoutError):
            raise error
        if error is not None and method not in _READS and _pool is not None:
            raise MaxRetryError(_pool, url or "", error)
        return super().increment(method, url, response, error, _pool, _stacktrace)


def _reads_only() -> Retry:
    return _ReadsOnly(
        total=_RETRIES,
        read=1,
        allowed_methods=_READS,
        status_forcelist=_PASSING_FAULTS,
        backoff_factor=_FIRST_PAUSE_S,
        backoff_max=_LONGEST_PAUSE_S,
        backoff_jitter=_FIRST_PAUSE_S,
        raise_on_status=False,
        respect_retry_after_header=False,
    )

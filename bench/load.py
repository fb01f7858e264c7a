"""A small closed-loop load generator: N kept-alive connections, each sends as soon as it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What one run of load gave."""

    per_second: float
    p50_ms: float
    p99_ms: float
    answers: int
    refused: int


class _Connection(asyncio.Protocol):
    """Writes requests one after the other; an answer without a body ends with its head."""

    def __init__(self, request: Callable[[], bytes], stop_at: float) -> None:
        self._request = request
        self._stop_at = stop_at
        self._buffer = b""
        self._sent_at = 0.0
        self.times: list[float] = []
        self.refused = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = _content_length(head)
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        self.times.append(time.perf_counter() - self._sent_at)
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            self.refused += 1
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        if time.perf_counter() >= self._stop_at:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._request())  # type: ignore[attr-defined]


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def load(port: int, request: Callable[[], bytes], *, connections: int, seconds: float) -> Measured:
    """Send for so many seconds over so many connections to a server of this machine."""
    return asyncio.run(_load(port, request, connections, seconds))


async def _load(port: int, request: Callable[[], bytes], connections: int, seconds: float) -> Measured:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(request, started + seconds), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.wait([protocol.done for _, protocol in opened], timeout=seconds + 15)
    took = time.perf_counter() - started
    times = sorted(time_ for _, protocol in opened for time_ in protocol.times)
    return Measured(
        per_second=len(times) / took,
        p50_ms=1000 * times[len(times) // 2],
        p99_ms=1000 * times[int(len(times) * 0.99)],
        answers=len(times),
        refused=sum(protocol.refused for _, protocol in opened),
    )

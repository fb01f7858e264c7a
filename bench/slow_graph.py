"""A Graph that answers each send after a fixed time and does nothing else: what is measured is the sender.

    python -m bench.slow_graph PORT MILLISECONDS

`GET /count` answers how many sends it took, and the most it took within any one second, per number.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict

_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"


class Taken:
    """Every send's moment, by the phone number id in its path."""

    def __init__(self) -> None:
        self.moments: dict[str, list[float]] = defaultdict(list)

    def note(self, path: str) -> int:
        moments = self.moments[path.split("/")[2]]
        moments.append(time.monotonic())
        return sum(map(len, self.moments.values()))

    def figures(self) -> dict[str, dict[str, float]]:
        return {number: _figures(moments) for number, moments in self.moments.items()}


def _figures(moments: list[float]) -> dict[str, float]:
    start, busiest = 0, 0
    for end, moment in enumerate(moments):
        while moments[start] <= moment - 1.0:
            start += 1
        busiest = max(busiest, end - start + 1)
    return {"count": len(moments), "seconds": moments[-1] - moments[0], "busiest_second": busiest}


class _Connection(asyncio.Protocol):
    def __init__(self, taken: Taken, delay_s: float) -> None:
        self._taken = taken
        self._delay_s = delay_s
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._buffer = body[_length(head) :]
        method, path = head.split(b" ", 2)[:2]
        if method == b"GET":
            self._answer(json.dumps(self._taken.figures()))
            return
        number = self._taken.note(path.decode())
        to = json.loads(body)["to"]
        contact = {"input": to, "wa_id": to.lstrip("+")}
        message = {"id": f"wamid.SLOW{number:012d}"}
        answer = json.dumps({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})
        asyncio.get_running_loop().call_later(self._delay_s, self._answer, answer)

    def _answer(self, body: str) -> None:
        if not self._transport.is_closing():
            self._transport.write((_HEAD.format(length=len(body)) + body).encode())  # type: ignore[attr-defined]


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


async def serve(port: int, delay_s: float) -> None:
    taken = Taken()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(taken, delay_s), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))

"""Ports for servers that start a little later than their address is needed."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import socket
from collections.abc import Iterator


def _ports() -> Iterator[int]:
    """Those that the system gives to nobody by itself, so that none is taken before its server is up; of them
    every 64th, so that test processes side by side do not choose the same."""
    place = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 64
    mine = range(15_000 + place, 32_000, 64)
    first = random.randrange(len(mine))
    return itertools.cycle([*mine[first:], *mine[:first]])


_PORTS = _ports()


def free_port() -> int:
    """For a server that starts a little later; not given twice."""
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")

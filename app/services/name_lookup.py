"""Which IP addresses a name has, within a time: the system's resolver knows none, and cannot be stopped.

Each look-up therefore has a thread of its own, which whoever asked does not wait for any longer than is fit.
What hangs is bounded: with so many under way, the next one waits for its turn as long, and then gives up.
"""

from __future__ import annotations

import socket
import threading
import time

LOOKUP_S = 5.0
MOST_HANGING = 32


class LookupTooSlow(OSError):
    """The name servers said nothing in time."""


class _Lookup(threading.Thread):
    """One question to the resolver; a daemon, so that a process can end while it hangs."""

    def __init__(self, host: str, port: int | None, places: threading.Semaphore) -> None:
        super().__init__(name="name-lookup", daemon=True)
        self._asked = (host, port)
        self._places = places
        self.found: list[str] = []
        self.trouble: OSError | ValueError | None = None

    def run(self) -> None:
        try:
            places = socket.getaddrinfo(*self._asked, type=socket.SOCK_STREAM)
            self.found = list(dict.fromkeys(str(place[0]) for *_, place in places))
        except (OSError, ValueError) as error:
            self.trouble = error
        finally:
            self._places.release()


_PLACES = threading.BoundedSemaphore(MOST_HANGING)


def addresses_of(host: str, port: int | None, timeout_s: float = LOOKUP_S) -> list[str]:
    """The IP addresses a name has, each once, in the resolver's order. Raises OSError, ValueError."""
    end = time.monotonic() + timeout_s
    if not _PLACES.acquire(timeout=timeout_s):
        raise LookupTooSlow
    lookup = _Lookup(host, port, _PLACES)
    lookup.start()
    lookup.join(max(0.0, end - time.monotonic()))
    if lookup.is_alive():
        raise LookupTooSlow
    if lookup.trouble is not None:
        raise lookup.trouble
    return lookup.found

"""Name servers that say nothing hold nobody up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.services import name_lookup
from app.services.guarded_http import Unanswered, post
from app.services.name_lookup import LookupTooSlow, addresses_of
from app.services.outgoing.addresses import UnfitAddress, check_address

SOON_S = 0.2


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A resolver that hangs for names under example.com, until the test is over."""
    real, over = socket.getaddrinfo, threading.Event()

    def hanging(host: Any, *rest: Any, **options: Any) -> Any:
        if str(host).endswith("example.com"):
            over.wait(30)
            raise socket.gaierror("no answer")
        return real(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    monkeypatch.setattr(addresses_of, "__defaults__", (SOON_S,))
    yield over
    over.set()
    for thread in threading.enumerate():
        if thread.name == "name-lookup":
            thread.join(20)


def test_a_look_up_ends_when_its_time_is_up(silent: threading.Event) -> None:
    begun = time.monotonic()
    with pytest.raises(LookupTooSlow):
        addresses_of("slow.example.com", 443)
    assert time.monotonic() - begun < 15
    assert addresses_of("127.0.0.1", 80) == ["127.0.0.1"]


def test_a_delivery_says_that_the_name_was_not_looked_up(silent: threading.Event) -> None:
    ask = {"headers": {}, "timeout_s": 10.0, "may_reach": lambda _host: True, "most_bytes": 10}
    begun = time.monotonic()
    with pytest.raises(Unanswered, match="could not be looked up"):
        post("https://slow.example.com/", b"{}", **ask)
    assert time.monotonic() - begun < 9


@pytest.mark.usefixtures("make")
def test_an_address_is_not_saved_before_its_name_was_looked_up(silent: threading.Event) -> None:
    with pytest.raises(UnfitAddress, match="looked up in time"):
        check_address("https://slow.example.com/hooks")


def test_no_more_hang_than_there_are_places_for(
    silent: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_lookup, "_PLACES", threading.BoundedSemaphore(2))
    for _ in range(4):
        with pytest.raises(LookupTooSlow):
            addresses_of("slow.example.com", 443)
    hanging = [thread for thread in threading.enumerate() if thread.name == "name-lookup"]
    assert len(hanging) == 2

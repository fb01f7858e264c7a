"""What the client asks and what the sandbox answers, held against Meta's own description."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.graph.client import GraphClient
from tests.contract import description, faults
from tests.contract.exceptions import KNOWN, UNDESCRIBED
from tests.contract.known import fits, idle
from tests.contract.world import World, methods


def test_every_method_of_the_client_was_called(toured: World) -> None:
    assert isinstance(toured.client, GraphClient)
    assert methods() - toured.called == set()


@pytest.mark.usefixtures("described")
class TestDescription:
    def test_each_call_is_described(self, toured: World) -> None:
        missing = {name for name, found in operations(toured) if found is None}
        assert missing - set(UNDESCRIBED) == set(), "calls that Meta's description does not have"
        assert set(UNDESCRIBED) - missing == set(), "these are described (or no longer called)"

    def test_requests_and_answers_are_as_described(self, toured: World) -> None:
        found = {f"{name}: {fault}" for name, fault in found_faults(toured) if not known(name, fault)}
        assert sorted(found) == []

    def test_each_exception_is_still_one(self, toured: World) -> None:
        assert idle(KNOWN, set(found_faults(toured))) == []


def operations(world: World) -> Iterator[tuple[str, description.Operation | None]]:
    recorder = world.recorder
    for exchange in recorder.exchanges:
        operation = description.find(exchange.method, exchange.segments, recorder.kinds)
        yield recorder.name(exchange), operation


def found_faults(world: World) -> Iterator[tuple[str, str]]:
    """Operation and fault, for all that was said on the tour."""
    recorder = world.recorder
    for exchange in recorder.exchanges:
        operation = description.find(exchange.method, exchange.segments, recorder.kinds)
        if operation is not None:
            told = faults.request_faults(operation, exchange) + faults.answer_faults(operation, exchange)
            yield from ((operation.name, fault) for fault in told)


def known(name: str, fault: str) -> bool:
    return any(fits(entry, name) and fault in entry.faults for entry in KNOWN)

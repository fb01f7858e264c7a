"""One sandbox and one tour through it for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract import description
from tests.contract.tour import travel
from tests.contract.world import World
from tests.sandbox.support import Receiver, RunningSandbox


@pytest.fixture(scope="session")
def contract_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    running = RunningSandbox(tmp_path_factory.mktemp("contract") / "sandbox.sqlite")
    yield running
    running.close()


@pytest.fixture
def described() -> None:
    """Skips, visibly, where Meta's file is absent."""
    description.needed()


@pytest.fixture(scope="session")
def toured(contract_sandbox: RunningSandbox) -> Iterator[World]:
    """The world after every method of the client was called in it."""
    receiver = Receiver()
    world = World(contract_sandbox, receiver)
    travel(world)
    yield world
    world.close()
    receiver.close()

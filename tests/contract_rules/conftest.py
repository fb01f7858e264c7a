"""One sandbox for all comparisons of a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract_rules.door import Door


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = Door(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite")
    yield made
    made.close()

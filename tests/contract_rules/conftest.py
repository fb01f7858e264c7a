"""One sandbox for all comparisons of a session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.sandbox.graph.message_template_rules import check_creation
from app.sandbox.store import message_templates
from tests.contract_rules.door import Door
from tests.contract_rules.send_cases import CREATED


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = Door(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite")
    yield made
    made.close()


@pytest.fixture(scope="session")
def approved(door: Door) -> dict[str, Any]:
    """The message templates of `send_cases` in the sandbox's account, as its store keeps approved ones."""
    kept = {}
    for name, given_body in CREATED.items():
        made = json.loads(json.dumps(given_body)) | {"name": f"case_{name}"}
        check_creation(made)
        message_templates.insert(door.sandbox.db, door.waba_id, made, status="APPROVED")
        kept[name] = made
    return kept

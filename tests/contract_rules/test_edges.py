"""The exact limits: at the last length or count that our rules take, and one over it, both say the same."""

from __future__ import annotations

from typing import Any

import pytest

from app.graph.payloads import validate
from tests.contract_rules import message_cases, test_same_message_rules, test_same_send_rules
from tests.contract_rules import test_same_message_template_rules as template_rules
from tests.contract_rules.door import Door
from tests.contract_rules.edges import edges
from tests.contract_rules.message_template_cases import HANDLE, QUICK
from tests.contract_rules.parts import PLAIN, buttons, footer, header, marketing
from tests.contract_rules.send_cases import CREATED, filled

TEMPLATES: dict[str, dict[str, Any]] = {
    **CREATED,
    "quick": marketing(PLAIN, buttons(QUICK, QUICK)),
    "footer": marketing(header("News"), PLAIN, footer(text="Harbour Lane")),
    "handle": marketing({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [HANDLE]}}, PLAIN),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_limits_of_message_templates(name: str) -> None:
    for body in edges(TEMPLATES[name], lambda given: template_rules.ours(given) == []):
        template_rules.assert_same(body)


@pytest.mark.parametrize("case", message_cases.VALID, ids=lambda case: f"{case[0]} {str(case[1])[:40]}")
def test_limits_of_messages(door: Door, case: tuple[str, Any]) -> None:
    kind, content = case
    for changed in edges(content, lambda given: validate(kind, given) == []):
        test_same_message_rules.assert_same(door, kind, changed)


@pytest.mark.parametrize("name", CREATED)
def test_limits_of_sends(door: Door, approved: dict[str, Any], name: str) -> None:
    assert approved
    for sent in edges(filled(name), lambda given: test_same_send_rules.ours(name, given) == []):
        test_same_send_rules.assert_same(door, name, sent)

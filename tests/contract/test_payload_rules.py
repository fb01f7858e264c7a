"""Meta's own example messages against the rules by which we refuse a message before it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from app.graph import payloads
from app.graph.payloads import validate
from tests.contract import description, filling
from tests.contract.example_exceptions import AGAINST_OUR_RULES, WITHOUT_TYPE

pytestmark = pytest.mark.usefixtures("described")
EDGES = ("POST /{Phone-Number-ID}/messages", "POST /{Phone-Number-ID}/marketing_messages")
_ENVELOPE = {
    "messaging_product",
    "recipient_type",
    "to",
    "type",
    "context",
    "product_policy",
    "message_activity_sharing",
}


def messages() -> dict[str, dict[str, Any]]:
    """Every example of a message by its name; marking as read is none."""
    filler = filling.by_form()
    found = {
        name: filler.fill(value)
        for edge in EDGES
        for name, (_, value) in description.operations()[edge].examples().items()
    }
    return {name: body for name, body in found.items() if "status" not in body}


def problems(name: str, body: dict[str, Any]) -> list[str]:
    message_type = body.get("type") or WITHOUT_TYPE[name]
    found = validate(message_type, body.get(message_type))
    return [f"{problem.field}: {problem.message}" for problem in found]


def test_metas_examples_of_messages_pass_our_rules() -> None:
    assert len(messages()) > 40
    found = {name: problems(name, body) for name, body in messages().items() if name not in AGAINST_OUR_RULES}
    assert {name: told for name, told in found.items() if told} == {}


def test_each_exception_is_still_one() -> None:
    assert set(AGAINST_OUR_RULES) | set(WITHOUT_TYPE) <= set(messages())
    assert [name for name in AGAINST_OUR_RULES if not problems(name, messages()[name])] == []
    assert [name for name in WITHOUT_TYPE if "type" in messages()[name]] == []


def test_our_envelope_makes_the_same_bodies_again() -> None:
    for name, body in messages().items():
        if name in AGAINST_OUR_RULES or name in WITHOUT_TYPE or "product_policy" in body:
            continue
        made = payloads.envelope(
            body["to"],
            content=payloads.content(body["type"], body[body["type"]]),
            context_wamid=body.get("context", {}).get("message_id"),
        )
        assert made == {"recipient_type": "individual", **body, "to": made["to"]}, name
        assert set(body) <= _ENVELOPE | {body["type"]}, name

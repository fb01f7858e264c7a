"""Meta's own example bodies against our rules; skipped, and said so, where Meta's file is absent."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from app.graph import payloads
from app.graph.payloads import validate
from tests.graph.conftest import SAMPLES
from tests.graph.openapi_exceptions import REFUSED, WITHOUT_TYPE, fill_in

DESCRIPTION = SAMPLES.parent / "openapi" / "business-messaging-api_v23.0.yaml"
EDGES = ("/{Version}/{Phone-Number-ID}/messages", "/{Version}/{Phone-Number-ID}/marketing_messages")
_ENVELOPE = {
    "messaging_product",
    "recipient_type",
    "to",
    "type",
    "context",
    "product_policy",
    "message_activity_sharing",
}


@cache
def examples() -> dict[str, dict[str, Any]]:
    """Every request example of the two edges, by its name."""
    yaml = pytest.importorskip("yaml")
    if not DESCRIPTION.is_file():
        pytest.skip("Meta's OpenAPI file beside the checkout is absent")
    with DESCRIPTION.open(encoding="utf-8") as file:
        described = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    found: dict[str, dict[str, Any]] = {}
    for edge in EDGES:
        body = described["paths"][edge]["post"]["requestBody"]["content"]["application/json"]
        found |= {name: fill_in(example["value"]) for name, example in body["examples"].items()}
    return found


def faults(name: str, body: dict[str, Any]) -> list[str]:
    message_type = body.get("type") or WITHOUT_TYPE[name]
    found = validate(message_type, body.get(message_type))
    return [f"{problem.field}: {problem.message}" for problem in found]


def messages() -> dict[str, dict[str, Any]]:
    return {name: body for name, body in examples().items() if "status" not in body}


def test_metas_examples_of_messages_pass_our_rules() -> None:
    assert len(messages()) > 40
    found = {name: faults(name, body) for name, body in messages().items() if name not in REFUSED}
    assert {name: told for name, told in found.items() if told} == {}


def test_each_exception_is_still_one() -> None:
    assert set(REFUSED) | set(WITHOUT_TYPE) <= set(messages())
    assert [name for name in REFUSED if not faults(name, messages()[name])] == []
    assert [name for name in WITHOUT_TYPE if "type" in messages()[name]] == []


def test_our_envelope_makes_the_same_bodies_again() -> None:
    for name, body in messages().items():
        if name in REFUSED or name in WITHOUT_TYPE or "product_policy" in body:
            continue
        made = payloads.envelope(
            body["to"],
            content=payloads.content(body["type"], body[body["type"]]),
            context_wamid=body.get("context", {}).get("message_id"),
        )
        assert made == {"recipient_type": "individual", **body, "to": made["to"]}, name
        assert set(body) <= _ENVELOPE | {body["type"]}, name

"""What a webhook's body says: a case per file in `data/webhooks`, and bodies gone wrong at random."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.graph.webhooks import BadElement, Item, UnknownChange, loads, named_account_ids, parse
from tests.graph.conftest import samples

CASES = sorted((Path(__file__).parent / "data" / "webhooks").glob("*.json"))
ARRIVED = datetime(2026, 11, 22, 12, tzinfo=UTC)


def plain(item: Item) -> dict[str, Any]:
    """An item as JSON would have it."""

    def simple(value: object) -> str:
        return value.isoformat() if isinstance(value, datetime) else repr(value)

    return json.loads(json.dumps(asdict(item), default=simple))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_body_becomes_these_items(path: Path) -> None:
    case = json.loads(path.read_text())
    items = parse(case["body"], received_at=ARRIVED).items
    assert [type(item).__name__ for item in items] == [name for name, _ in case["items"]]
    for item, (_, wanted) in zip(items, case["items"], strict=True):
        found = plain(item)
        assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("path", samples("webhooks/*.json"))
def test_every_sample_is_understood_completely(path: Path) -> None:
    found = parse(loads(path.read_bytes()))
    assert found.items
    assert found.bad_elements == ()
    assert not [item for item in found.items if isinstance(item, UnknownChange)]


def test_all_samples_are_there() -> None:
    assert len(samples("webhooks/*.json")) in {1, 40}


def test_named_accounts_are_found_before_anything_is_trusted() -> None:
    body = {
        "entry": [
            {"id": "7", "changes": [{"value": {"waba_info": {"waba_id": 8}}}, {"value": []}, 5]},
            {"id": 9},
            {"id": None, "changes": "x"},
            "odd",
        ]
    }
    assert named_account_ids(body) == {"7", "8", "9"}
    for odd in (None, [], "x", {"entry": {}}, {"entry": [{"id": {}}]}):
        assert named_account_ids(odd) == set()


BODIES = [json.loads(path.read_text())["body"] for path in CASES]
odd_values = st.sampled_from(
    [None, True, 0, -1, 2**70, 1.5, "", "x", "US.1", "9" * 30, [], [None], [[]], {}, {"id": {}}, {"a": [1]}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside."""
    pairs = list(value.items()) if isinstance(value, dict) else []
    pairs += list(enumerate(value)) if isinstance(value, list) else []
    inner = [found for key, child in pairs for found in places(child, (*path, key))]
    return [path, *inner] if path else inner


def change(body: Any, path: tuple[Any, ...], odd: Any, remove: bool) -> None:
    """Swap the value at this path for an odd one, or take it away; paths may be gone by now."""
    parent = body
    for key in path[:-1]:
        try:
            parent = parent[key]
        except (KeyError, IndexError, TypeError):
            return
    key = path[-1]
    if isinstance(parent, dict) and remove:
        parent.pop(key, None)
    elif isinstance(parent, dict) or (isinstance(parent, list) and key in range(len(parent))):
        parent[key] = odd


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_swapped_and_missing_values_never_raise(data: st.DataObject) -> None:
    body = copy.deepcopy(data.draw(st.sampled_from([body for body in BODIES if places(body)])))
    paths = places(body)
    for _ in range(data.draw(st.integers(1, 4))):
        odd = copy.deepcopy(data.draw(odd_values))
        change(body, data.draw(st.sampled_from(paths)), odd, data.draw(st.booleans()))
    for item in parse(body, received_at=ARRIVED).items:
        json.dumps(plain(item))
    assert all(isinstance(name, str) for name in named_account_ids(body))


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["object", "entry", "changes", "value", "field", "messages", "id", "x"]),
                inner,
            )
        ),
    )
)
def test_any_json_is_survived(body: object) -> None:
    parse(body)
    if isinstance(body, dict):
        parse({**body, "object": "whatsapp_business_account"})


def test_one_bad_message_costs_only_itself() -> None:
    good = {"id": "wamid.1", "from": "1", "timestamp": "1", "type": "text", "text": {"body": "x"}}
    value = {"messages": [good, 5, {}, good]}
    body = {
        "object": "whatsapp_business_account",
        "entry": [{"changes": [{"field": "messages", "value": value}]}],
    }
    found = parse(body)
    assert len(found.items) == 4
    assert [item.path for item in found.bad_elements] == [
        "entry[0].changes[0].value.messages[1]",
        "entry[0].changes[0].value.messages[2]",
    ]
    assert all(isinstance(item, BadElement) for item in found.bad_elements)

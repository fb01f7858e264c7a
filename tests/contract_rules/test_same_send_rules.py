"""Does a send fit its message template? Our rules say what the sandbox answers, for the same component."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.message_template_rules import check_send
from app.graph.payloads import validate
from app.sandbox.graph.message_template_values import in_lower_case
from tests.contract_rules.door import Door, words_of
from tests.contract_rules.mutations import mutated
from tests.contract_rules.profile import same_cases
from tests.contract_rules.send_cases import CREATED, LIMITS, filled


def ours(name: str, sent: Any) -> list[str]:
    template = {"name": f"case_{name}", "language": {"code": "en"}, "components": sent}
    found = validate("template", template) or check_send(CREATED[name]["components"], sent)
    return [_component(one.field, one.message, sent) for one in found if one.severity == "error"]


def theirs(door: Door, name: str, sent: Any) -> dict[str, Any] | None:
    template = {"name": f"case_{name}", "language": {"code": "en"}, "components": sent}
    return door.send("template", template)


def _component(field: str, words: str, sent: Any) -> str:
    """The kind of the component that is meant: `body`, `button`, …"""
    place = re.search(r"components(?:'\])?\[(\d+)\]", field)
    if place is None:
        first = words.split(":")[0].split()[0].lower() if ":" in words else ""
        return first if first in ("header", "body", "button", "carousel", "limited_time_offer") else ""
    part = sent[int(place[1])]
    kind = part.get("type") if isinstance(part, dict) else None
    return kind if isinstance(kind, str) else ""


def _blamed(error: dict[str, Any], sent: Any) -> str:
    words = words_of(error)
    return _component(words, re.sub(r"^(\w+)[^:]*:", r"\1:", words), sent)


def is_taken_by_the_sandbox_alone(sent: Any) -> bool:
    """Reviewed: it is lenient as Meta seems to be with public clients, and our own rules are not.

    Capital types (Meta's examples and pywa have them), and the end of an offer in seconds (pywa).
    """
    ends = re.findall(r'"expiration_time_ms": "?(\d+)\b', json.dumps(sent))
    return in_lower_case(sent) != sent or any(int(end) < 10**11 for end in ends)


def assert_same(door: Door, name: str, sent: Any) -> None:
    if is_taken_by_the_sandbox_alone(sent):
        return
    mine, answer = ours(name, sent), theirs(door, name, sent)
    shown = f"{name}: {json.dumps(sent, ensure_ascii=False)[:900]}"
    if answer is None or "media attachment ID" in words_of(answer):
        assert mine == [], f"only our rules refuse {mine}: {shown}"
        return
    assert mine, f"only the sandbox refuses: “{words_of(answer)}”: {shown}"
    blamed = _blamed(answer, sent)
    assert not blamed or {blamed, ""} & set(mine), f"{mine}, not {blamed}: “{words_of(answer)}”: {shown}"


@pytest.mark.parametrize("name", CREATED)
def test_a_good_send_both_take(door: Door, approved: dict[str, Any], name: str) -> None:
    assert approved
    assert (ours(name, filled(name)), theirs(door, name, filled(name))) == ([], None)


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, Any]:
    name = draw(st.sampled_from(sorted(CREATED)))
    return name, draw(mutated(st.just(filled(name)), LIMITS, most=3, least=1))


def test_what_one_refuses_the_other_refuses(door: Door, approved: dict[str, Any]) -> None:
    assert approved

    @same_cases
    @given(changed())
    def holds(case: tuple[str, Any]) -> None:
        assert_same(door, *case)

    holds()

"""What our rules say of a message is what the sandbox answers to its send, for the same part."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from app.graph.payloads import KINDS, validate
from tests.contract_rules import message_cases as cases
from tests.contract_rules.door import Door, is_same_place, part_of, words_of
from tests.contract_rules.profile import same_cases

PLAIN = tuple(case for case in cases.VALID if case[0] != "interactive")
INTERACTIVE = tuple(case for case in cases.VALID if case[0] == "interactive")


def is_looser_here(kind: str, content: Any) -> bool:
    """Where the sandbox is lenient on purpose. Reviewed list, each with its reason.

    More than five contacts: Meta's pages say 257 and 5; we send what both allow, the sandbox takes
    what one allows.
    """
    return kind == "contacts" and isinstance(content, list) and len(content) > 5


def assert_same(door: Door, kind: str, content: Any) -> None:
    mine, theirs = [one.field for one in validate(kind, content)], door.send(kind, content)
    shown = f"{kind}: {json.dumps(content, ensure_ascii=False)[:900]}"
    if theirs is None or "media attachment ID" in words_of(theirs):  # whose file it is, no rule can know
        assert mine == [] or is_looser_here(kind, content), f"only our rules refuse {mine}: {shown}"
        return
    said = f"“{words_of(theirs)}”: {shown}"
    assert mine, f"only the sandbox refuses: {said}"
    part = part_of(theirs)
    assert any(is_same_place(field, part) for field in mine), f"{mine}, not {part}: {said}"


def test_every_kind_is_compared() -> None:
    """Messages are pinned in groups only, and the sandbox has none."""
    assert {kind for kind, _ in cases.VALID} == set(KINDS) - {"template", "pin"}


@pytest.mark.parametrize("case", cases.VALID, ids=lambda case: f"{case[0]} {str(case[1])[:40]}")
def test_what_meta_takes_both_take(door: Door, case: tuple[str, Any]) -> None:
    assert (validate(*case), door.send(*case)) == ([], None)


@pytest.mark.parametrize("listed", [PLAIN, INTERACTIVE], ids=["plain", "interactive"])
def test_what_one_refuses_the_other_refuses_for_the_same_part(
    door: Door, listed: tuple[tuple[str, Any], ...]
) -> None:
    @same_cases
    @given(cases.changed(listed))
    def holds(case: tuple[str, Any]) -> None:
        assert_same(door, *case)

    holds()

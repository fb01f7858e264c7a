"""Meta's codes in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.graph.advice import AdviceClass, Retry, Side
from app.graph.error_table import SECTIONS, SUBCODES, TABLE, advice_for, explain, find_entry, meta_title
from tests.graph.conftest import SAMPLES

R, W, P, T, O = AdviceClass  # noqa: E741


@pytest.mark.parametrize(
    "code, advice",
    [
        (0, T),
        (3, O),
        (190, T),
        (200, T),
        (210, O),
        (368, O),
        (4, R),
        (80007, R),
        (130429, R),
        (131048, O),
        (131056, R),
        (133016, W),
        (2, R),
        (131026, P),
        (131042, O),
        (131047, P),
        (131049, W),
        (131050, P),
        (132001, P),
        (132015, O),
        (132069, W),
        (133005, O),
        (133015, W),
        (2388019, O),
        (2388299, P),
        (139103, R),
        (138009, W),
    ],
)
def test_code_has_the_class_that_metas_advice_asks_for(code: int, advice: AdviceClass) -> None:
    assert advice_for(code) is advice
    assert explain(code).advice_class is advice


@pytest.mark.parametrize(
    "status, transient, advice",
    [
        (401, False, T),
        (403, False, O),
        (429, False, R),
        (500, False, R),
        (400, False, P),
        (400, True, R),
        (None, False, P),
    ],
)
def test_unknown_code_goes_by_the_status(status: int | None, transient: bool, advice: AdviceClass) -> None:
    assert advice_for(7654321, http_status=status, is_transient=transient) is advice


def test_unknown_code_is_explained_with_metas_own_words() -> None:
    found = explain(7654321, details="The moon is full.")
    assert "7654321" in found.explanation
    assert "“The moon is full.”" in found.explanation
    assert found.what_to_do
    assert "Strange title" in explain(7654321, title="Strange title").explanation
    assert explain(None).explanation.endswith("no error code.")


def test_metas_words_are_kept_short_and_on_one_line() -> None:
    found = explain(131053, details="a\nb   c" + "x" * 5000)
    assert "“a b cxxx" in found.explanation
    assert len(found.explanation) < 600


@pytest.mark.parametrize(
    "code, subcode, title",
    [
        (190, 463, "The access token has expired"),
        (190, 999, "The access token does not work any more"),
        (100, 2388024, "This language exists already"),
        (100, 33, "Meta does not find this id"),
        (100, 131, "Meta does not accept one of the values"),
        (130429, 2494055, "Messages go out too fast"),
        (131026, 33, "The message cannot be delivered"),
    ],
)
def test_subcode_says_more_where_it_names_the_fault(code: int, subcode: int, title: str) -> None:
    assert explain(code, subcode=subcode).title == title


def test_every_entry_reads_like_a_sentence() -> None:
    for code, entry in TABLE.items():
        assert entry.title[0].isupper(), code
        assert not entry.title.endswith("."), code
        assert entry.explanation.endswith("."), code
        assert entry.what_to_do.endswith("."), code
        assert "oops" not in entry.explanation.lower(), code


def test_waits_stand_only_with_codes_that_are_tried_again() -> None:
    for code, entry in TABLE.items():
        assert entry.wait_s is None or entry.advice_class in (R, W), code
        assert entry.advice_class is not W or entry.wait_s, code


@pytest.mark.parametrize(
    "code, side, retry",
    [
        (131026, Side.CUSTOMER, Retry.AFTER_CHANGE),
        (131047, Side.OURS, Retry.NEVER),
        (131000, Side.META, Retry.NOW),
        (131049, Side.META, Retry.LATER),
        (190, Side.ACCOUNT, Retry.AFTER_CHANGE),
        (132016, Side.ACCOUNT, Retry.NEVER),
        (7654321, Side.UNKNOWN, Retry.NOW),
    ],
)
def test_code_says_whose_side_it_is_on_and_whether_the_same_again_helps(
    code: int, side: Side, retry: Retry
) -> None:
    found = explain(code)
    assert (found.side, found.retry) == (side, retry)


def test_every_code_stands_under_a_heading_once() -> None:
    listed = [code for name, entries in SECTIONS.items() if name != SUBCODES for code in entries]
    assert sorted(listed) == sorted(TABLE)


def test_every_code_of_the_table_is_on_a_known_side() -> None:
    entries = [entry for entries in SECTIONS.values() for entry in entries.values()]
    assert not [entry.title for entry in entries if entry.side is Side.UNKNOWN]


def test_metas_title_is_given_where_it_is_known_and_never_made_up() -> None:
    assert meta_title(131047) == "Re-engagement message"
    assert meta_title(7654321) == meta_title(None) == ""


def documented_codes(page: Path) -> set[int]:
    """The numbers in the first column of the tables about codes (sections 3 to 11)."""
    text = page.read_text()
    tables = text[text.index("\n## 3.") : text.index("\n## 12.")]
    found: set[int] = set()
    for cell in re.findall(r"^\| ([\d, –/;]+?) \|", tables, re.MULTILINE):
        for part in re.split(r"[,/;]\s*", cell):
            bounds = [int(bound) for bound in part.split("–")]
            found.update(range(bounds[0], bounds[-1] + 1))
    return found


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of facts beside the checkout is absent")
def test_table_knows_every_documented_code() -> None:
    codes = documented_codes(SAMPLES.parent / "errors.md")
    assert len(codes) > 150
    assert sorted(code for code in codes if find_entry(code) is None) == []

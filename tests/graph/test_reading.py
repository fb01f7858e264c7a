"""Readers that take what Meta sends in whatever type it comes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph import reading
from app.graph.identifiers import is_node_id, is_user_id, phone_with_plus
from app.graph.redaction import redact

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(anything)
def test_no_reader_raises(value: object) -> None:
    for reader in (reading.text, reading.integer, reading.boolean, reading.moment):
        reader(value)
    assert isinstance(reading.mapping(value), dict)
    assert all(isinstance(item, dict) for item in reading.mappings(value))
    assert all(isinstance(item, str) for item in reading.texts(value))


@pytest.mark.parametrize(
    "value, expected",
    [
        ("x", "x"),
        ("", None),
        (5, "5"),
        (2**70, str(2**70)),
        (True, None),
        (1.5, None),
        (None, None),
        ([], None),
    ],
)
def test_ids_come_as_text(value: object, expected: str | None) -> None:
    assert reading.text(value) == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        (5, 5),
        ("5", 5),
        (" -5 ", -5),
        (5.0, 5),
        (5.5, None),
        (float("inf"), None),
        (True, None),
        ("5x", None),
        ("٥", None),
        ("9" * 50, None),
        (10**18, None),
    ],
)
def test_numbers_come_as_whole_numbers(value: object, expected: int | None) -> None:
    assert reading.integer(value) == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("1790000001", datetime.fromtimestamp(1790000001, UTC)),
        (1790000001, datetime.fromtimestamp(1790000001, UTC)),
        ("1790000001250", datetime.fromtimestamp(1790000001, UTC).replace(microsecond=250_000)),
        ("2026-01-31T08:00:00+0000", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-5, None),
        ("soon", None),
        ("0001-01-01T00:00:00+14:00", None),
        (10**17, None),
        (None, None),
    ],
)
def test_times_come_in_several_forms(value: object, expected: datetime | None) -> None:
    assert reading.moment(value) == expected


@pytest.mark.parametrize("value", ["US.7310000000000000101", "DE.ENT.abc9", "BR.x"])
def test_user_ids_are_known_by_their_pattern(value: str) -> None:
    assert is_user_id(value)


@pytest.mark.parametrize(
    "value", ["15550100001", "us.1", "US.", "US.ENT.", "USA.1", "US.1 ", "US.1\n", "US.é"]
)
def test_other_texts_are_no_user_ids(value: str) -> None:
    assert not is_user_id(value)


@pytest.mark.parametrize(
    "value, expected",
    [
        ("15550100001", "+15550100001"),
        ("+1 (555) 010-0001", "+15550100001"),
        ("+49\u00a0170\u20111234567", "+491701234567"),
        ("+0555010000", None),
        ("12345", None),
        ("call me", None),
        ("+1555010000100000001", None),
        ("", None),
        ("٤٩١٧٠١٢٣٤٥٦٧", None),
    ],
)
def test_phone_numbers_go_out_with_plus_and_digits(value: str, expected: str | None) -> None:
    assert phone_with_plus(value) == expected


def test_node_ids_have_no_signs_of_a_path() -> None:
    assert is_node_id("100200300")
    assert not any(is_node_id(value) for value in ("", "a/b", "..", "a?b", "a b", "é", "a\n"))


def test_redaction_knows_tokens_by_look_and_by_value() -> None:
    shown = redact(
        "GET /debug_token?input_token=abc&x=1 Authorization: Bearer abcdefgh123 EAABsbCS1234567890abcd "
        "5000%7Cabcdefghijkl my-own-value code=131047",
        ["my-own-value", None, "", "GET"],
    )
    assert shown == (
        "GET /debug_token?input_token=••••&x=1 Authorization: Bearer •••• •••• •••• •••• code=131047"
    )

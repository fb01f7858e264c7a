"""The one loader for JSON that strangers wrote."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.json_limits import MAX_DEPTH, MalformedBody, loads


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "body, reason",
    [
        (b"", "is not valid JSON"),
        (b"{", "is not valid JSON"),
        (b"{}{}", "is not valid JSON"),
        (b'"\x01"', "is not valid JSON"),
        (b"\xff", "is not UTF-8"),
        (b'"\xc3"', "is not UTF-8"),
        (b"\xef\xbb\xbf{}", "starts with a byte order mark"),
        ("{}".encode("utf-16"), "starts with a byte order mark"),
        ("{}".encode("utf-16-le"), "is not UTF-8"),
        ("{}".encode("utf-32-be"), "is not UTF-8"),
        (b"[NaN]", "has NaN, which JSON does not know"),
        (b"[-Infinity]", "has -Infinity, which JSON does not know"),
        (b"[1e400]", "has a number that is too large"),
        (nested(MAX_DEPTH + 1), "is nested too deeply"),
        (b'{"a":' * 100_000, "is nested too deeply"),
        (nested(3_000_000 // 2), "is nested too deeply"),
    ],
)
def test_body_that_is_refused_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        loads(body)
    assert caught.value.reason == reason


def test_depth_up_to_the_limit_is_taken() -> None:
    assert loads(nested(MAX_DEPTH)) is not None
    assert loads(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(MalformedBody):
        loads(b'{"a":[[1]]}', max_depth=2)


@pytest.mark.parametrize(
    "body, expected",
    [
        (rb'"a\u0000b"', "a\ufffdb"),
        (rb'"\ud800"', "\ufffd"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'{"k\u0000":["\udfff",{"x":"\ud83d\ude00"}]}', {"k\ufffd": ["\ufffd", {"x": "\U0001f600"}]}),
        (rb'"\\ud800"', r"\ud800"),
    ],
)
def test_texts_that_no_database_stores_are_mended(body: bytes, expected: object) -> None:
    assert loads(body) == expected


def test_huge_integers_stay_text() -> None:
    assert loads(b"[9223372036854775808, -1]") == [2**63, -1]
    assert loads(b"1" * 5000) == "1" * 5000


def test_doubled_key_is_refused_only_on_request() -> None:
    assert loads(b'{"a":1,"a":2}') == {"a": 2}
    with pytest.raises(MalformedBody):
        loads(b'{"x":[{"a":1,"a":2}]}', unique_keys=True)
    assert loads(b'{"a":1,"b":2}', unique_keys=True) == {"a": 1, "b": 2}


@pytest.mark.parametrize("body", [rb'["a\u0000"]', rb'{"\ud800":1}', b"[9223372036854775808]", b"1" * 5000])
def test_what_would_be_changed_is_refused_on_request(body: bytes) -> None:
    loads(body)
    with pytest.raises(MalformedBody):
        loads(body, only_storable=True)


def test_what_can_be_stored_is_taken_as_it_is() -> None:
    body = rb'{"a":["\ud83d\ude00",-9223372036854775808,9223372036854775807]}'
    assert loads(body, only_storable=True) == {"a": ["\U0001f600", -(2**63), 2**63 - 1]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_ordinary_json_comes_back_as_it_was(value: object, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    mended = json.loads(json.dumps(value).replace("\\u0000", "\\ufffd"))
    if "\\u0000" in json.dumps(value) or ascii_only:
        assert loads(body) == mended
    else:
        assert loads(body) == value


@given(st.binary(max_size=200))
def test_nothing_but_malformed_body_is_raised(body: bytes) -> None:
    with suppress(MalformedBody):
        loads(body)

"""The rules of single fields, without any call."""

from __future__ import annotations

from typing import Any

import pytest

from app.services import account_cleaners as cleaners
from app.services.account_fields import FIELDS, clean, fields_of, find_mix_ups


@pytest.mark.parametrize(
    "typed, kept",
    [(" 1048 5739 2016453 ", "104857392016453"), (104857392016453, "104857392016453"), ("", "")],
)
def test_ids_lose_what_came_along_with_copying(typed: Any, kept: str) -> None:
    assert cleaners.meta_id(typed) == kept


@pytest.mark.parametrize("typed", ["+442079460112", "12a45678", "123", "1" * 40, "１２３４５６", "1.5"])
def test_what_is_no_id_is_refused(typed: str) -> None:
    with pytest.raises(cleaners.Unfit):
        cleaners.meta_id(typed)


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("+44 20 7946 0112", "+442079460112"),
        ("442079460112", "+442079460112"),
        ("+1 (202) 555-0100", "+12025550100"),
    ],
)
def test_phone_numbers_are_kept_as_plus_and_digits(typed: str, kept: str) -> None:
    assert cleaners.phone_number(typed) == kept


def test_a_token_copied_over_several_lines_is_put_together() -> None:
    assert cleaners.access_token("EAAabcdef\n  ghijk \r\nlmnop").reveal() == "EAAabcdefghijklmnop"


@pytest.mark.parametrize("typed", ["a" * 32, "123|abc456789", "EAA é 12345678", "EAA"])
def test_what_is_no_access_token_is_refused(typed: str) -> None:
    with pytest.raises(cleaners.Unfit):
        cleaners.access_token(typed)


@pytest.mark.parametrize(
    "name, length",
    [
        ("business_about", 139),
        ("business_description", 512),
        ("business_address", 256),
        ("greeting_message", 1024),
    ],
)
def test_texts_may_be_as_long_as_meta_takes_and_no_longer(name: str, length: int) -> None:
    assert FIELDS[name].clean("é" * length) == "é" * length
    with pytest.raises(cleaners.Unfit, match="Shorten it by 1"):
        FIELDS[name].clean("é" * (length + 1))


@pytest.mark.parametrize(
    "typed", ["example.com", "ftp://example.com", "https://", "https://a b", "http://[x"]
)
def test_addresses_that_are_no_websites_are_refused(typed: str) -> None:
    with pytest.raises(cleaners.Unfit):
        cleaners.websites([typed])


def test_two_websites_at_most() -> None:
    assert cleaners.websites(["https://a.example", "", "https://b.example"]) == [
        "https://a.example",
        "https://b.example",
    ]
    with pytest.raises(cleaners.Unfit):
        cleaners.websites(["https://a.example"] * 3)


def test_a_stored_secret_may_stay_empty_and_a_missing_one_may_not() -> None:
    given = {"access_token": "", "webhook_verify_token": " "}
    values, problems = clean(fields_of(3), given, kept=frozenset({"access_token"}))
    assert values == {}
    assert [problem.field for problem in problems] == ["webhook_verify_token"]


def test_the_phone_number_in_the_place_of_its_id_is_recognised() -> None:
    problems = find_mix_ups({"phone_number_id": "442079460112", "phone_number": "+442079460112"})
    assert [problem.field for problem in problems] == ["phone_number_id"]


def test_secrets_are_not_in_any_repr() -> None:
    values, _ = clean(fields_of(3), {"access_token": "EAAverysecret123", "webhook_verify_token": "hush-hush"})
    assert "verysecret" not in repr(values)
    assert "hush" not in repr(values)

"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import argon2
import pytest

from app.services.passwords import (
    find_password_problem,
    hash_password,
    make_one_time_password,
    needs_rehash,
    password_fits,
)

EMAIL = "amara.okafor@example.com"


@pytest.mark.parametrize(
    "password,said",
    [
        ("", "has 0 characters"),
        ("ninechars", "has 9 characters"),
        ("x" * 201, "at most 200"),
        ("with a\x00 NUL in it", "ordinary characters"),
        ("with \udc80 half a pair", "ordinary characters"),
        (EMAIL, "is the email address"),
        (EMAIL.upper(), "is the email address"),
        ("amara.okafor", "is the email address"),
        ("Password1234", "first that are tried"),
        ("PASSWORD123", "first that are tried"),
        ("aaaaaaaaaaaaaa", "first that are tried"),
        ("1234567890", "first that are tried"),
    ],
)
def test_poor_passwords_are_refused_with_the_reason(password: str, said: str) -> None:
    assert said in (find_password_problem(password, EMAIL) or "")


@pytest.mark.parametrize(
    "password", ["four unrelated words", "ünïcödé-päss", "密码密码很长的密码一二三", "k3-Vt9!wQz"]
)
def test_good_passwords_are_taken(password: str) -> None:
    assert find_password_problem(password, EMAIL) is None


def test_a_password_is_kept_as_argon2_with_19_mib_and_two_passes() -> None:
    assert hash_password("four unrelated words").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_letters_typed_on_another_keyboard_are_the_same_password() -> None:
    composed, decomposed = "caf\u00e9-caf\u00e9", "cafe\u0301-cafe\u0301"
    assert password_fits(hash_password(composed), decomposed)


@pytest.mark.parametrize("kept", [None, "", "-", "$argon2id$broken"])
def test_no_password_fits_a_hash_that_is_none(kept: str | None) -> None:
    assert not password_fits(kept, "four unrelated words")


def test_a_weaker_hash_is_due_for_renewal() -> None:
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x")
    assert needs_rehash(weaker)
    assert not needs_rehash(hash_password("x"))


def test_one_time_passwords_differ_and_pass_the_rules() -> None:
    made = {make_one_time_password().reveal() for _ in range(50)}
    assert len(made) == 50
    assert all(find_password_problem(password, EMAIL) is None for password in made)

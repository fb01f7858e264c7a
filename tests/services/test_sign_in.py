"""Slowing down and locking: reliability C7."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import SignInAttempt, User, utcnow
from app.services.password_tries import TooManyTries
from app.services.passwords import hash_password
from app.services.sign_in import Visitor, WrongCredentials, sign_in, sign_out
from tests.support.factories import Factory

PASSWORD = "four unrelated words"
HERE = "203.0.113.7"


@pytest.fixture
def amara(make: Factory) -> User:
    return make.user(email="amara@example.com", password_hash=hash_password(PASSWORD))


def attempt(password: str = "wrong", *, email: str = "amara@example.com", address: str = HERE) -> str:
    """in, wrong, or wait."""
    try:
        sign_in(email=email, password=password, visitor=Visitor(address))
    except WrongCredentials:
        return "wrong"
    except TooManyTries:
        return "wait"
    return "in"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment, tick=False):
        yield


def fail(times: int, moment: datetime) -> datetime:
    """That many failures, each as early as the delay before it allows; the time of the last."""
    failed = 0
    while failed < times:
        with at(moment):
            answer = attempt()
        if answer == "wrong":
            failed += 1
        else:
            moment += timedelta(seconds=1)
    return moment


def test_four_failures_cost_no_wait(amara: User) -> None:
    moment = fail(4, utcnow())
    with at(moment):
        assert attempt(PASSWORD) == "in"


def test_the_wait_grows_with_the_failures(amara: User) -> None:
    last = fail(5, utcnow())
    for delay_s in (2, 4, 8, 16, 32, 900):
        with at(last + timedelta(seconds=delay_s - 1)):
            assert attempt() == "wait"
        last += timedelta(seconds=delay_s)
        with at(last):
            assert attempt() == "wrong"


def test_the_wait_is_told(amara: User) -> None:
    last = fail(10, utcnow())
    with at(last + timedelta(minutes=5)), pytest.raises(TooManyTries) as refused:
        sign_in(email="amara@example.com", password=PASSWORD, visitor=Visitor(HERE))
    assert refused.value.wait_s == 600
    assert "Wait 10 minutes" in refused.value.message


def test_refused_tries_do_not_prolong_the_lock(amara: User) -> None:
    last = fail(10, utcnow())
    for minute in range(1, 15):
        with at(last + timedelta(minutes=minute)):
            assert attempt() == "wait"
    with at(last + timedelta(minutes=15)):
        assert attempt(PASSWORD) == "in"


def test_a_lock_holds_for_one_network_only(amara: User) -> None:
    last = fail(10, utcnow())
    with at(last):
        assert attempt(PASSWORD, address="203.0.113.250") == "wait"
        assert attempt(PASSWORD, address="198.51.100.9") == "in"


def test_an_ipv6_network_counts_as_one_address(amara: User) -> None:
    with at(utcnow()):
        for host in range(5):
            attempt(address=f"2001:db8:1:1::{host:x}")
        assert attempt(PASSWORD, address="2001:db8:1:1::ffff") == "wait"
        assert attempt(PASSWORD, address="2001:db8:1:2::1") == "in"


def test_a_success_starts_the_count_anew(amara: User) -> None:
    last = fail(4, utcnow())
    with at(last + timedelta(seconds=1)):
        assert attempt(PASSWORD) == "in"
    last = fail(4, last + timedelta(seconds=2))
    with at(last):
        assert attempt(PASSWORD) == "in"


def test_one_address_gets_twenty_tries_a_minute_over_all_names(amara: User) -> None:
    with at(utcnow()):
        answers = [attempt(email=f"name{number}@example.com") for number in range(25)]
    assert answers == ["wrong"] * 20 + ["wait"] * 5
    with at(utcnow() + timedelta(minutes=1, seconds=1)):
        assert attempt(PASSWORD) == "in"


def test_hundreds_of_wrong_passwords_in_ten_minutes_get_ten_looks(amara: User) -> None:
    started = utcnow()
    looked = 0
    for number in range(300):
        with at(started + timedelta(seconds=number * 2)):
            looked += attempt() != "wait"
    assert looked == 10


def test_tries_at_the_same_moment_do_not_slip_through(app: Flask, amara: User) -> None:
    """16 threads with their own connections, as 16 requests have."""
    answers: list[str] = []

    def one() -> None:
        with app.app_context():
            answers.append(attempt())

    db.session.rollback()
    threads = [threading.Thread(target=one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("wrong") == 5
    assert answers.count("wait") == 11


def test_nothing_that_was_typed_is_stored(amara: User) -> None:
    attempt("CANARY-password", email="CANARY-name@example.com")
    row = db.session.scalars(select(SignInAttempt)).one()
    assert "canary" not in f"{row.email_hash} {row.ip_address}".lower()


def test_old_tries_are_forgotten(amara: User) -> None:
    with at(utcnow() - timedelta(days=2)):
        attempt()
    assert attempt(PASSWORD) == "in"
    assert db.session.scalar(select(func.count(SignInAttempt.id))) == 1


STRANGE = (
    "",
    "a" * 3000,
    "\x00",
    "amara@example.com\x00",
    "％",
    "'; DROP TABLE users;--",
    "\udc80@x",
    "\u202e",
)


def test_strange_names_are_wrong_and_nothing_worse(amara: User) -> None:
    for number, email in enumerate(STRANGE):
        assert attempt(email=email, address=f"10.0.0.{number}") == "wrong"


def test_signing_out_a_session_that_is_none_changes_nothing(amara: User) -> None:
    sign_out(None)
    sign_out("no-such-token")


def test_an_unknown_name_takes_as_long_as_a_wrong_password(amara: User) -> None:
    """The work is the same, in processor time: what else a busy machine does meanwhile does not count."""
    times: dict[str, list[float]] = {"amara@example.com": [], "nobody@example.com": []}
    for number in range(12):
        for email, seen in times.items():
            started = time.thread_time()
            attempt(email=email, address=f"10.0.{number}.1")
            seen.append(time.thread_time() - started)
    known, unknown = (statistics.median(seen) for seen in times.values())
    assert 0.6 < known / unknown < 1.6

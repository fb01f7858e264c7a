"""Fixtures over support.py: one sandbox for all tests of a session, a new account for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.sandbox.support import SPEED, Meta, Receiver, RunningSandbox


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    sandbox = RunningSandbox(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite")
    yield sandbox
    sandbox.close()


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """Faults and settings of one test do not reach the next."""
    before = running_sandbox.control("GET", "settings").json()
    yield running_sandbox
    running_sandbox.control("DELETE", "faults")
    running_sandbox.control("POST", "settings", before | {"speed": SPEED})


@pytest.fixture
def meta(sandbox: RunningSandbox) -> Meta:
    return Meta(sandbox, sandbox.control("POST", "accounts", {}).json())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()
    assert receiver.bad_signatures == 0


@pytest.fixture
def connected(meta: Meta, receiver: Receiver) -> Meta:
    """An account whose webhooks reach the receiver."""
    meta.connect(receiver)
    return meta


@pytest.fixture(scope="session")
def public_key() -> str:
    """An RSA key of 2048 bits, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

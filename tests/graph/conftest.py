"""A scripted server and clients on it; nothing leaves this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from app.graph.client import GraphClient
from app.graph.transport import build_session
from tests.graph.server import FakeMeta, fake_meta

TOKEN = "EAAmadeUpTokenForTests0123456789"
APP_SECRET = "0f0f0f0f-made-up-secret"
# Beside the checkout, or beside the folder that holds several of them.
_HELD_BY = next(
    (up for up in Path(__file__).parents[3:] if (up / "shared").is_dir()), Path(__file__).parents[3]
)
SAMPLES = _HELD_BY / "shared" / "cloud-api" / "samples"


@pytest.fixture
def meta() -> Iterator[FakeMeta]:
    with fake_meta() as server:
        yield server


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with build_session(4) as made:
        yield made


@pytest.fixture
def make_client(meta: FakeMeta, session: requests.Session) -> Callable[..., GraphClient]:
    def make(**options: Any) -> GraphClient:
        given = {
            "base_url": meta.url,
            "version": "v25.0",
            "token": TOKEN,
            "connect_timeout_s": 0.5,
            "read_timeout_s": 0.3,
        }
        return GraphClient(session, **{**given, **options})

    return make


@pytest.fixture
def client(make_client: Callable[..., GraphClient]) -> GraphClient:
    return make_client()


@pytest.fixture
def load() -> Callable[[str], Any]:
    """A JSON case from `tests/graph/data`."""

    def read(name: str) -> Any:
        return json.loads((Path(__file__).parent / "data" / name).read_text())

    return read


def samples(pattern: str) -> list[Any]:
    """The provider's sample files, or one visibly skipped case where they are absent."""
    found = sorted(SAMPLES.glob(pattern)) if SAMPLES.is_dir() else []
    if found:
        return [pytest.param(path, id=path.name.removesuffix(".json")) for path in found]
    absent = pytest.mark.skip(reason="the folder of samples beside the checkout is absent")
    return [pytest.param(None, marks=absent, id="samples-absent")]

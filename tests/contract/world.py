"""An account of the sandbox, the real client on it, and everything that passes between them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.graph.client import GraphClient
from app.graph.errors import GraphError
from app.graph.transport import build_session
from tests.contract.recording import Recorder
from tests.sandbox.support import Meta, Receiver, RunningSandbox

VERSION = "v23.0"  # the one that is described


class Traced:
    """A resource of the client that notes which of its methods are called."""

    def __init__(self, name: str, resource: object, called: set[str]) -> None:
        self._name = name
        self._resource = resource
        self._called = called

    def __getattr__(self, method: str) -> Any:
        self._called.add(f"{self._name}.{method}")
        return getattr(self._resource, method)


class World:
    """`client` is the real one over HTTP; `meta` does what a test wants at the sandbox."""

    def __init__(self, sandbox: RunningSandbox, receiver: Receiver) -> None:
        self.meta = Meta(sandbox, sandbox.control("POST", "accounts", {"name": "Harbour Lane"}).json())
        self.receiver = receiver
        receiver.secret = self.app_secret
        self.session = build_session(2)
        self.recorder = Recorder(
            self.session.get_adapter(sandbox.url),
            {
                self.meta.waba_id: "WABA-ID",
                self.meta.number_id: "Phone-Number-ID",
                self.meta.app_id: "Application-ID",
                self.meta.account["meta_business_account_id"]: "Business-ID",
            },
        )
        self.session.mount(sandbox.url, self.recorder)
        self.called: set[str] = set()
        self.client = self.client_with(self.meta.token)

    def client_with(self, token: str) -> GraphClient:
        """A client whose methods are noted in `called`."""
        client = GraphClient(self.session, base_url=self.meta.sandbox.url, version=VERSION, token=token)
        for name, resource in resources(client).items():
            setattr(client, name, Traced(name, resource, self.called))
        return client

    @property
    def app_secret(self) -> str:
        return self.meta.account["app_secret"]

    def close(self) -> None:
        self.session.close()


@contextmanager
def refused(*codes: int) -> Iterator[None]:
    """The sandbox says no, with one of these codes if any is given."""
    with pytest.raises(GraphError) as caught:
        yield
    assert not codes or caught.value.code in codes, caught.value


def resources(client: GraphClient) -> dict[str, object]:
    """The client's resources by name."""
    found = {name: one for name, one in vars(client).items() if not name.startswith("_")}
    return {name: one for name, one in found.items() if type(one).__module__.startswith("app.graph.")}


def methods() -> set[str]:
    """Every public method of every resource, as `resource.method`."""
    with build_session(1) as session:
        client = GraphClient(session, base_url="http://127.0.0.1", version=VERSION, token="none")
    return {
        f"{name}.{method}"
        for name, resource in resources(client).items()
        for method, _ in inspect.getmembers(type(resource), inspect.isfunction)
        if not method.startswith("_")
    }

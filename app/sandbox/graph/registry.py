"""Which function answers which node, edge and method. A noun's file registers its own.

To add an endpoint: write `@edge("waba", "flows", "GET", scope=MANAGEMENT)` over a function of a Call in the
file of its noun, and import that file in `graph/__init__.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..context import Sandbox
from ..database import Database, Row
from ..store.tokens import Token
from .fields import Field
from .parameters import Parameters

MANAGEMENT = "whatsapp_business_management"
MESSAGING = "whatsapp_business_messaging"
BUSINESS = "business_management"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Node:
    """An object with an id. `kind` is ours; `waba_id` says whose it is ("" when it belongs to no account)."""

    kind: str
    id: str
    row: Row
    waba_id: str = ""


@dataclass(frozen=True)
class Call:
    """One checked request, as handlers get it."""

    sandbox: Sandbox
    version: int
    token: Token
    node: Node
    params: Parameters
    method: str
    url: str
    access_token_param: str | None = None
    # What stands behind an edge that has members: the code of `/{phone}/message_qrdls/{code}`.
    tail: str = ""

    @property
    def db(self) -> Database:
        return self.sandbox.db


# Nearly all answer an object; only a batch answers a list.
Handler = Callable[[Call], Any]
FieldReader = Callable[[Call, Field], Any]


@dataclass(frozen=True)
class Endpoint:
    """`scope` None: any valid token. `app_only`: wants the app's own token. `is_open`: no token at all."""

    handler: Handler
    scope: str | None
    app_only: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class NodeType:
    """`graph_name`: Meta's name of it; `readers`: its fields; `default`: read when none are asked for."""

    graph_name: str
    readers: dict[str, FieldReader]
    default: tuple[str, ...]
    scope: str | None


ENDPOINTS: dict[tuple[str, str, str], Endpoint] = {}
NODE_TYPES: dict[str, NodeType] = {}
FINDERS: list[Callable[[Database, str], Node | None]] = []


def edge(
    kind: str,
    name: str,
    method: str,
    *,
    scope: str | None = None,
    app_only: bool = False,
    is_open: bool = False,
) -> Callable[[Handler], Handler]:
    """Register the handler of `/{node of kind}/{name}`; an empty name is the node itself.

    A name that ends in `/*` takes the members of an edge: what stands behind is the call's `tail`.
    """

    def register(handler: Handler) -> Handler:
        ENDPOINTS[kind, name, method] = Endpoint(handler, scope, app_only, is_open)
        return handler

    return register


def finder(function: Callable[[Database, str], Node | None]) -> Callable[[Database, str], Node | None]:
    """Register a look-up from an id to a node."""
    FINDERS.append(function)
    return function


def find_node(db: Database, node_id: str) -> Node | None:
    """The look-up that found this id last time comes first: one query, not one per kind of node."""
    usual = _FOUND_BY.get(node_id)
    if usual is not None and (node := usual(db, node_id)) is not None:
        return node
    for find in FINDERS:
        if (node := find(db, node_id)) is not None:
            _remember(node_id, find)
            return node
    return None


_FOUND_BY: dict[str, Callable[[Database, str], Node | None]] = {}
MOST_REMEMBERED = 10_000


def _remember(node_id: str, find: Callable[[Database, str], Node | None]) -> None:
    if len(_FOUND_BY) >= MOST_REMEMBERED:
        _FOUND_BY.clear()
    _FOUND_BY[node_id] = find

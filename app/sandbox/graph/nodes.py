"""Reading a node: only the asked-for fields and the id; a field without a value is simply missing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..database import Row
from ..store import node_settings
from . import authentication, errors
from .fields import Field, parse, write
from .parameters import Parameters
from .registry import ENDPOINTS, NODE_TYPES, Answer, Call, FieldReader, Node


def column(name: str) -> FieldReader:
    """A field that is a column of the row."""
    return lambda call, _: call.node.row[name]


def constant(value: Any) -> FieldReader:
    return lambda _call, _field: value


def stored(name: str, default: Any = None) -> FieldReader:
    """A field that is kept at the node by its name."""
    return lambda call, _: node_settings.get(call.db, call.node.id, name, default)


def computed(function: Callable[[Row], Any]) -> FieldReader:
    return lambda call, _: function(call.node.row)


def read(call: Call, asked: tuple[Field, ...] | None = None) -> Answer:
    """The node of the call. Raises GraphError 100 for a field the type does not have."""
    node_type = NODE_TYPES[call.node.kind]
    fields = asked if asked is not None else parse(call.params.text("fields"))
    wanted = fields or tuple(Field(name) for name in node_type.default)
    answer: Answer = {}
    for field in wanted:
        value = _reader(call.node, field)(call, field)
        if value is not None:
            answer[field.name] = value
    return answer | {"id": call.node.id}


def _reader(node: Node, field: Field) -> FieldReader:
    if field.name == "id":
        return column("id")
    node_type = NODE_TYPES[node.kind]
    if field.name in node_type.readers:
        return node_type.readers[field.name]
    if (node.kind, field.name, "GET") in ENDPOINTS:
        return _read_edge
    raise errors.unknown_field(field.name, node_type.graph_name)


def _read_edge(call: Call, field: Field) -> Any:
    """`fields=edge.limit(5){name}`: the edge with these parameters, as if it had been called itself."""
    endpoint = ENDPOINTS[call.node.kind, field.name, "GET"]
    authentication.check_access(call.token, endpoint, call.node, field.name, "GET")
    given = dict(field.arguments) | ({"fields": write(field.children)} if field.children else {})
    url = f"{call.sandbox.base_url()}/v{call.version}.0/{call.node.id}/{field.name}"
    return endpoint.handler(replace(call, params=Parameters(given), url=url))

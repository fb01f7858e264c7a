"""Reading a node: only the asked-for fields and the id; a field without a value is simply missing."""

from collections.abc import Callable
from typing import Any

from ..database import Row
from . import errors
from .fields import Field, parse
from .registry import NODE_TYPES, Answer, Call, FieldReader, Node


def column(name: str) -> FieldReader:
    """A field that is a column of the row."""
    return lambda call, _: call.node.row[name]


def constant(value: Any) -> FieldReader:
    return lambda _call, _field: value


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
    if field.name not in node_type.readers:
        raise errors.unknown_field(field.name, node_type.graph_name)
    return node_type.readers[field.name]


def health(*entities: tuple[str, str, str | None]) -> dict[str, Any]:
    """`health_status` from (entity type, id, reason it is blocked or None).

    Source: Meta docs, "Messaging health status" page, read 2026-03.
    """
    described = [_entity(*entity) for entity in entities]
    blocked = any(entity["can_send_message"] == "BLOCKED" for entity in described)
    return {"can_send_message": "BLOCKED" if blocked else "AVAILABLE", "entities": described}


def _entity(entity_type: str, entity_id: str, trouble: str | None) -> dict[str, Any]:
    entity = {"entity_type": entity_type, "id": entity_id}
    if trouble is None:
        return {**entity, "can_send_message": "AVAILABLE"}
    error = {"error_code": 141000, "error_description": trouble, "possible_solution": "See the sandbox."}
    return {**entity, "can_send_message": "BLOCKED", "errors": [error]}

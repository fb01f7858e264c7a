"""Where a request, an answer or a webhook leaves Meta's description; each fault is one line of text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.contract import description
from tests.contract.description import Operation
from tests.contract.recording import Exchange

BASE = "urn:meta:description"
# Graph's own, good for every call: see graph-conventions.md §1, §3, §7.
GRAPH_ERROR = {"$ref": "#/components/schemas/GraphAPIError"}
GENERAL_PARAMETERS = {"fields", "limit", "after", "before", "appsecret_proof", "access_token"}


@cache
def _registry() -> Registry[Any]:
    resource: Resource[Any] = DRAFT202012.create_resource(description.document())
    registry: Registry[Any] = Registry().with_resource(BASE, resource)
    return registry


def _absolute(schema: Any) -> Any:
    """The schema with its `$ref`s made to lead into the document, wherever it is taken from."""
    if isinstance(schema, dict):
        return {
            key: f"{BASE}{value}" if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(one) for one in schema] if isinstance(schema, list) else schema


def schema_faults(schema: Mapping[str, Any], value: Any) -> list[str]:
    """What breaks the schema, and which keys it does not know: `where: what`."""
    validator: Validator = OAS31Validator(
        _absolute(schema), registry=_registry(), format_checker=OAS31Validator.FORMAT_CHECKER
    )
    found = [one for error in validator.iter_errors(value) for one in _deepest(error)]
    # `additionalProperties: false` stands in the parts of `allOf`, where nothing can hold to it.
    broken = [
        f"{_place(error.absolute_path)}: {_said(error)}"
        for error in found
        if error.validator != "additionalProperties"
    ]
    unknown = [f"{place}: not described" for place in _unknown(schema, value, "")]
    return sorted({*broken, *unknown})


def _deepest(error: ValidationError) -> list[ValidationError]:
    """For a choice of schemas, what is wrong with the one that was meant."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    if not branches:
        return [error]
    meant = branches.get(_meant(error)) or min(branches.values(), key=_distance)
    return [one for inner in meant for one in _deepest(inner)]


def _distance(errors: list[ValidationError]) -> tuple[bool, int]:
    """How far a branch is from fitting; one of another `type` was certainly not meant."""
    return any([*one.relative_path][-1:] == ["type"] for one in errors), len(errors)


def _meant(error: ValidationError) -> int | None:
    """Which branch the discriminator chooses; None if there is none, or nothing to tell by."""
    schema, value = error.schema, error.instance
    told = schema.get("discriminator", {}) if isinstance(schema, dict) else {}
    if not told or not isinstance(schema, dict) or not isinstance(value, dict):
        return None
    wanted = told.get("mapping", {}).get(value.get(told["propertyName"]))
    listed = [one.get("$ref", "").removeprefix(BASE) for one in schema["oneOf"]]
    return listed.index(wanted) if wanted in listed else None


def _place(path: Iterable[str | int]) -> str:
    """The way to the value; places in lists are left out, so that one exception covers them all."""
    return ".".join("[]" if isinstance(part, int) else str(part) for part in path) or "."


def _said(error: ValidationError) -> str:
    if error.validator == "oneOf":
        return "fits several of oneOf"
    if error.validator == "enum":
        return f"{error.instance!r} is not one of the words"
    if error.validator == "type":
        return f"not of type {error.validator_value}"
    if error.validator == "required":
        return str(error.message)
    return f"{error.validator} {json.dumps(error.validator_value)}"


def _unknown(schema: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    """Keys that no part of the schema names. An object without any named key may hold anything."""
    if isinstance(value, list):
        listed = [part["items"] for part in _parts(schema) if "items" in part]
        for one in value:
            yield from _unknown({"anyOf": listed}, one, f"{place}.[]".lstrip("."))
    elif isinstance(value, dict) and (known := _properties(schema)):
        for key, inner in value.items():
            where = f"{place}.{key}".lstrip(".")
            if key in known:
                yield from _unknown({"anyOf": known[key]}, inner, where)
            else:
                yield where


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    schema = description.resolve(schema)
    yield schema
    for word in ("allOf", "oneOf", "anyOf"):
        for one in schema.get(word, ()):
            yield from _parts(one)


def _properties(schema: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for part in _parts(schema):
        if part.get("additionalProperties"):
            return {}
        for key, inner in part.get("properties", {}).items():
            found.setdefault(key, []).append(inner)
    return found


def request_faults(operation: Operation, exchange: Exchange) -> list[str]:
    """Query, content type and body of a call against its operation."""
    return [*_query_faults(operation, exchange), *_body_faults(operation, exchange)]


def _query_faults(operation: Operation, exchange: Exchange) -> Iterator[str]:
    known = operation.query_parameters()
    for name, value in exchange.query.items():
        if name in known:
            for fault in _typed_faults(known[name].get("schema", {}), value):
                yield f"query {name}: {fault}"
        elif name not in GENERAL_PARAMETERS:
            yield f"query {name}: not described"
    for name, parameter in known.items():
        if parameter.get("required") and name not in exchange.query:
            yield f"query {name}: missing"


def _typed_faults(schema: Mapping[str, Any], value: str) -> list[str]:
    """A query's value is text; what is described as a number or a truth value is read as one."""
    kind = description.resolve(schema).get("type")
    if kind in ("integer", "number", "boolean"):
        try:
            return schema_faults(schema, json.loads(value))
        except ValueError:
            return [f"not of type {kind}"]
    if kind in ("array", "object"):
        return [] if value.startswith(("[", "{")) else [f"not of type {kind}"]
    return schema_faults(schema, value)


def _body_faults(operation: Operation, exchange: Exchange) -> list[str]:
    schema, types = operation.body(exchange.content_type)
    if exchange.sent is None or exchange.sent == {}:
        required = description.resolve(operation.spec.get("requestBody", {})).get("required")
        return ["body: missing"] if required and exchange.method != "GET" else []
    found = []
    if schema is None:
        found.append(f"body: {exchange.content_type} is not described, only {types}")
        schema = operation.body(types[0])[0] if types else None
    return found + [f"body {fault}" for fault in (schema_faults(schema, exchange.sent) if schema else ())]


def answer_faults(operation: Operation, exchange: Exchange) -> list[str]:
    """The answer against the schema for its status.

    With `fields` only these are answered, so nothing is missing then. Errors of a status that is
    not described must still be Graph's.
    """
    is_known, schema = operation.answer(exchange.status)
    told = [] if is_known else [f"{exchange.status}: status is not described"]
    schema = schema if is_known else GRAPH_ERROR
    found = schema_faults(schema, exchange.answer) if schema else []
    if "fields" in exchange.query:
        found = [fault for fault in found if not fault.endswith("is a required property")]
    return told + [f"{exchange.status} {fault}" for fault in found]

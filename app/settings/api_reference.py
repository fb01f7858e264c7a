"""The JSON API's own description, read for people: what each call takes and answers, with examples to run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.models import Role
from app.models.roles import role_allows

KEY_VARIABLE = "WABA_API_KEY"
SLUGS = (
    "accounts",
    "phone-numbers",
    "message-templates",
    "flows",
    "messages",
    "conversations",
    "contacts",
    "canned-replies",
    "bot",
    "knowledge-base",
    "analytics",
    "webhook-events",
    "outgoing-webhooks",
    "people",
    "teams",
    "api-keys",
    "webhook",
)
"""The addresses of the nouns' pages: the description's nouns, in its order."""
_DEEPEST = 3
_LONGEST_CHOICE = 12
_LARGEST_IDS = (2**31 - 1, 2**63 - 1)
_SCHEMES = {"date": "a day", "date-time": "a moment", "uri": "an address", "email": "an e-mail address"}
# Where what must be given says too little about how a call is used.
_BODIES: dict[str, dict[str, Any]] = {
    "send_message": {
        "to_phone_number": "+44 7700 900123",
        "message_type": "template",
        "template_name": "order_update",
        "template_language": "en_US",
        "template_parameters": ["Grace", "BM-1042"],
    },
    "change_bot_settings": {"greeting_message": "Welcome. How can we help?"},
    "change_flow": {"name": "claim_form"},
    "set_limits": {"messages_per_day": 5000},
}

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One value: of a body, an address or an answer. `name` has its path: `error.code`, `results[].id`."""

    name: str
    kind: str
    text: str
    is_required: bool
    example: Any = None

    @property
    def shown_example(self) -> str:
        return "" if self.example is None else json.dumps(self.example, ensure_ascii=False)


@dataclass(frozen=True)
class Answer:
    """What comes back with one status."""

    status: str
    text: str
    fields: tuple[Field, ...]
    example: str
    is_error: bool


@dataclass(frozen=True)
class Call:
    """One method of one address."""

    name: str
    method: str
    path: str
    tag: str
    title: str
    text: str
    roles: tuple[str, ...]
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    body_example: dict[str, Any] | None
    takes_key: bool
    answers: tuple[Answer, ...]
    base: str

    @property
    def slug(self) -> str:
        return self.name.replace("_", "-")

    @property
    def is_open(self) -> bool:
        """Meta's own webhook takes no API key."""
        return not self.roles

    @cached_property
    def address(self) -> str:
        """The example's: each id is 1."""
        return self.base + re.sub(r"\{[a-z_]+\}", "1", self.path)

    @property
    def curl(self) -> str:
        lines = [f'curl "{self.address}"']
        if self.method != "GET":
            lines[0] = f'curl -X {self.method} "{self.address}"'
        lines.append(f'-H "Authorization: Bearer ${KEY_VARIABLE}"')
        if self.takes_key:
            lines.append(f'-H "Idempotency-Key: {self.slug}-0001"')
        if self.body_example is not None:
            lines.append('-H "Content-Type: application/json"')
            text = json.dumps(self.body_example, ensure_ascii=False, indent=2)
            lines.append("-d '" + text.replace("'", "'\\''") + "'")
        return " \\\n  ".join(lines)

    @property
    def python(self) -> str:
        headers = {"Idempotency-Key": f"{self.slug}-0001"} if self.takes_key else {}
        given = "".join(f', "{name}": "{value}"' for name, value in headers.items())
        lines = [
            "import os",
            "import requests",
            "",
            f'headers = {{"Authorization": f"Bearer {{os.environ[\'{KEY_VARIABLE}\']}}"{given}}}',
        ]
        call = f'requests.{self.method.lower()}("{self.address}", headers=headers, timeout=30'
        if self.body_example is not None:
            lines.append(f"body = {_python(self.body_example)}")
            call += ", json=body"
        return "\n".join([*lines, f"answer = {call})", "print(answer.status_code, answer.text)"])


@dataclass(frozen=True)
class Group:
    """The calls about one noun."""

    name: str
    calls: tuple[Call, ...]

    @property
    def slug(self) -> str:
        return self.name.lower().replace(" ", "-")


def read_groups(spec: Spec, base: str, permissions: Mapping[str, str]) -> tuple[Group, ...]:
    """All calls by noun, in the description's order. `permissions`: what each needs, by its name."""
    calls = [
        _read_call(spec, path, method, operation, base, permissions)
        for path, operations in spec["paths"].items()
        for method, operation in operations.items()
    ]
    order = {"get": 0, "post": 1, "put": 2, "patch": 3, "delete": 4}
    calls.sort(key=lambda call: (call.path, order.get(call.method.lower(), 9)))
    names = [tag["name"] for tag in spec["tags"]]
    return tuple(Group(name, tuple(call for call in calls if call.tag == name)) for name in names)


def find_calls(groups: Iterable[Group], words: str) -> list[Call]:
    """Those in whose address, title, text or fields all words stand."""
    wanted = words.lower().split()
    return [
        call for group in groups for call in group.calls if all(word in _searched(call) for word in wanted)
    ]


def _searched(call: Call) -> str:
    fields = " ".join(field.name for field in (*call.parameters, *call.body))
    return f"{call.method} {call.path} {call.title} {call.text} {call.name} {fields}".lower()


def _read_call(
    spec: Spec,
    path: str,
    method: str,
    operation: Mapping[str, Any],
    base: str,
    permissions: Mapping[str, str],
) -> Call:
    name = operation["operationId"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    parameters = operation.get("parameters", [])
    permission = permissions.get(name)
    return Call(
        name=name,
        method=method.upper(),
        path=path,
        tag=operation["tags"][0],
        title=operation.get("summary", name),
        text=operation.get("description", ""),
        roles=tuple(role.value for role in Role if role_allows(role, permission)) if permission else (),
        parameters=tuple(_parameter(spec, parameter) for parameter in parameters),
        body=tuple(_fields(spec, schema)) if schema else (),
        body_example=_body(spec, name, content) if schema and permission else None,
        takes_key=any(parameter["name"] == "Idempotency-Key" for parameter in parameters),
        answers=tuple(
            _answer(spec, status, answer) for status, answer in sorted(operation["responses"].items())
        ),
        base=base,
    )


def _parameter(spec: Spec, parameter: Mapping[str, Any]) -> Field:
    schema = parameter["schema"]
    place = {"path": "in the address", "query": "after ?", "header": "header"}[parameter["in"]]
    kind = f"{_kind(spec, schema)}, {place}"
    return Field(
        parameter["name"],
        kind,
        parameter.get("description", ""),
        bool(parameter.get("required")),
        schema.get("example"),
    )


def _answer(spec: Spec, status: str, answer: Mapping[str, Any]) -> Answer:
    content = answer.get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    is_error = int(status) >= 400
    example = content.get("example")
    if example is None and schema and not is_error:
        example = _example(spec, schema, 0)
    return Answer(
        status,
        answer.get("description", ""),
        () if is_error else tuple(_fields(spec, schema)),
        "" if example in (None, {}, []) else json.dumps(example, ensure_ascii=False, indent=2),
        is_error,
    )


def _resolve(spec: Spec, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself; what stands beside a reference wins over what it leads to."""
    reference = schema.get("$ref")
    if reference is None:
        inner = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
        return {**_resolve(spec, inner[0]), "is_nullable": True} if len(inner) == 1 else schema
    found: Mapping[str, Any] = spec["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}


def _fields(spec: Spec, schema: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Field]:
    schema = _resolve(spec, schema)
    if schema.get("type") == "array":
        yield from _fields(spec, schema.get("items", {}), f"{prefix}[]", depth)
        return
    required = set(schema.get("required", ()))
    for name, given in schema.get("properties", {}).items():
        value = _resolve(spec, given)
        path = f"{prefix}.{name}" if prefix else name
        yield Field(
            path, _kind(spec, given), value.get("description", ""), name in required, value.get("example")
        )
        if depth < _DEEPEST and "example" not in value:
            yield from _fields(spec, value, path, depth + 1)


def _kind(spec: Spec, schema: Mapping[str, Any]) -> str:
    """`text, 1 to 255 characters`; `whole number from 1 to 200`; `one of a, b`; `list of objects`."""
    schema = _resolve(spec, schema)
    types = schema.get("type", "object")
    names = [types] if isinstance(types, str) else list(types)
    words = " or ".join(_one_kind(spec, name, schema) for name in names if name != "null")
    is_nullable = "null" in names or schema.get("is_nullable")
    return f"{words} or null" if is_nullable else words


def _one_kind(spec: Spec, name: str, schema: Mapping[str, Any]) -> str:
    choices = [str(choice) for choice in schema.get("enum", ()) if choice is not None]
    if choices:
        shown = ", ".join(choices[:_LONGEST_CHOICE])
        return f"one of {shown}{' …' if len(choices) > _LONGEST_CHOICE else ''}"
    if name == "string":
        word = _SCHEMES.get(schema.get("format", ""), "text")
        return word + _span(schema.get("minLength"), schema.get("maxLength"), " characters")
    if name == "integer":
        least, most = schema.get("minimum"), schema.get("maximum")
        return "id" if most in _LARGEST_IDS else "whole number" + _span(least, most, "")
    if name == "array":
        item = _kind(spec, schema.get("items", {}))
        return f"list of {item}" + _span(schema.get("minItems"), schema.get("maxItems"), " entries")
    return {"number": "number", "boolean": "true or false", "object": "object"}.get(name, name)


def _span(least: int | None, most: int | None, unit: str) -> str:
    if least is None and most is None:
        return ""
    if least is None or most is None:
        return f", at least {least}{unit}" if most is None else f", at most {most}{unit}"
    return f", {least} to {most}{unit}"


def _body(spec: Spec, name: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """A body that the call takes: the description's own example, ours, or what must be given."""
    if name in _BODIES:
        return _BODIES[name]
    if "example" in content:
        return dict(content["example"])
    schema = _resolve(spec, content["schema"])
    required = schema.get("required", ())
    return {
        field: _example(spec, value, 0)
        for field, value in schema.get("properties", {}).items()
        if field in required
    }


def _example(spec: Spec, schema: Mapping[str, Any], depth: int) -> Any:
    schema = _resolve(spec, schema)
    if "example" in schema:
        return schema["example"]
    if "default" in schema:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    types = schema.get("type", "object")
    name = types if isinstance(types, str) else types[0]
    if name == "object":
        inner = schema.get("properties", {}) if depth <= _DEEPEST else {}
        return {key: _example(spec, value, depth + 1) for key, value in inner.items()}
    if name == "array":
        return [_example(spec, schema.get("items", {}), depth + 1)] if depth <= _DEEPEST else []
    return {"string": "", "integer": schema.get("minimum", 1), "number": 0, "boolean": False}.get(name)


def _python(value: Any) -> str:
    """As Python writes it: True, False and None are words of their own."""
    text = json.dumps(value, ensure_ascii=False, indent=4)
    return re.sub(
        r"(?<=[\s\[:])(true|false|null)(?=[,\n\]])",
        lambda found: {"true": "True", "false": "False", "null": "None"}[found[1]],
        text,
    )

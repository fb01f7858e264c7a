"""The `fields` parameter: `a,b{c,d},edge.limit(5).status(APPROVED){name}`."""

from dataclasses import dataclass, field

from . import errors

DEEPEST = 4
LONGEST = 5000


@dataclass(frozen=True)
class Field:
    """One asked-for field: its arguments (`.limit(5)`) and its sub-fields (`{name}`)."""

    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    children: tuple["Field", ...] = ()


def parse(text: str | None) -> tuple[Field, ...]:
    """Empty when nothing is asked for. Raises GraphError 100 for a broken expression."""
    if not text:
        return ()
    if len(text) > LONGEST:
        raise _broken(text)
    return tuple(_parse_one(part, 0) for part in _split(text))


def write(fields: tuple[Field, ...]) -> str:
    """The expression again, for an edge that is read through a field."""
    return ",".join(_written(field) for field in fields)


def _written(field: Field) -> str:
    arguments = "".join(f".{name}({value})" for name, value in field.arguments.items())
    inner = "{" + write(field.children) + "}" if field.children else ""
    return field.name + arguments + inner


def _parse_one(text: str, depth: int) -> Field:
    if depth > DEEPEST:
        raise _broken(text)
    head, braces, inner = text.partition("{")
    if braces and not inner.endswith("}"):
        raise _broken(text)
    parts = _split_calls(head)
    if not parts[0].replace("_", "").isalnum():
        raise _broken(text)
    children = tuple(_parse_one(part, depth + 1) for part in _split(inner[:-1])) if braces else ()
    return Field(parts[0], dict(_argument(part) for part in parts[1:]), children)


def _argument(text: str) -> tuple[str, str]:
    name, bracket, value = text.partition("(")
    if not bracket or not value.endswith(")"):
        raise _broken(text)
    return name, value[:-1]


def _split(text: str) -> list[str]:
    return [part.strip() for part in _split_at(text, ",") if part.strip()]


def _split_calls(text: str) -> list[str]:
    return _split_at(text.strip(), ".")


def _split_at(text: str, separator: str) -> list[str]:
    """Split at separators that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += (character in "{([") - (character in "})]")
        if character == separator and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    if depth != 0:
        raise _broken(text)
    return [*parts, text[start:]]


def _broken(text: str) -> errors.GraphError:
    return errors.GraphError(2500, f"Syntax error in fields near: {text[:60]}", http=400, is_prefixed=False)

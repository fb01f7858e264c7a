"""What a check reports, and the small checks that all parts of a Flow JSON share."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from . import vocabulary as words
from .expressions import BadExpression, evaluate, is_dynamic
from .reading import Part

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    words.TEXT: (str,),
    words.WORDS: (str, list),
    words.FLAG: (bool,),
    words.NUMBER: (int, float),
    words.LIST: (list,),
    words.OBJECT: (dict,),
    words.ACTION: (dict,),
    words.CHILDREN: (list,),
    words.CASES: (dict,),
}
# These are structure: no binding may stand for them.
FIXED = {words.ACTION, words.CHILDREN, words.CASES}


class Finding(NamedTuple):
    """`path`: as `screens[0].layout.children[1]`."""

    error: str
    message: str
    path: str


def check_keys(part: Part, allowed: dict[str, str], path: str, what: str) -> Iterator[Finding]:
    """Unknown properties, and known ones of another type."""
    for key, value in part.items():
        if key not in allowed:
            yield Finding("INVALID_PROPERTY_KEY", f"The property '{key}' is not known for {what}.", path)
        elif value is not None and not fits(value, allowed[key]):
            message = f"The property '{key}' of {what} must be of type {allowed[key]}."
            yield Finding("INVALID_PROPERTY_TYPE", message, below(path, key))


def check_required(part: Part, names: tuple[str, ...], path: str, what: str) -> Iterator[Finding]:
    for name in names:
        if part.get(name) in (None, ""):
            yield Finding("MISSING_REQUIRED_PROPERTY", f"{what} needs the property '{name}'.", path)


def check_lengths(part: Part, longest: dict[str, int], path: str, what: str) -> Iterator[Finding]:
    for key, most in longest.items():
        value = part.get(key)
        if isinstance(value, str) and not is_dynamic(value) and len(value) > most:
            message = f"The property '{key}' of {what} has at most {most} characters, it has {len(value)}."
            yield Finding("INVALID_PROPERTY_VALUE", message, below(path, key))


def check_nothing_null(flow: Part) -> Iterator[Finding]:
    """No `null` anywhere."""
    waiting: list[tuple[Any, str]] = [(flow, "")]
    while waiting:
        value, path = waiting.pop()
        if value is None:
            yield Finding("INVALID_PROPERTY_TYPE", "A Flow JSON holds no null.", path)
        elif isinstance(value, dict):
            waiting += [(inner, below(path, str(key))) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, f"{path}[{index}]") for index, inner in enumerate(value)]


def check_expression(value: str, path: str) -> Iterator[Finding]:
    """value: without its backticks."""
    try:
        evaluate(value, lambda _path: None)
    except BadExpression as error:
        yield Finding("INVALID_PROPERTY_VALUE_FORMAT", str(error), path)


def fits(value: Any, kind: str) -> bool:
    if kind == words.ANY or (kind not in FIXED and is_dynamic(value)):
        return True
    if isinstance(value, bool) and kind == words.NUMBER:
        return False
    return isinstance(value, PYTHON_TYPES[kind])


def below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key

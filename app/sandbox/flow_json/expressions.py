"""Bindings and expressions of a Flow: `${data.x}`, "`${form.a} == 'b'`". A small evaluator of our own.

Source: Meta docs, "Flow JSON" page, read 2026-05. How values of different types compare is (unverified): a
text that reads as a number counts as one beside a number.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

Lookup = Callable[[str], Any]
BINDING = re.compile(r"\$\{([^{}$]{1,200})\}")
TOKENS = re.compile(
    r"\s*(?:\$\{(?P<path>[^{}$]{1,200})\}|'(?P<text>(?:[^'\\]|\\.)*)'|(?P<number>\d{1,15}(?:\.\d{1,15})?)"
    r"|(?P<word>true|false)\b|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!+\-*/%()]))"
)
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
LONGEST = 4096
DEEPEST = 25
LARGEST = 1e15
LONGEST_JOINED, MOST_JOINED = 10_000, 200


class BadExpression(ValueError):
    """The text says what does not fit."""


Token = tuple[str, str]


def is_dynamic(value: Any) -> bool:
    """A text that is a binding or an expression, not itself."""
    return isinstance(value, str) and (BINDING.fullmatch(value) is not None or _is_quoted(value))


def paths_in(value: str) -> list[str]:
    """Every `${path}` in a text, without the signs around it."""
    return BINDING.findall(value)


def resolve(value: Any, lookup: Lookup) -> Any:
    """The value with all bindings replaced, inside lists and objects too; what is broken becomes None."""
    if isinstance(value, str):
        return _resolve_text(value, lookup)
    if isinstance(value, list):
        return [resolve(item, lookup) for item in value]
    if isinstance(value, dict):
        return {key: resolve(item, lookup) for key, item in value.items()}
    return value


def is_true(value: Any, lookup: Lookup) -> bool:
    """A condition: true, a binding, or an expression with or without backticks. Broken ones are false."""
    if not isinstance(value, str):
        return bool(value)
    try:
        return bool(evaluate(value.strip("`"), lookup))
    except BadExpression:
        return False


def evaluate(text: str, lookup: Lookup) -> Any:
    """text: without backticks. Raises BadExpression."""
    parser = _Parser(_tokens(text), lookup)
    return parser.whole()


def joined(value: Any) -> str:
    """How a value reads inside a text; the beginning of one that is very long."""
    return _written(value)[:LONGEST_JOINED]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else str(value)
    if isinstance(value, list):
        return ", ".join(joined(item) for item in value[:MOST_JOINED] if not isinstance(item, list))
    return value if isinstance(value, str) else ""


def _is_quoted(value: str) -> bool:
    return len(value) > 1 and value[0] == value[-1] == "`"


def _resolve_text(value: str, lookup: Lookup) -> Any:
    whole = BINDING.fullmatch(value)
    if whole:
        return lookup(whole[1])
    if not _is_quoted(value):
        return value
    try:
        return evaluate(value[1:-1], lookup)
    except BadExpression:
        return None


def _tokens(text: str) -> list[Token]:
    if len(text) > LONGEST:
        raise BadExpression(f"An expression has at most {LONGEST} characters.")
    return list(_read_tokens(text.rstrip()))


def _read_tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = TOKENS.match(text, at)
        if found is None or found.lastgroup is None:
            raise BadExpression(f"The expression cannot be read from '{text[at : at + 20]}' on.")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


class _Parser:
    """Evaluates while it reads; one level of rules per strength of the signs."""

    LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))

    def __init__(self, tokens: list[Token], lookup: Lookup) -> None:
        self._tokens = tokens
        self._at = 0
        self._lookup = lookup
        self._depth = 0

    def whole(self) -> Any:
        """Values that stand beside each other are joined to one text."""
        values = [self._level(0)]
        while self._at < len(self._tokens):
            values.append(self._level(0))
        return values[0] if len(values) == 1 else "".join(map(joined, values))[:LONGEST_JOINED]

    def _level(self, index: int) -> Any:
        if index == len(self.LEVELS):
            return self._single()
        left = self._level(index + 1)
        while (sign := self._next_sign(self.LEVELS[index])) is not None:
            left = _combined(sign, left, self._level(index + 1))
        return left

    def _next_sign(self, signs: tuple[str, ...]) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at] in {("sign", sign) for sign in signs}:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def _single(self) -> Any:
        if self._at >= len(self._tokens):
            raise BadExpression("The expression ends too early.")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "sign":
            return self._signed(text)
        if kind == "path":
            return self._lookup(text)
        if kind == "number":
            return float(text) if "." in text else int(text)
        return text == "true" if kind == "word" else re.sub(r"\\(.)", r"\1", text)

    def _signed(self, sign: str) -> Any:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadExpression(f"An expression nests at most {DEEPEST} times.")
        if sign == "(":
            value = self._level(0)
            if self._next_sign((")",)) is None:
                raise BadExpression("A bracket is not closed.")
        elif sign == "!":
            value = not self._single()
        elif sign == "-":
            value = _combined("-", 0, self._single())
        else:
            raise BadExpression(f"'{sign}' stands where a value should.")
        self._depth -= 1
        return value


def _combined(sign: str, left: Any, right: Any) -> Any:
    if sign == "&&":
        return bool(left) and bool(right)
    if sign == "||":
        return bool(left) or bool(right)
    if sign in {"==", "!="}:
        return _is_same(left, right) is (sign == "==")
    if sign == "+" and None in (_number(left), _number(right)):
        return (joined(left) + joined(right))[:LONGEST_JOINED]
    return _calculated(sign, _number(left), _number(right), (left, right))


def _is_same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    numbers = _number(left), _number(right)
    if any(isinstance(side, int | float) for side in (left, right)) and None not in numbers:
        return numbers[0] == numbers[1]
    return bool(left == right)


def _calculated(sign: str, left: float | None, right: float | None, given: tuple[Any, Any]) -> Any:
    if left is None or right is None:
        if sign in {"<", "<=", ">", ">="} and all(isinstance(side, str) for side in given):
            return COMPARISONS[sign](given[0], given[1])
        return False if sign in COMPARISONS else None
    if sign in COMPARISONS:
        return COMPARISONS[sign](left, right)
    if sign in {"/", "%"} and right == 0:
        return None
    result = SUMS[sign](left, right)
    if not math.isfinite(result) or abs(result) > LARGEST:
        return None
    return int(result) if float(result).is_integer() else result


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if abs(value) <= LARGEST else None
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value)
    return None


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}
SUMS: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "%": lambda left, right: left % right,
}

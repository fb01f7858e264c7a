"""From the text of a Flow JSON to its parts. Whatever it holds, nothing here raises but BrokenFlow."""

import json
import re
from collections.abc import Iterator
from typing import Any

Part = dict[str, Any]
# Far more than any Flow has; enough for every recursion over one to end well.
DEEPEST = 40
# Components stand at most so deep: layout, form, three nested Ifs with a Switch inside.
DEEPEST_COMPONENT = 8
# Characters of one value that a Flow passes on.
HEAVIEST = 500_000
BRANCHES = ("children", "then", "else")
# A text that never ends reads to the end, so that no character is looked at twice.
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


class BrokenFlow(ValueError):
    """The text says why it is no Flow JSON; `offset`: where in the text."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.offset = offset


def parse(text: str) -> Part:
    """The object. Raises BrokenFlow."""
    _refuse_deep(text)
    try:
        flow = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise BrokenFlow(f"The Flow JSON is not valid JSON: {error.msg}.", error.pos) from error
    except BrokenFlow:
        raise
    except (ValueError, RecursionError) as error:
        raise BrokenFlow("The Flow JSON is not valid JSON.") from error
    if not isinstance(flow, dict):
        raise BrokenFlow("The Flow JSON must be an object.")
    if not is_writable(flow):
        raise BrokenFlow("The Flow JSON holds half a character (a lone surrogate).")
    return flow


def is_writable(value: Any) -> bool:
    """Whether it can be written as UTF-8: JSON may name halves of characters."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def is_modest(value: Any) -> bool:
    """Whether a JSON value is neither deep nor heavy; looks no further than it must to know.

    Bindings may repeat a value a thousand times: in memory it is there once, written out it would not fit.
    """
    waiting, weight = [(value, 0)], 0
    while waiting:
        current, depth = waiting.pop()
        weight += len(current) if isinstance(current, str) else 1
        if isinstance(current, dict):
            weight += sum(len(key) for key in current)
        if weight > HEAVIEST or depth > DEEPEST:
            return False
        waiting += [(inner, depth + 1) for inner in _inside(current)]
    return True


def screens_of(flow: Part) -> dict[str, Part]:
    """id → screen, in order; what is no screen is left out."""
    screens = flow.get("screens")
    found = [screen for screen in screens if isinstance(screen, dict)] if isinstance(screens, list) else []
    return {screen["id"]: screen for screen in reversed(found) if isinstance(screen.get("id"), str)}


def first_screen(flow: Part) -> str | None:
    """The entry screen: the one no other leads to, by routing_model; otherwise the first.

    Source: Meta docs, "Flow JSON" page, read 2026-05.
    """
    known = list(reversed(screens_of(flow)))
    routes = routes_of(flow)
    goals = {goal for targets in routes.values() for goal in targets}
    entries = [screen for screen in known if screen in routes and screen not in goals]
    return next(iter(entries or known), None)


def routes_of(flow: Part) -> dict[str, list[str]]:
    """The routing_model as far as it is well formed; empty without one."""
    model = flow.get("routing_model")
    if not isinstance(model, dict):
        return {}
    return {
        screen: [goal for goal in goals if isinstance(goal, str)]
        for screen, goals in model.items()
        if isinstance(goals, list)
    }


def children_of(screen: Part) -> list[Any]:
    layout = screen.get("layout")
    children = layout.get("children") if isinstance(layout, dict) else None
    return children if isinstance(children, list) else []


def branches_of(component: Part) -> Iterator[tuple[str, list[Any]]]:
    """Where further components stand in this one: (path below it, the list)."""
    for key in BRANCHES:
        if isinstance(component.get(key), list):
            yield key, component[key]
    cases = component.get("cases")
    if component.get("type") == "Switch" and isinstance(cases, dict):
        for name, children in cases.items():
            if isinstance(children, list):
                yield f"cases.{name}", children


def walk(children: list[Any], path: str = "", depth: int = 0) -> Iterator[tuple[Part, str, int]]:
    """Every component below, with where it stands and how many components are around it."""
    if depth > DEEPEST_COMPONENT:
        return
    for index, child in enumerate(children):
        if isinstance(child, dict):
            where = f"{path}[{index}]"
            yield child, where, depth
            for key, inner in branches_of(child):
                yield from walk(inner, f"{where}.{key}", depth + 1)


def strings_in(value: Any) -> Iterator[str]:
    """Every text inside a JSON value, keys left out."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            yield current
        else:
            waiting += _inside(current)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refuse_constant(name: str) -> Any:
    raise BrokenFlow(f"{name} is no JSON value.")


def _refuse_deep(text: str) -> None:
    depth = 0
    for found in BRACKETS.finditer(text):
        bracket = found[0]
        if bracket in "[{":
            depth += 1
        elif bracket in "]}":
            depth -= 1
        if depth > DEEPEST:
            raise BrokenFlow(f"The Flow JSON nests deeper than {DEEPEST} levels.", found.start())

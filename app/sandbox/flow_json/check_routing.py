"""What is wrong with the ways between the screens.

Source: Meta docs, "Flow JSON" page, read 2026-05. Without a routing_model the ways are those of
the navigate actions; that Meta holds them to the same rules is (unverified).
"""

from collections.abc import Iterator
from typing import Any

from . import vocabulary as words
from .findings import Finding
from .reading import Part, children_of, routes_of, screens_of, walk

Routes = dict[str, list[str]]


def check_routing(flow: Part) -> Iterator[Finding]:
    known = screens_of(flow)
    if "routing_model" in flow or "data_api_version" in flow:
        yield from _check_model(flow, set(known))
        routes, path = routes_of(flow), "routing_model"
    else:
        routes, path = {screen_id: _goals(screen) for screen_id, screen in known.items()}, "screens"
    for screen_id, goals in routes.items():
        if len(goals) > words.MOST_BRANCHES:
            message = f"From '{screen_id}' lead {len(goals)} ways; at most {words.MOST_BRANCHES} may."
            yield Finding("INVALID_ROUTING_MODEL", message, path)
    yield from _check_ways(routes, set(known), path)


def _check_model(flow: Part, known: set[str]) -> Iterator[Finding]:
    model = flow.get("routing_model")
    if not isinstance(model, dict):
        message = "A flow with an endpoint needs a routing_model."
        yield Finding("INVALID_ROUTING_MODEL", message, "routing_model")
        return
    for screen_id, goals in model.items():
        where = f"routing_model.{screen_id}"
        if not isinstance(goals, list):
            yield Finding("INVALID_ROUTING_MODEL", f"'{screen_id}' needs a list of screens.", where)
            continue
        for name in [screen_id, *goals]:
            if not isinstance(name, str) or name not in known:
                yield Finding("INVALID_ROUTING_MODEL", f"There is no screen '{name}'.", where)
    for missing in sorted(known - set(model)):
        message = f"The screen '{missing}' is missing in the routing_model."
        yield Finding("INVALID_ROUTING_MODEL", message, "routing_model")
    for screen_id, screen in screens_of(flow).items():
        for goal in _goals(screen):
            allowed = model.get(screen_id)
            if isinstance(allowed, list) and goal in known and goal not in allowed:
                message = f"'{screen_id}' leads to '{goal}', which the routing_model does not allow."
                yield Finding("INVALID_ROUTING_MODEL", message, f"routing_model.{screen_id}")


def _check_ways(routes: Routes, known: set[str], path: str) -> Iterator[Finding]:
    loop = _loop(routes)
    if loop:
        message = f"The ways lead in a circle: {' → '.join(loop)}."
        yield Finding("INVALID_ROUTING_MODEL", message, path)
        return
    led_to = {goal for goals in routes.values() for goal in goals}
    entries = [name for name in routes if name not in led_to]
    if len(entries) > 1:
        message = f"One screen is the first; to these no other leads: {', '.join(entries[:20])}."
        yield Finding("INVALID_ROUTING_MODEL", message, path)
    reached = set(entries)
    waiting = list(entries)
    while waiting:
        new = set(routes.get(waiting.pop(), [])) - reached
        reached |= new
        waiting += new
    for missing in sorted(known & set(routes) - reached):
        yield Finding("INVALID_ROUTING_MODEL", f"No way leads to the screen '{missing}'.", path)


def _loop(routes: Routes) -> list[str]:
    """The screens of one circle, the first repeated at the end; empty without one."""
    done: set[str] = set()
    for start in routes:
        way: dict[str, list[str]] = {start: list(routes[start])}
        while way:
            name = next(reversed(way))
            if name in done or not way[name]:
                done.add(name)
                del way[name]
                continue
            goal = way[name].pop()
            if goal in way:
                names = list(way)
                return [*names[names.index(goal) :], goal]
            if goal not in done:
                way[goal] = list(routes.get(goal, []))
    return []


def _goals(screen: Part) -> list[str]:
    """Where the navigate actions of a screen lead."""
    goals = []
    for component, _, _ in walk(children_of(screen)):
        items = component.get("list-items")
        holders = [component, *(items if isinstance(items, list) else [])]
        for action in (holder.get("on-click-action") for holder in holders if isinstance(holder, dict)):
            goal = _goal(action)
            if goal:
                goals.append(goal)
    return list(dict.fromkeys(goals))


def _goal(action: Any) -> str:
    is_navigate = isinstance(action, dict) and action.get("name") == "navigate"
    following = action.get("next") if is_navigate else None
    name = following.get("name") if isinstance(following, dict) else None
    return name if isinstance(name, str) else ""

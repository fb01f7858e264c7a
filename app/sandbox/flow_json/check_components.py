"""What is wrong with the components of one screen."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from . import vocabulary as words
from .check_actions import Surroundings, check_action, check_bindings
from .expressions import is_dynamic, paths_in
from .findings import (
    Finding,
    below,
    check_expression,
    check_keys,
    check_lengths,
    check_required,
)
from .reading import Part, branches_of, children_of, walk

# Beyond the limit of a screen there is nothing left to say than that.
MOST_LOOKED_AT = words.MOST_COMPONENTS * 4
SIDE_CAPTIONS = {"left-caption", "right-caption"}


def check_components(screen: Part, path: str, screens: dict[str, Part]) -> Iterator[Finding]:
    """path: of the screen."""
    children = children_of(screen)
    where = f"{path}.layout.children"
    yield from _check_nothing_else(children, where)
    found = list(islice(walk(children, where), MOST_LOOKED_AT))
    around = Surroundings(screen, screens, {name for part, _, _ in found if (name := name_of(part))})
    if len(found) > words.MOST_COMPONENTS:
        message = f"A screen has at most {words.MOST_COMPONENTS} components."
        yield Finding("INVALID_PROPERTY_VALUE", message, path)
    for kind, (most, error) in words.MOST_OF.items():
        if count_of(kind, children) > most:
            yield Finding(error, f"A screen has at most {most} of {kind}.", path)
    yield from _check_names([(name, at) for part, at, _ in found if (name := name_of(part))])
    for component, at, _ in found:
        yield from _check_component(component, at, around)
    yield from _check_ifs(children, where, 0)


def count_of(kind: str, children: list[Any]) -> int:
    """How many can be seen at once: of the branches of an If or Switch the fullest counts."""
    count = 0
    for child in (child for child in children if isinstance(child, dict)):
        inner = [count_of(kind, below) for _, below in branches_of(child)]
        is_choice = child.get("type") in {"If", "Switch"}
        count += (child.get("type") == kind) + (max(inner, default=0) if is_choice else sum(inner))
    return count


def name_of(component: Part) -> str:
    """Blank for what asks for nothing."""
    name = component.get("name")
    return name if isinstance(name, str) and component.get("type") != "Form" else ""


def _check_component(component: Part, path: str, around: Surroundings) -> Iterator[Finding]:
    kind = component.get("type")
    if not isinstance(kind, str) or not kind:
        yield Finding("MISSING_REQUIRED_TYPE_PROPERTY", "A component needs a type.", path)
        return
    known = words.COMPONENTS.get(kind)
    if known is None:
        message = f"There is no component '{kind}'; there are {', '.join(words.COMPONENTS)}."
        yield Finding("INVALID_ENUM_VALUE", message, below(path, "type"))
        return
    yield from check_keys(component, {"type": words.TEXT} | known.properties, path, kind)
    yield from check_required(component, known.required, path, kind)
    yield from check_lengths(component, known.longest, path, kind)
    yield from _check_words(kind, component, path)
    yield from _check_ranges(component, path)
    if known.items is not None:
        yield from _check_items(kind, component, path, known.items)
    yield from _check_own_rules(kind, component, path)
    yield from _check_dynamic(component, known, path, around)


def _check_dynamic(
    component: Part, known: words.Component, path: str, around: Surroundings
) -> Iterator[Finding]:
    inner = {key for key, _ in branches_of(component)} | {"cases", "condition"}
    for key, value in component.items():
        where = below(path, key)
        if known.properties.get(key) == words.ACTION and isinstance(value, dict):
            yield from check_action(value, where, around)
        if key not in inner:
            yield from check_bindings(value, where, around)
    condition = component.get("condition")
    if component.get("type") == "If" and isinstance(condition, str):
        yield from check_expression(condition.strip("`"), below(path, "condition"))
        if not paths_in(condition):
            message = "A condition holds at least one binding, as ${form.name}."
            yield Finding("INVALID_PROPERTY_VALUE", message, below(path, "condition"))
        for name in paths_in(condition):
            yield from check_bindings(f"${{{name}}}", below(path, "condition"), around)


def _check_words(kind: str, component: Part, path: str) -> Iterator[Finding]:
    for key, value in component.items():
        allowed = words.ENUMS.get((kind, key))
        if allowed and isinstance(value, str) and not is_dynamic(value) and value not in allowed:
            message = f"The property '{key}' of {kind} must be one of {', '.join(allowed)}."
            yield Finding("INVALID_ENUM_VALUE", message, below(path, key))


def _check_ranges(component: Part, path: str) -> Iterator[Finding]:
    for least, most in words.RANGES:
        low, high = _whole(component.get(least)), _whole(component.get(most))
        if low is not None and high is not None and low > high:
            yield Finding("MIN_VALUE_GREATER_THAN_MAX", f"'{least}' is larger than '{most}'.", path)


def _check_items(kind: str, component: Part, path: str, limits: tuple[str, int, int]) -> Iterator[Finding]:
    key, least, most = limits
    items = component.get(key)
    if not isinstance(items, list):
        return
    if len(items) < least:
        yield Finding("MIN_ITEMS_REQUIRED", f"'{key}' of {kind} needs {least} items.", below(path, key))
    if len(items) > most:
        message = f"'{key}' of {kind} has at most {most} items, it has {len(items)}."
        yield Finding("INVALID_PROPERTY_VALUE", message, below(path, key))
    for index, item in enumerate(items[: most + 1]):
        yield from _check_item(kind, item, f"{below(path, key)}[{index}]")


def _check_item(kind: str, item: Any, path: str) -> Iterator[Finding]:
    if not isinstance(item, dict):
        yield Finding("INVALID_PROPERTY_TYPE", f"An item of {kind} must be an object.", path)
    elif kind == "ImageCarousel":
        yield from check_required(item, ("src", "alt-text"), path, "An image")
    elif kind == "NavigationList":
        yield from check_required(item, ("id", "main-content"), path, "An item")
        content = item.get("main-content")
        if isinstance(content, dict):
            yield from check_required(content, ("title",), below(path, "main-content"), "main-content")
            yield from check_lengths(
                content, words.LONGEST_NAVIGATION, below(path, "main-content"), "an item"
            )
    else:
        yield from check_keys(item, words.ITEM_KEYS, path, "an item")
        yield from check_required(item, ("id", "title"), path, "An item")
        yield from check_lengths(item, words.LONGEST_ITEM, path, "an item")


def _check_own_rules(kind: str, component: Part, path: str) -> Iterator[Finding]:
    if kind == "Footer" and "center-caption" in component and SIDE_CAPTIONS & set(component):
        message = "A Footer has a caption in the centre, or on its sides."
        yield Finding("INVALID_DEPENDENCIES", message, path)
    if kind == "TextInput" and "pattern" in component and component.get("input-type") in {"email", "phone"}:
        message = "A pattern goes with the input types text, number, password and passcode."
        yield Finding("INVALID_DEPENDENCIES", message, below(path, "pattern"))
    if kind == "NavigationList" and "on-click-action" not in component:
        items = component.get("list-items")
        own = [isinstance(item, dict) and "on-click-action" in item for item in items or []]
        if isinstance(items, list) and not all(own):
            message = "A NavigationList needs 'on-click-action', or each of its items does."
            yield Finding("MISSING_REQUIRED_PROPERTY", message, path)


def _check_names(named: list[tuple[str, str]]) -> Iterator[Finding]:
    first: dict[str, list[str]] = {}
    for name, path in named:
        if any(not _exclude_each_other(path, other) for other in first.get(name, [])):
            yield Finding("DUPLICATE_FORM_COMPONENT_NAMES", f"The name '{name}' is used twice.", path)
        first.setdefault(name, []).append(path)


def _exclude_each_other(path: str, other: str) -> bool:
    """Whether two components stand in different branches of one If or Switch."""
    mine, others = path.split("."), other.split(".")
    index = next(
        (index for index, pair in enumerate(zip(mine, others, strict=False)) if pair[0] != pair[1]), 0
    )
    names = {mine[index].partition("[")[0], others[index].partition("[")[0]}
    return names == {"then", "else"} or (len(names) == 2 and mine[index - 1] == "cases")


def _check_ifs(children: list[Any], path: str, depth: int) -> Iterator[Finding]:
    for index, child in enumerate(children):
        if not isinstance(child, dict):
            continue
        is_if = child.get("type") == "If"
        if is_if and depth >= words.DEEPEST_IF:
            message = f"An If nests at most {words.DEEPEST_IF} times."
            yield Finding("INVALID_PROPERTY_VALUE", message, f"{path}[{index}]")
            continue
        if depth <= words.DEEPEST_IF:
            for key, inner in branches_of(child):
                yield from _check_ifs(inner, f"{path}[{index}].{key}", depth + is_if)


def _check_nothing_else(children: list[Any], path: str) -> Iterator[Finding]:
    for index, child in enumerate(children):
        if not isinstance(child, dict):
            yield Finding("INVALID_PROPERTY_TYPE", "A component must be an object.", f"{path}[{index}]")


def _whole(value: Any) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None

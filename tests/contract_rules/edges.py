"""The longest text and the longest list that our rules take, everywhere in a tree, and one more of each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.contract_rules.mutations import Path, at, paths

LONGEST_TEXT, MOST_ENTRIES = 6000, 34


def edges(tree: Any, is_taken: Callable[[Any], bool]) -> Iterator[Any]:
    """Of each text and list: the tree with the last length that is taken, and with the next one."""
    for path in paths(tree):
        value = at(tree, path)
        if isinstance(value, str) and value:
            lengths = range(len(value), LONGEST_TEXT)
            yield from _around(tree, path, lengths, _of_length, is_taken)
        if isinstance(value, list) and value:
            yield from _around(tree, path, range(len(value), MOST_ENTRIES), _of_count, is_taken)


def _around(
    tree: Any,
    path: Path,
    sizes: range,
    resized: Callable[[Any, int], Any],
    is_taken: Callable[[Any], bool],
) -> Iterator[Any]:
    """Halve the span until the edge is known: whatever is under it is taken, whatever is over it is not."""
    least, most = sizes.start, sizes.stop
    while least + 1 < most:
        middle = (least + most) // 2
        if is_taken(_with(tree, path, resized, middle)):
            least = middle
        else:
            most = middle
    yield _with(tree, path, resized, least)
    yield _with(tree, path, resized, most)


def _with(tree: Any, path: Path, resized: Callable[[Any, int], Any], size: int) -> Any:
    changed = copy.deepcopy(tree)
    at(changed, path[:-1])[path[-1]] = resized(at(changed, path), size)
    return changed


def _of_length(text: str, length: int) -> str:
    """Longer before the first variable, or at the end."""
    place = text.find("{{") if "{{" in text else len(text)
    return text[:place] + "z" * (length - len(text)) + text[place:]


def _of_count(listed: list[Any], count: int) -> list[Any]:
    return [_numbered(listed[index % len(listed)], index) for index in range(count)]


def _numbered(entry: Any, number: int) -> Any:
    """A copy that repeats no id, title or index of another one."""
    if isinstance(entry, dict):
        own = {"id": f"n{number}", "title": f"N{number}", "card_index": number}
        return {key: own.get(key) if key in own else _numbered(value, number) for key, value in entry.items()}
    if isinstance(entry, list):
        return [_numbered(value, 100 * number + at_) for at_, value in enumerate(entry)]
    return copy.deepcopy(entry)

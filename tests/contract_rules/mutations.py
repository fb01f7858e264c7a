"""Small changes of a JSON tree: one length more, one entry less, another type, a stray variable."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Step = str | int
Path = tuple[Step, ...]
_ODD: tuple[Any, ...] = (None, "", " ", "x", 0, 7, -1, True, False, [], {}, ["x"], [None], {"x": "y"}, "7")
_FILLING = "ab cd ef gh "


@dataclass(frozen=True)
class Limits:
    """What is worth trying: lengths and counts to meet exactly, one less and one more; words of each key.

    `pieces` are put into texts; `numbers` stand in for numbers. `odd_types` off: no value changes
    its JSON type.
    """

    lengths: Sequence[int]
    counts: Sequence[int]
    words: Mapping[str, Sequence[Any]]
    pieces: Sequence[str] = ()
    numbers: Sequence[Any] = ()
    kept: Collection[str] = ()


def paths(tree: Any, before: Path = ()) -> Iterator[Path]:
    """Every place below the root."""
    entries: Sequence[tuple[Step, Any]] = ()
    if isinstance(tree, dict):
        entries = [*tree.items()]
    elif isinstance(tree, list):
        entries = [*enumerate(tree)]
    for step, value in entries:
        yield (*before, step)
        yield from paths(value, (*before, step))


def at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


@st.composite
def mutated(
    draw: st.DrawFn, bases: st.SearchStrategy[Any], limits: Limits, most: int = 2, least: int = 0
) -> Any:
    """A tree of `bases` with some changes."""
    tree = copy.deepcopy(draw(bases))
    for _ in range(draw(st.integers(least, most))):
        places = [path for path in paths(tree) if path[-1] not in limits.kept]
        if places:
            _change(draw, tree, draw(st.sampled_from(places)), limits)
    return tree


def _change(draw: st.DrawFn, tree: Any, path: Path, limits: Limits) -> None:
    holder, step = at(tree, path[:-1]), path[-1]
    value = holder[step]
    ways: list[Callable[[], Any]] = [lambda: draw(st.sampled_from(_ODD))]
    if isinstance(value, str):
        ways += _ways_of_text(draw, value, limits) * 2
    if isinstance(value, list) and value:
        ways += _ways_of_list(draw, value, limits) * 2
    if isinstance(value, int) and limits.numbers:
        ways += [lambda: draw(st.sampled_from(limits.numbers))] * 3
    if step in limits.words:
        ways += [lambda: draw(st.sampled_from(limits.words[str(step)]))] * 3
    if isinstance(holder, dict) and draw(st.integers(0, 7)) == 0:
        del holder[step]
    elif isinstance(holder, dict) and limits.words and draw(st.integers(0, 9)) == 0:
        key = draw(st.sampled_from(sorted(limits.words)))
        holder[key] = copy.deepcopy(draw(st.sampled_from(limits.words[key])))
    else:
        holder[step] = copy.deepcopy(draw(st.sampled_from(ways))())


def _ways_of_text(draw: st.DrawFn, value: str, limits: Limits) -> list[Callable[[], Any]]:
    def of_length() -> str:
        length = draw(st.sampled_from(limits.lengths)) + draw(st.integers(-1, 1))
        return (value + " " + _FILLING * (length // len(_FILLING) + 1))[: length - 1] + "z"

    def unbroken() -> str:
        length = draw(st.sampled_from(limits.lengths)) + draw(st.integers(-1, 1))
        return (value + "z" * length)[:length]

    def with_piece() -> str:
        place = draw(st.integers(0, len(value)))
        return value[:place] + draw(st.sampled_from(limits.pieces)) + value[place:]

    def cut() -> str:
        return value[: draw(st.integers(0, len(value)))]

    other_case: list[Callable[[], Any]] = [value.upper, value.lower]
    return [of_length, unbroken, cut, *other_case, *([with_piece] * 2 if limits.pieces else [])]


def _ways_of_list(draw: st.DrawFn, value: list[Any], limits: Limits) -> list[Callable[[], Any]]:
    def of_count() -> list[Any]:
        count = max(0, draw(st.sampled_from(limits.counts)) + draw(st.integers(-1, 1)))
        return [copy.deepcopy(value[index % len(value)]) for index in range(count)]

    def without_one() -> list[Any]:
        gone = draw(st.integers(0, len(value) - 1))
        return value[:gone] + value[gone + 1 :]

    def with_a_copy() -> list[Any]:
        return [*value, copy.deepcopy(draw(st.sampled_from(value)))]

    def turned() -> list[Any]:
        return value[::-1]

    return [of_count, without_one, with_a_copy, turned]

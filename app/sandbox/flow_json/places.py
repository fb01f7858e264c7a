"""Where a part of a Flow JSON stands in its text: lines and columns, counted from 1."""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

STEP = re.compile(r"\[(\d+)]|([^.\[\]]+)")
SPACE = re.compile(r"[\s,:]*")
DECODER = json.JSONDecoder()
Key = str | int


@dataclass(frozen=True)
class Span:
    """Offsets in the text: of the first character and behind the last one."""

    start: int
    end: int


class Places:
    """Reads each list or object of the text once, when something below it is looked for.

    text: valid JSON.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._whole: Span | None = None
        self._known: dict[int, dict[Key, Span]] = {}
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def of_path(self, path: str) -> dict[str, int]:
        """`line_start`, `line_end`, `column_start`, `column_end` of a path as `screens[0].layout`.

        Of a path that is not there in full: of the part that is.
        """
        span = self._whole = self._whole or self._value_at(0)
        for index, name in STEP.findall(path):
            inner = self._children(span).get(int(index) if index else name)
            if inner is None:
                break
            span = inner
        return self._lines(span)

    def of_offset(self, offset: int) -> dict[str, int]:
        """One character."""
        return self._lines(Span(offset, offset + 1))

    def _lines(self, span: Span) -> dict[str, int]:
        (first, column), (last, end) = self._line(span.start), self._line(max(span.start, span.end - 1))
        return {"line_start": first, "line_end": last, "column_start": column, "column_end": end}

    def _line(self, offset: int) -> tuple[int, int]:
        number = bisect_right(self._line_starts, offset)
        return number, offset - self._line_starts[number - 1] + 1

    def _children(self, span: Span) -> dict[Key, Span]:
        if span.start not in self._known:
            self._known[span.start] = self._read_children(span)
        return self._known[span.start]

    def _read_children(self, span: Span) -> dict[Key, Span]:
        opening = self._text[span.start : span.start + 1]
        found: dict[Key, Span] = {}
        if opening not in {"{", "["}:
            return found
        at = self._skip(span.start + 1)
        while at < span.end - 1:
            key: Any = len(found)
            if opening == "{":
                key, at = DECODER.raw_decode(self._text, at)
                at = self._skip(at)
            found[key] = self._value_at(at)
            at = self._skip(found[key].end)
        return found

    def _value_at(self, at: int) -> Span:
        start = self._skip(at)
        return Span(start, DECODER.raw_decode(self._text, start)[1])

    def _skip(self, at: int) -> int:
        found = SPACE.match(self._text, at)
        return found.end() if found else at

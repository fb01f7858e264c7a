"""Tables as spreadsheets and other programs write them: encoding, delimiter and a line of names are found
out.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

LARGEST_FILE = 10 * 1024 * 1024
MOST_LINES = 50_000
MOST_COLUMNS = 60
_MOST_ROWS = 2 * MOST_LINES
"""With empty ones, which are skipped: a file of nothing else would take minutes to look through."""
LONGEST_CELL = 5_000
_LONGEST_LINE = 100_000
"""A line of millions of commas would be cut into as many cells before anybody could count them."""
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows (Western Europe)"}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LOOKED_AT = 20
_SHORTEST_NUMBER = 6

Line = tuple[int, list[str]]
"""(line of the file, as an editor counts it, from 1; its cells)"""


class Unreadable(Exception):
    """Why a file cannot be read as a table, in words for people."""


@dataclass(frozen=True)
class Reading:
    """How a file is read."""

    encoding: str
    delimiter: str
    has_header: bool

    def as_dict(self) -> dict[str, object]:
        return vars(self).copy()


def find_reading(content: bytes) -> Reading:
    """What fits best; a person may say otherwise. Raises Unreadable."""
    encoding = _find_encoding(content)
    text = _decode(content, encoding)
    delimiter = _find_delimiter(text)
    lines = [cells for _, (_, cells) in zip(range(2), _lines(text, delimiter), strict=False)]
    return Reading(encoding, delimiter, bool(lines) and _is_header(lines[0]))


def read_lines(content: bytes, reading: Reading) -> Iterator[Line]:
    """Without the line of names and without empty ones. Raises Unreadable, also on the way."""
    text = _decode(content, reading.encoding)
    for place, line in enumerate(_lines(text, reading.delimiter)):
        if place or not reading.has_header:
            yield line


def read_columns(content: bytes, reading: Reading) -> list[str]:
    """What the file calls them, else "Column 1" … Raises Unreadable for a file without a line."""
    first = next(_lines(_decode(content, reading.encoding), reading.delimiter), None)
    if first is None:
        raise Unreadable("This file has no line with anything in it.")
    cells = first[1]
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(
            f"This file has more than {MOST_COLUMNS} columns, which is the most. Delete those that are not "
            "needed, also empty ones, then try again."
        )
    if not reading.has_header:
        return [f"Column {number}" for number in range(1, len(cells) + 1)]
    return [cell or f"Column {number}" for number, cell in enumerate(cells, 1)]


def count_lines(content: bytes, reading: Reading) -> int:
    """Raises Unreadable, also when there are too many."""
    count = sum(1 for _ in read_lines(content, reading))
    if count > MOST_LINES:
        raise Unreadable(
            f"This file has {count:,} lines, and {MOST_LINES:,} is the most. Split it, then try again."
        )
    return count


def _find_encoding(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    # UTF-16 without a mark: every second byte of plain letters is nothing.
    if content[:200].count(0) > len(content[:200]) // 4:
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _decode(content: bytes, encoding: str) -> str:
    try:
        if encoding == "utf-8":
            return content.decode("utf-8-sig")
        if encoding == "utf-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le")
        # A byte that Windows-1252 leaves open is no reason to refuse a whole file.
        text = content.decode(encoding, "replace" if encoding == "cp1252" else "strict")
        return text.removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        name = ENCODINGS.get(encoding, encoding)
        raise Unreadable(f"This file is not written in {name}. Choose another encoding.") from None


def _find_delimiter(text: str) -> str:
    """Excel says it in a first line `sep=;`; else the one that cuts the first lines into the most equal
    columns.
    """
    told = _told_delimiter(text)
    if told:
        return told
    best, delimiter = (0, 0), ","
    for candidate in DELIMITERS:
        widths = [
            len(cells) for _, (_, cells) in zip(range(_LOOKED_AT), _lines(text, candidate), strict=False)
        ]
        if widths:
            usual = max(set(widths), key=widths.count)
            score = (widths.count(usual) * (usual > 1), usual)
            best, delimiter = max((best, delimiter), (score, candidate))
    return delimiter


def _told_delimiter(text: str) -> str:
    first = text[:20].splitlines()[:1]
    is_told = bool(first) and first[0].casefold().startswith("sep=") and len(first[0]) == 5
    return first[0][4] if is_told and first[0][4] in DELIMITERS else ""


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    """Of a line with too many cells those that tell so."""
    rows = csv.reader(_short_lines(text), delimiter=delimiter)
    is_told = bool(_told_delimiter(text))
    start = 1
    try:
        for count, row in enumerate(rows, 1):
            if count > _MOST_ROWS:
                raise Unreadable(
                    f"This file has more than {_MOST_ROWS:,} lines, and {MOST_LINES:,} is the most. "
                    "Split it, then try again."
                )
            line, start = start, rows.line_num + 1
            cells = [cell.replace("\x00", "").strip()[:LONGEST_CELL] for cell in row[: MOST_COLUMNS + 1]]
            if any(cells) and not (is_told and line == 1):
                yield line, cells
    except csv.Error as error:
        raise Unreadable(f"The file breaks off near line {start}: {error}.") from None


def _short_lines(text: str) -> Iterator[str]:
    for number, line in enumerate(StringIO(text, newline=""), 1):
        if len(line) > _LONGEST_LINE:
            raise Unreadable(
                f"Line {number} is longer than {_LONGEST_LINE:,} characters. Look whether this is the right "
                "file, then try again."
            )
        yield line


def _is_header(cells: list[str]) -> bool:
    """Names have no number of a phone among them."""
    return not any(sum(char.isdigit() for char in cell) >= _SHORTEST_NUMBER for cell in cells)

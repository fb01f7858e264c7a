"""What an address says about a list: which rows, columns, and order. Nonsense counts as nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from app.admin.declared import Declared
from app.queries.records import Wanted, read_value

_LONGEST_WORDS = 200
_EARLIEST = date(2000, 1, 1)
_LATEST = date(2100, 1, 1)
_UNSTORABLE = {"\x00"}


@dataclass(frozen=True)
class Narrowing:
    """As the page's form shows it; `wanted` is what the database is asked."""

    words: str
    chosen: Mapping[str, str]
    since: str
    until: str
    sort: str
    columns: tuple[str, ...]
    wanted: Wanted

    def args(self, declared: Declared) -> dict[str, Any]:
        """The same as an address carries it."""
        values: dict[str, Any] = {
            "q": self.words,
            "since": self.since,
            "until": self.until,
            "sort": self.sort,
            **self.chosen,
        }
        found = {name: value for name, value in values.items() if value}
        if self.columns != declared.usual_columns:
            found["columns"] = list(self.columns)
        return found

    @property
    def is_any(self) -> bool:
        return bool(self.words or any(self.chosen.values()) or self.since or self.until)


def read_narrowing(declared: Declared, given: MultiDict[str, str]) -> Narrowing:
    words = "".join(char for char in given.get("q", "") if char not in _UNSTORABLE).strip()[:_LONGEST_WORDS]
    chosen, values = _choices(declared, given)
    since, until = _day(given.get("since", "")), _day(given.get("until", ""))
    sort = given.get("sort", "")
    name = sort.removeprefix("-")
    if name not in declared.sortable:
        sort, name = "", ""
    columns = tuple(name for name in given.getlist("columns") if name in declared.table.c)
    wanted = Wanted(
        values=values,
        words=words,
        search_in=declared.search,
        is_part_enough=declared.is_small,
        sort=name or None,
        is_rising=bool(name) and not sort.startswith("-"),
        time_column=declared.time,
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)) if until else None,
    )
    return Narrowing(
        words if declared.search else "",
        chosen,
        str(since or "") if declared.time else "",
        str(until or "") if declared.time else "",
        sort,
        tuple(dict.fromkeys(columns)) or declared.usual_columns,
        wanted if declared.search else _without_words(wanted),
    )


def _without_words(wanted: Wanted) -> Wanted:
    return Wanted(**{**vars(wanted), "words": ""})


def _choices(declared: Declared, given: MultiDict[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    chosen: dict[str, str] = {}
    values: dict[str, Any] = {}
    for column in declared.choices:
        text = given.get(column.name, "")
        if text:
            try:
                values[column.name] = read_value(column, text)
            except (ValueError, KeyError, OverflowError):
                continue
            chosen[column.name] = text
    return chosen, values


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _EARLIEST <= found <= _LATEST else None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, UTC) if day else None

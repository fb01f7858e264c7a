"""How a value of a table looks: in a list, whole, and in a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Column, Row

from app.admin.declared import Declared
from app.admin.tables import BY_NAME
from app.queries.records import Key, key_columns, read_value, write_value

MASK = "••••••"
_SHORT = 80
_LONGEST = 20_000


@dataclass(frozen=True)
class Cell:
    """One value. `kind`: time, text, json, masked, empty, flag, number or bytes; `url`: what it names."""

    column: str
    kind: str
    text: str
    at: datetime | None = None
    url: str | None = None


def cell(declared: Declared, column: Column[Any], value: Any, *, is_whole: bool) -> Cell:
    if value is None or value == "":
        return Cell(column.name, "empty", "")
    if declared.is_masked(column):
        return Cell(column.name, "masked", MASK)
    if isinstance(value, datetime):
        return Cell(column.name, "time", "", at=value)
    if isinstance(value, bool):
        return Cell(column.name, "flag", "yes" if value else "no")
    if isinstance(value, bytes):
        return Cell(column.name, "bytes", f"{len(value):,} bytes")
    if isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False, indent=2 if is_whole else None)
        return Cell(column.name, "json", _cut(text, is_whole))
    kind = "number" if isinstance(value, int | float) else "text"
    return Cell(column.name, kind, _cut(str(value), is_whole), url=_leads_to(column, value))


def _cut(text: str, is_whole: bool) -> str:
    most = _LONGEST if is_whole else _SHORT
    return text if len(text) <= most else f"{text[:most]}…"


def _leads_to(column: Column[Any], value: Any) -> str | None:
    """The row that a column names."""
    for foreign in column.foreign_keys:
        other = BY_NAME.get(foreign.column.table.name)
        if other is not None:
            return url_for("admin.record", table=other, key=write_key((value,)))
    return None


def as_text(declared: Declared, column: Column[Any], value: Any) -> str:
    """For a file: whole, secrets masked."""
    if value is None:
        return ""
    if declared.is_masked(column):
        return MASK
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return write_value(value)


def write_key(key: Key) -> str:
    """Parts may hold anything: what would part them is written otherwise."""
    return "~".join(
        write_value(part).replace("%", "%25").replace("~", "%7E").replace("/", "%2F") for part in key
    )


def read_key(columns: list[Column[Any]], text: str) -> Key | None:
    """The key, or None for what cannot be one."""
    parts = text.split("~")
    if len(parts) != len(columns):
        return None
    try:
        return tuple(
            read_value(column, part.replace("%2F", "/").replace("%7E", "~").replace("%25", "%"))
            for column, part in zip(columns, parts, strict=True)
        )
    except (ValueError, KeyError, OverflowError):
        return None


def key_of(declared: Declared, row: Row[Any]) -> str:
    return write_key(tuple(getattr(row, column.name) for column in key_columns(declared.table)))

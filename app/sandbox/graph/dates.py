"""`date_format=U`: dates of an answer as UNIX seconds. Source: Meta docs, Graph "Overview", read 2026-03."""

import re
from datetime import datetime
from typing import Any

GRAPH_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000")


def written(answer: Any, date_format: Any) -> Any:
    """The answer with its Graph dates in that format; any other format than `U` leaves them as they are."""
    return _in_seconds(answer) if date_format == "U" else answer


def _in_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_seconds(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_seconds(inner) for inner in value]
    if isinstance(value, str) and GRAPH_DATE.fullmatch(value):
        return int(datetime.fromisoformat(value).timestamp())
    return value

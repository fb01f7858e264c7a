"""What one exchange with Meta told us beside its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import requests

from app.graph import reading

_USAGE_KEYS = ("call_count", "total_time", "total_cputime")


@dataclass(frozen=True, slots=True)
class CallInfo:
    """Facts from the headers of one answer; everything empty if no answer came.

    `path` has no query, so no token. `usage_percent` is the highest of Meta's counters (100 means
    throttled), `regain_access_s` the wait Meta names for them. `api_version` is the version
    really used: it differs from the configured one once that has ended.
    Source: Meta docs, "Rate limits" page, read 2026-09.
    """

    method: str = ""
    path: str = ""
    http_status: int | None = None
    api_version: str | None = None
    request_id: str | None = None
    usage_percent: int | None = None
    regain_access_s: int | None = None
    retry_after: str | None = None
    duration_s: float = 0.0


def read_headers(response: requests.Response, *, method: str, path: str, duration_s: float) -> CallInfo:
    """Read the headers that Graph answers carry; odd or missing ones are left out."""
    headers = response.headers
    counters = _app_usage(headers.get("x-app-usage")) + _business_usage(
        headers.get("x-business-use-case-usage")
    )
    return CallInfo(
        method=method,
        path=path,
        http_status=response.status_code,
        api_version=headers.get("facebook-api-version"),
        request_id=headers.get("x-fb-request-id") or headers.get("x-fb-trace-id"),
        usage_percent=_highest(counters, _USAGE_KEYS),
        regain_access_s=_minutes(_highest(counters, ("estimated_time_to_regain_access",))),
        retry_after=headers.get("retry-after"),
        duration_s=duration_s,
    )


def _app_usage(header: str | None) -> list[dict[str, Any]]:
    found = _json_object(header)
    return [found] if found else []


def _business_usage(header: str | None) -> list[dict[str, Any]]:
    return [counter for group in _json_object(header).values() for counter in reading.mappings(group)]


def _json_object(header: str | None) -> dict[str, Any]:
    try:
        return reading.mapping(json.loads(header or "{}"))
    except (ValueError, RecursionError):
        return {}


def _highest(counters: list[dict[str, Any]], keys: tuple[str, ...]) -> int | None:
    numbers = [reading.integer(counter.get(key)) for counter in counters for key in keys]
    return max((number for number in numbers if number is not None), default=None)


def _minutes(number: int | None) -> int | None:
    return number * 60 if number else None

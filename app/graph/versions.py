"""Graph versions and when they end.

Source: Meta docs, "Graph API changelog: versions" page, read 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

WARN_BEFORE = timedelta(days=90)

_LAST_DAYS: dict[str, date | None] = {
    "v18.0": date(2026, 1, 26),
    "v19.0": date(2026, 5, 21),
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
    "v26.0": None,
}


def version_end_date(version: str) -> date | None:
    """The day a version stops being usable; None if Meta has named none (or we do not know it).

    A call to an ended version is not refused: the oldest usable one answers, and says so in
    `CallInfo.api_version`.
    """
    return _LAST_DAYS.get(version if version.startswith("v") else f"v{version}")


def known_versions() -> tuple[str, ...]:
    """All versions of the table, oldest first."""
    return tuple(_LAST_DAYS)


@dataclass(frozen=True, slots=True)
class VersionWarning:
    """What comes, or came, of a version, and what to do about it."""

    text: str
    advice: str


def warning(version: str, today: date) -> VersionWarning | None:
    """What to tell the operator if this version has ended or ends within 90 days.

    It has ended on the day the table names: Meta then answers with a newer one.
    """
    last_day = version_end_date(version)
    if last_day is None or today < last_day - WARN_BEFORE:
        return None
    name = version if version.startswith("v") else f"v{version}"
    when = f"{last_day.day} {last_day:%B %Y}"
    advice = f"Set GRAPH_API_VERSION to {known_versions()[-1]} or another newer version."
    if today >= last_day:
        return VersionWarning(f"Graph API {name} ended on {when}; Meta answers with a newer version.", advice)
    days = (last_day - today).days
    left = f"in {days} {'day' if days == 1 else 'days'}"
    return VersionWarning(f"Graph API {name} ends on {when}, {left}.", advice)

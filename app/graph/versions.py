"""Graph versions and when they end.

Source: Meta docs, "Graph API changelog: versions" page, read 2026-09.
"""

from __future__ import annotations

from datetime import date

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

"""When a person's first answer is due, in words; only where it is near or past."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from app.models import utcnow
from app.services.cases import Waiting, deadlines_of
from app.web.filters import clock

_SOON = timedelta(hours=1)


@dataclass(frozen=True)
class Due:
    """`is_past`: the target is missed already."""

    text: str
    is_past: bool


def due_of(conversations: Collection[Waiting]) -> dict[int, Due]:
    """By conversation id."""
    now = utcnow()
    found = {}
    for id_, deadline in deadlines_of(conversations, now).items():
        if deadline.is_past:
            found[id_] = Due(f"Answer was due {_minutes(now - deadline.at)} ago", is_past=True)
        elif deadline.is_near:
            left = deadline.at - now
            text = f"within {_minutes(left)}" if left < _SOON else f"by {clock(deadline.at)}"
            found[id_] = Due(f"Answer {text}", is_past=False)
    return found


def _minutes(span: timedelta) -> str:
    minutes = max(1, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"

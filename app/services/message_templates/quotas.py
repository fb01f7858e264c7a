"""How often Meta takes a change of an approved message template, and which names it keeps locked.

Source: Meta docs, "Edit message templates" and "Delete message templates" pages, read 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import TooMany
from app.models import MessageTemplate, utcnow
from app.models import MessageTemplateStatus as State
from app.queries import message_template_history as history
from app.services.health_lines import at_words

MOST_IN_A_DAY = 1
MOST_IN_A_MONTH = 10
NAME_LOCK = timedelta(days=30)
_DAY, _MONTH = timedelta(hours=24), timedelta(days=30)
_GONE = frozenset({State.DELETED, State.PENDING_DELETION})


@dataclass(frozen=True)
class EditQuota:
    """`next_at`: when Meta takes the next change; None: now. Only changes made here are counted: where
    others were made, Meta's own count decides. `is_limited`: False in states in which it takes any number.
    """

    is_limited: bool
    used_in_day: int
    used_in_month: int
    next_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.next_at is None

    @property
    def left_in_month(self) -> int:
        return max(0, MOST_IN_A_MONTH - self.used_in_month)


def edit_quota(row: MessageTemplate) -> EditQuota:
    """How many changes of it were sent to Meta while it was approved, and when the next one is possible."""
    now = utcnow()
    entries = history.list_entries(row, history.RESUBMITTED, since=now - _MONTH)
    # Entries of earlier versions do not say in which state it was: they count.
    at = [entry.at for entry in entries if entry.details.get("state", "APPROVED") == "APPROVED"]
    is_limited = row.status is State.APPROVED
    return EditQuota(
        is_limited=is_limited,
        used_in_day=sum(one > now - _DAY for one in at),
        used_in_month=len(at),
        next_at=_next(at, now) if is_limited else None,
    )


def _next(at: list[datetime], now: datetime) -> datetime | None:
    """`at`: newest first. Both limits roll: there is room when the oldest of a full window leaves it."""
    windows = ((MOST_IN_A_DAY, _DAY), (MOST_IN_A_MONTH, _MONTH))
    free = [at[most - 1] + span for most, span in windows if len(at) >= most]
    latest = max(free, default=now)
    return latest if latest > now else None


def require_edit(row: MessageTemplate) -> None:
    """Raises TooMany with the moment when Meta takes a change again."""
    quota = edit_quota(row)
    if quota.next_at is None:
        return
    wait_s = int((quota.next_at - utcnow()).total_seconds()) + 1
    raise TooMany(
        "Meta takes one change of an approved message template in 24 hours, and ten in 30 days. The next one "
        f"is possible on {at_words(quota.next_at)}. Nothing was sent.",
        wait_s,
    )


def name_lock(account_id: int, name: str, language: str) -> datetime | None:
    """Until when Meta refuses a new one of this name and language: it was deleted while it was approved, or
    after it had been. None: not that we know."""
    entries = history.list_of_named(account_id, name, language, utcnow() - NAME_LOCK)
    deleted = next((entry for entry in entries if entry.details.get("to") in _GONE), None)
    if deleted is None or not deleted.details.get("was_approved"):
        return None
    return deleted.at + NAME_LOCK

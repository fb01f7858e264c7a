"""What happens to a message template at Meta, in words for people: pauses, categories, quality, reasons.

Source: Meta docs, "Template pausing", "Template categorization" and "Rejection reasons" pages, read 2026-09.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.graph.message_template_rules import CATEGORIES
from app.models import AuditEntry, MessageTemplate, VersionOrigin, utcnow
from app.models import MessageTemplateStatus as State
from app.queries import message_template_history as history

FIRST, SECOND, PACING = "FIRST_PAUSE", "SECOND_PAUSE", "RATE_LIMITING_PAUSE"
_LASTS = {FIRST: timedelta(hours=3), SECOND: timedelta(hours=6)}
APPEAL_WITHIN = timedelta(days=60)
_CODE = re.compile(r"^[A-Z]+(?:_[A-Z]+)+:? ")
_ORIGINS = {
    VersionOrigin.SAVED: "Saved as a draft",
    VersionOrigin.SUBMITTED: "Sent to Meta for review",
    VersionOrigin.EDITED: "Changed and sent to Meta again",
    VersionOrigin.RESTORED: "Restored from an earlier version",
    VersionOrigin.IMPORTED: "Imported",
    VersionOrigin.META: "Found at Meta",
}
_QUALITIES = {"GREEN": "High", "YELLOW": "Medium", "RED": "Low"}
_QUALITY_KINDS = {"GREEN": "ok", "YELLOW": "warn", "RED": "bad"}
_REASON_PLACES = {"INCORRECT_CATEGORY": "category", "TAG_CONTENT_MISMATCH": "category"}
_PLACES = (
    ("buttons", re.compile(r"\b(buttons?|links?|urls?|phone numbers?|quick repl(?:y|ies))\b", re.IGNORECASE)),
    ("header", re.compile(r"\bheaders?\b", re.IGNORECASE)),
    ("footer", re.compile(r"\bfooters?\b", re.IGNORECASE)),
    ("category", re.compile(r"\bcategor(?:y|ies)\b", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Pause:
    """`kind`: first, second, pacing, or unknown where Meta did not say which it is."""

    kind: Literal["first", "second", "pacing", "unknown"]
    ends_at: datetime | None

    @property
    def can_be_ended(self) -> bool:
        """By a call: Meta ends the others by itself. Where it is not known, Meta may say no."""
        return self.kind in ("pacing", "unknown")


@dataclass(frozen=True)
class CategoryNote:
    """Meta moves it at `at`, or (`is_done`) has moved it: it can be asked to look again by `appeal_until`."""

    is_done: bool
    before: str
    after: str
    at: datetime | None
    appeal_until: datetime | None = None


@dataclass(frozen=True)
class QualityLine:
    at: datetime
    kind: str
    before: str
    after: str


def pause_of(row: MessageTemplate) -> Pause | None:
    """None unless it is paused."""
    if row.status is not State.PAUSED:
        return None
    code = row.rejected_reason.partition(" ")[0]
    if code == PACING:
        return Pause("pacing", None)
    if code not in _LASTS or row.status_changed_at is None:
        return Pause("unknown", None)
    return Pause("first" if code == FIRST else "second", row.status_changed_at + _LASTS[code])


def count_pauses(row: MessageTemplate) -> int:
    """How often Meta has paused it for low quality, as far as is known here: the third time disables it."""
    entries = history.list_entries(row, history.STATUS)
    paused = [entry.details for entry in entries if entry.details.get("to") == State.PAUSED]
    return sum(not str(details.get("reason") or "").startswith(PACING) for details in paused)


def without_code(reason: str) -> str:
    """Meta's sentences, without its code for them (`FIRST_PAUSE Paused for 3 hours …`)."""
    return _CODE.sub("", reason) if " " in reason else reason


def announced_note(row: MessageTemplate, entry: AuditEntry | None) -> CategoryNote | None:
    """`entry`: the announcement, which says when."""
    if not row.correct_category:
        return None
    return CategoryNote(False, _category(row.category), _category(row.correct_category), _moment(entry))


def category_note(row: MessageTemplate) -> CategoryNote | None:
    """What Meta plans with its category, or did with it so lately that it can be asked to look again."""
    if row.correct_category:
        return announced_note(row, history.list_announced([row]).get(row.id))
    entries = history.list_entries(row, history.CATEGORY, since=utcnow() - APPEAL_WITHIN, limit=1)
    if not entries or entries[0].details.get("to") != row.category:
        return None
    before = _category(str(entries[0].details.get("from") or ""))
    return CategoryNote(True, before, _category(row.category), entries[0].at, entries[0].at + APPEAL_WITHIN)


def quality_history(row: MessageTemplate) -> list[QualityLine]:
    """Newest first."""
    entries = history.list_entries(row, history.QUALITY, limit=20)
    return [
        QualityLine(
            entry.at,
            _QUALITY_KINDS.get(str(entry.details.get("to")), "mute"),
            _QUALITIES.get(str(entry.details.get("from")), "Not rated"),
            _QUALITIES.get(str(entry.details.get("to")), "Not rated"),
        )
        for entry in entries
    ]


def place_to_mend(row: MessageTemplate) -> str:
    """Which part Meta's reason is about: header, body, footer, buttons or category; empty if not rejected."""
    if row.status is not State.REJECTED:
        return ""
    code, _, said = row.rejected_reason.partition(": ")
    if code in _REASON_PLACES:
        return _REASON_PLACES[code]
    return next((place for place, words in _PLACES if words.search(said)), "body")


def origin_words(origin: VersionOrigin) -> str:
    return _ORIGINS[origin]


def category_word(category: str) -> str:
    return _category(category)


def _category(category: str) -> str:
    return CATEGORIES.get(category, category.capitalize())


def _moment(entry: AuditEntry | None) -> datetime | None:
    try:
        return datetime.fromisoformat(str(entry.details["at"])) if entry is not None else None
    except (KeyError, ValueError):
        return None

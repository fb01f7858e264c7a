"""What Meta decided about a message template: by webhook, one item at a time. The caller commits.

Each function answers True when something changed and False for what is known, late or not ours.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.graph.webhooks import MessageTemplateCategory, MessageTemplateQuality, MessageTemplateStatus
from app.models import Account, MessageTemplate, utcnow
from app.models import MessageTemplateStatus as State
from app.queries import message_template_history as history
from app.queries import message_templates as queries
from app.queries.access import SYSTEM
from app.services import audit, health_signals, message_template_asks
from app.services.outgoing import telling

# Source: Meta docs, webhook "message_template_status_update", read 2026-09: events that are no states.
_EVENT_STATES = {"REINSTATED": State.APPROVED, "UNARCHIVED": State.APPROVED}
_WITH_REASON = frozenset({State.REJECTED, State.PAUSED, State.DISABLED})
_GONE = frozenset({State.DELETED, State.PENDING_DELETION})
_ONCE_APPROVED = frozenset({State.APPROVED, State.PAUSED, State.DISABLED, State.ARCHIVED})


def apply_status(account: Account, item: MessageTemplateStatus) -> bool:
    """Take over a new state. Late ones (by Meta's own time) change nothing."""
    row = _find(account, item.message_template_id, item.name, item.language)
    state = read_state(item.event) or _EVENT_STATES.get(item.event)
    if row is None and state not in _GONE:
        message_template_asks.ask(account.id)
    if row is None or state is None or _is_late(row, item.entry_time):
        return False
    reason = _reason(item) if state in _WITH_REASON else ""
    if row.status is state and row.rejected_reason == reason:
        return False
    row.meta_id = row.meta_id or item.message_template_id or None
    if item.category and item.category != row.category:
        move_category(row, item.category)
    set_state(row, state, reason=reason, at=item.entry_time)
    return True


def apply_quality(account: Account, item: MessageTemplateQuality) -> bool:
    row = _find(account, item.message_template_id, item.name, item.language)
    if row is None:
        message_template_asks.ask(account.id)
    if row is None or not item.new_score or row.quality_score == item.new_score:
        return False
    set_quality(row, item.new_score)
    return True


def set_quality(row: MessageTemplate, score: str) -> None:
    _record(row, history.QUALITY, {"from": row.quality_score, "to": score})
    row.quality_score = score


def apply_category(account: Account, item: MessageTemplateCategory) -> bool:
    """A change that is done moves the category; one that is announced is written down with its moment."""
    row = _find(account, item.message_template_id, item.name, item.language)
    if row is None:
        message_template_asks.ask(account.id)
        return False
    if item.upcoming_category:
        return announce_category(row, item.upcoming_category, item.takes_effect_at)
    return bool(item.current_category) and move_category(row, item.current_category or "")


def announce_category(row: MessageTemplate, category: str, at: datetime | None = None) -> bool:
    """Meta is going to move it to `category`. False when that is known, or holds already."""
    if category in (row.category, row.correct_category):
        return False
    row.correct_category = category
    moment = {"at": at.isoformat()} if at else {}
    _record(row, history.ANNOUNCED, {"from": row.category, "to": category, **moment})
    health_signals.ask_for_check(row.account_id, health_signals.WEBHOOK)
    return True


def move_category(row: MessageTemplate, category: str) -> bool:
    """Meta has moved it. An announcement is over by that, also one of another category."""
    had_announcement, row.correct_category = bool(row.correct_category), ""
    if row.category == category:
        return had_announcement
    _record(row, history.CATEGORY, {"from": row.category, "to": category})
    row.previous_category, row.category = row.category, category
    health_signals.ask_for_check(row.account_id, health_signals.WEBHOOK)
    return True


def read_state(word: str | None) -> State | None:
    """Meta's word as our state, or None for a word that is none."""
    try:
        return State(word or "")
    except ValueError:
        return None


def set_state(row: MessageTemplate, state: State, *, reason: str = "", at: datetime | None = None) -> None:
    """Change the state, and note it in the history when it is a new one."""
    is_new = row.status is not state
    if is_new and {row.status, state} & _WITH_REASON:
        health_signals.ask_for_check(row.account_id, health_signals.WEBHOOK)
    if is_new:
        _record_state(row, state, reason)
    row.status = state
    row.rejected_reason = reason
    row.status_changed_at = at or utcnow()
    if is_new:
        telling.tell_message_template(row)


def _record_state(row: MessageTemplate, state: State, reason: str) -> None:
    """With its name, since that may be another one by the time that somebody asks whose it was."""
    details: dict[str, Any] = {"from": row.status.value, "to": state.value, "reason": reason}
    details |= {"name": row.name, "language": row.language}
    if state in _GONE:
        details["was_approved"] = _was_approved(row)
    _record(row, history.STATUS, details)


def _was_approved(row: MessageTemplate) -> bool:
    """Whether Meta has ever approved it, as far as is known here."""
    if row.status in _ONCE_APPROVED:
        return True
    entries = history.list_entries(row, history.STATUS)
    return any({entry.details.get("from"), entry.details.get("to")} & _ONCE_APPROVED for entry in entries)


def _record(row: MessageTemplate, action: str, details: dict[str, Any]) -> None:
    audit.record(
        SYSTEM,
        action,
        account_id=row.account_id,
        object_type="message_template",
        object_id=row.id,
        details=details,
    )


def _find(account: Account, meta_id: str, name: str, language: str) -> MessageTemplate | None:
    """By Meta's id; by name while a submission's answer is still on its way."""
    found = queries.find_by_meta_id(account.id, meta_id) if meta_id else None
    if found is not None:
        return found
    named = queries.find_by_name(account.id, name, language)
    return named if named is not None and named.meta_id is None else None


def _is_late(row: MessageTemplate, at: datetime | None) -> bool:
    """Compared by Meta's whole seconds, since that is all an entry says."""
    if at is None or row.status_changed_at is None or row.meta_id is None:
        return False
    return at < row.status_changed_at.replace(microsecond=0)


def _reason(item: MessageTemplateStatus) -> str:
    """Meta's word for the reason, then its sentences: `INVALID_FORMAT: The body … Correct it.`"""
    said = " ".join(part for part in (item.detail_title, item.detail, item.recommendation) if part)
    return ": ".join(part for part in (item.reason, said) if part)

"""What Meta decided about a message template: by webhook, one item at a time. The caller commits.

Each function answers True when something changed and False for what is known, late or not ours.
"""

from __future__ import annotations

from datetime import datetime

from app.graph.webhooks import MessageTemplateCategory, MessageTemplateQuality, MessageTemplateStatus
from app.models import Account, MessageTemplate, utcnow
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.queries.access import SYSTEM
from app.services import audit
from app.services.outgoing import telling

# Source: Meta docs, webhook "message_template_status_update", read 2026-09: events that are no states.
_EVENT_STATES = {"REINSTATED": State.APPROVED, "UNARCHIVED": State.APPROVED}
_WITH_REASON = frozenset({State.REJECTED, State.PAUSED, State.DISABLED})


def apply_status(account: Account, item: MessageTemplateStatus) -> bool:
    """Take over a new state. Late ones (by Meta's own time) change nothing."""
    row = _find(account, item.message_template_id, item.name, item.language)
    state = read_state(item.event) or _EVENT_STATES.get(item.event)
    if row is None or state is None or _is_late(row, item.entry_time):
        return False
    reason = _reason(item) if state in _WITH_REASON else ""
    if row.status is state and row.rejected_reason == reason:
        return False
    row.meta_id = row.meta_id or item.message_template_id or None
    if item.category:
        row.category = item.category
    set_state(row, state, reason=reason, at=item.entry_time)
    return True


def apply_quality(account: Account, item: MessageTemplateQuality) -> bool:
    row = _find(account, item.message_template_id, item.name, item.language)
    if row is None or not item.new_score or row.quality_score == item.new_score:
        return False
    row.quality_score = item.new_score
    _record(row, "message_template.quality", {"from": item.previous_score, "to": item.new_score})
    return True


def apply_category(account: Account, item: MessageTemplateCategory) -> bool:
    """A change that is done moves the category; one that is announced is only written down."""
    row = _find(account, item.message_template_id, item.name, item.language)
    if row is None:
        return False
    if item.upcoming_category:
        _record(row, "message_template.category_announced", {"to": item.upcoming_category})
        return True
    if not item.current_category or row.category == item.current_category:
        return False
    _record(row, "message_template.category", {"from": row.category, "to": item.current_category})
    row.category = item.current_category
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
    if is_new:
        _record(
            row, "message_template.status", {"from": row.status.value, "to": state.value, "reason": reason}
        )
    row.status = state
    row.rejected_reason = reason
    row.status_changed_at = at or utcnow()
    if is_new:
        telling.tell_message_template(row)


def _record(row: MessageTemplate, action: str, details: dict[str, str | None]) -> None:
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

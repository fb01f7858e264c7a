"""What a message template's state means, in words for people.

Source: Meta docs, "Message templates: statuses" and "Rejection reasons" pages, read 2026-05;
what to do is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.models import AuditEntry, MessageTemplate
from app.models import MessageTemplateStatus as State
from app.services.message_template_life import pause_of, without_code

_REJECTIONS = {
    "ABUSIVE_CONTENT": (
        "Meta found the text abusive or threatening.",
        "Write it in a friendly way, without pressure, and send it again.",
    ),
    "INVALID_FORMAT": (
        "Meta found a fault in its form.",
        "Look at the variables, their samples, links and unusual signs; correct them and send it again.",
    ),
    "PROMOTIONAL": (
        "Meta reads it as advertising, which this category does not allow.",
        "Take the offer out of the text, or choose the category Marketing, and send it again.",
    ),
    "TAG_CONTENT_MISMATCH": (
        "The text does not fit its category or language.",
        "Check that the whole text is in the chosen language and choose the category that fits.",
    ),
    "INCORRECT_CATEGORY": (
        "The category does not fit the text.",
        "Choose the category Meta names and send it again.",
    ),
    "SCAM": (
        "Meta suspects deception.",
        "Say clearly who you are and why you write; do not ask for passwords or card numbers.",
    ),
}
_STATES: dict[State, tuple[str, str, str]] = {
    State.PENDING: (
        "info",
        "Meta is reviewing it.",
        "Usually this takes minutes, at most a day. This page follows by itself.",
    ),
    State.DISABLED: (
        "bad",
        "Meta has disabled it after repeated complaints.",
        "It can no longer be sent. Write a new one that customers expect and want.",
    ),
    State.IN_APPEAL: ("info", "An appeal is running at Meta.", "It cannot be sent until Meta has decided."),
    State.LIMIT_EXCEEDED: (
        "bad",
        "Meta’s limit of message templates is reached.",
        "Delete some that are no longer used, then send this one again.",
    ),
    State.PENDING_DELETION: (
        "info",
        "Meta is deleting it.",
        "Messages on their way are still delivered, for up to 30 days. Its name stays locked as long.",
    ),
    State.DELETED: (
        "info",
        "It no longer exists at Meta.",
        "After an approved one is deleted, Meta keeps its name locked for 30 days.",
    ),
    State.ARCHIVED: (
        "warn",
        "It is in Meta’s archive, and cannot be sent.",
        "Meta deletes it 28 days later. Take it out of the archive before that to send it again.",
    ),
}
_PAUSES = {
    "first": (
        "Meta has paused it for the first time, because customers blocked or reported it.",
        "It goes on by itself after 3 hours. A second pause lasts 6 hours; the third time it is disabled.",
    ),
    "second": (
        "Meta has paused it for the second time, because customers blocked or reported it.",
        "It goes on by itself after 6 hours. The next time it is disabled for good: change its words first.",
    ),
    "pacing": (
        "Meta has paused it after its first recipients reacted badly.",
        "It does not go on by itself: change its words, or end the pause, five minutes after it began.",
    ),
    "unknown": (
        "Meta has paused it, because customers blocked or reported it.",
        "It cannot be sent for 3 hours the first time, 6 hours the second; the third time it is disabled.",
    ),
}
_ACTIONS = {
    "message_template.created": "Draft created",
    "message_template.saved": "Draft saved",
    "message_template.submitted": "Sent to Meta for review",
    "message_template.resubmitted": "Changed and sent to Meta again",
    "message_template.deleted": "Deleted",
    "message_template.restored": "An earlier version taken up again",
    "message_template.unpaused": "Pause ended",
    "message_template.archived": "Put into Meta’s archive",
    "message_template.unarchived": "Taken out of Meta’s archive",
    "message_template.category": "Meta changed the category",
    "message_template.category_announced": "Meta will change the category",
    "message_template.quality": "Quality changed",
}
_QUALITIES = {"GREEN": "high", "YELLOW": "medium", "RED": "low"}


@dataclass(frozen=True)
class StateWords:
    """`kind` is info, warn or bad; `quoted` Meta's own sentences, if it wrote any."""

    kind: str
    title: str
    advice: str
    quoted: str = ""


@dataclass(frozen=True)
class HistoryLine:
    entry: AuditEntry
    text: str
    who: str


def explain_state(row: MessageTemplate) -> StateWords | None:
    """None where the badge says it all."""
    code, _, said = row.rejected_reason.partition(": ")
    if row.status is State.PAUSED:
        return _explain_pause(row)
    if row.status is State.REJECTED:
        title, advice = _REJECTIONS.get(code, ("Meta rejected it.", "Change the text and send it again."))
        return StateWords("bad", title, advice, said if code in _REJECTIONS else row.rejected_reason)
    if row.status is State.DRAFT and row.rejected_reason:
        return StateWords(
            "bad", "Meta did not take it.", "Correct it and send it again.", row.rejected_reason
        )
    if row.status not in _STATES:
        return None
    kind, title, advice = _STATES[row.status]
    return StateWords(kind, title, advice, row.rejected_reason if row.status is not State.PENDING else "")


def _explain_pause(row: MessageTemplate) -> StateWords:
    """Which pause it is stands in Meta's reason; found by a sync it is not known."""
    pause = pause_of(row)
    title, advice = _PAUSES[pause.kind if pause else "unknown"]
    return StateWords("warn", title, advice, without_code(row.rejected_reason))


def describe_history(entries: list[AuditEntry]) -> list[HistoryLine]:
    """Newest first, as given. What nobody of ours did, Meta did."""
    return [HistoryLine(entry, _line(entry), _who(entry)) for entry in entries]


def _line(entry: AuditEntry) -> str:
    to = str(entry.details.get("to") or "")
    if entry.action == "message_template.status":
        return f"Now {to.lower().replace('_', ' ')}"
    text = _ACTIONS.get(entry.action, entry.action)
    if entry.action == "message_template.quality":
        return f"{text} to {_QUALITIES.get(to, 'not rated')}"
    return f"{text} to {to.capitalize()}" if to else text


def _who(entry: AuditEntry) -> str:
    is_ours = entry.user_id is not None or entry.api_key_id is not None
    return entry.actor_name if is_ours else "Meta"

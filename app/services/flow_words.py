"""What a Flow's state, an event about it and an answer mean, in words for people.

Source: Meta docs, "Flows lifecycle", "Flows health monitoring" and "Webhooks: flows" pages, read 2026-09;
what to do is ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.models import AuditEntry, Flow, FlowAnswer, FlowEvent
from app.services.flow_texts import Question, questions_of

_LONGEST_VALUE = 2_000
_STATUS_CHANGE = "FLOW_STATUS_CHANGE"
_STATES: dict[str, tuple[str, str, str]] = {
    "THROTTLED": (
        "warn",
        "Meta has slowed it down, because its data endpoint is not well.",
        "At most ten messages an hour can open it. Repair the endpoint; Meta lets it go on by itself.",
    ),
    "BLOCKED": (
        "bad",
        "Meta has blocked it, because its data endpoint fails too often.",
        "It cannot be sent or opened. Repair the endpoint; Meta opens it again once it answers.",
    ),
    "DEPRECATED": (
        "info",
        "It is retired.",
        "It can no longer be sent or opened, for good. Its answers stay. Make a copy to go on.",
    ),
}
_EVENTS: dict[str, tuple[str, str, str]] = {
    "CLIENT_ERROR_RATE": (
        "warn",
        "Many customers meet errors in this Flow.",
        "Play its preview on a phone and look at each screen that gets values from elsewhere.",
    ),
    "ENDPOINT_ERROR_RATE": (
        "bad",
        "The Flow’s data endpoint answers with errors.",
        "Look into your endpoint’s log. If it goes on, Meta slows the Flow down, then blocks it.",
    ),
    "ENDPOINT_LATENCY": (
        "warn",
        "The Flow’s data endpoint answers slowly.",
        "Customers wait; after ten seconds they see an error. Make the endpoint answer within a second.",
    ),
    "ENDPOINT_AVAILABILITY": (
        "bad",
        "Meta could not reach the Flow’s data endpoint often enough.",
        "See that it runs, that its certificate is valid, and that Meta can reach it from outside.",
    ),
    "FLOW_VERSION_EXPIRY_WARNING": (
        "warn",
        "The Flow JSON’s version ends soon.",
        "Raise “version” in the Flow JSON to a newer one, save, and publish again before the day Meta names.",
    ),
}
_STATUS_WORDS = {
    "DRAFT": "a draft",
    "PUBLISHED": "published",
    "DEPRECATED": "retired",
    "BLOCKED": "blocked",
    "THROTTLED": "slowed down",
}
_ACTIONS = {
    "flow.created": "Created",
    "flow.saved": "Saved here",
    "flow.sent": "Saved at Meta",
    "flow.published": "Published",
    "flow.deprecated": "Retired",
    "flow.reverted": "Went back to Meta’s text",
}


@dataclass(frozen=True)
class Words:
    """`kind` is ok, info, warn or bad; `quoted` are Meta's own words."""

    kind: str
    title: str
    advice: str
    quoted: str = ""


@dataclass(frozen=True)
class EventLine:
    """One entry of the list of news."""

    event: FlowEvent
    words: Words


@dataclass(frozen=True)
class HistoryLine:
    """What somebody did with a Flow."""

    entry: AuditEntry
    text: str


@dataclass(frozen=True)
class Cell:
    """One question and its answer as people read it."""

    name: str
    label: str
    value: str


def explain_state(flow: Flow) -> Words | None:
    """What needs attention; None for a draft under way and for one that is simply published."""
    if flow.gone_at is not None:
        return Words(
            "warn",
            "Meta no longer has this Flow.",
            "Somebody deleted it there. Its answers stay here; take it off the list, or make a copy of it.",
        )
    if flow.status == "DRAFT" and flow.published_at is not None:
        return Words(
            "info",
            "Customers get the published version; this is a newer draft.",
            "Publish it to let them get what stands here.",
        )
    return Words(*_STATES[flow.status]) if flow.status in _STATES else None


def waiting_for(flow: Flow) -> tuple[str, str] | None:
    """(kind, words): what has to be done before customers get what stands here."""
    if flow.gone_at is not None:
        return "warn", "Gone at Meta"
    if flow.validation_errors:
        count = len(flow.validation_errors)
        return "bad", f"{count} fault{'' if count == 1 else 's'} to correct"
    if flow.has_unsent_text:
        return "warn", "Not saved at Meta"
    if flow.status == "DRAFT":
        return "info", "Can be published"
    state = explain_state(flow)
    return (state.kind, "Endpoint is not well") if state and flow.status != "DEPRECATED" else None


def describe_event(event: FlowEvent) -> EventLine:
    value = event.details
    said = _string(value.get("message")) or _string(value.get("warning"))
    if event.event == _STATUS_CHANGE:
        return EventLine(event, _status_words(value, said))
    kind, title, advice = _EVENTS.get(
        event.event,
        (
            "info",
            event.event.replace("_", " ").capitalize() + ".",
            "Read Meta’s words; nothing is known of it.",
        ),
    )
    if value.get("alert_state") == "DEACTIVATED":
        return EventLine(event, Words("ok", f"Over: {title}", "Nothing is left to do.", said))
    figures = _figures(value)
    told = f"{title.removesuffix('.')} ({figures})." if figures else title
    return EventLine(event, Words(kind, told, advice, said))


def open_alerts(lines: Iterable[EventLine]) -> list[EventLine]:
    """The newest word on each kind of alert, where it says that the alert stands. Lines: newest first."""
    newest: dict[str, EventLine] = {}
    for line in lines:
        newest.setdefault(line.event.event, line)
    return [line for line in newest.values() if line.event.details.get("alert_state") == "ACTIVATED"]


def describe_history(entries: Iterable[AuditEntry]) -> list[HistoryLine]:
    return [
        HistoryLine(entry, _ACTIONS.get(entry.action, entry.action.partition(".")[2].capitalize()))
        for entry in entries
    ]


def labels_of(flow: Flow | None) -> dict[str, Question]:
    """Questions by name: of the version that customers get, then of later drafts."""
    if flow is None:
        return {}
    return {**questions_of(flow.published_outline), **_new_ones(flow)}


def _new_ones(flow: Flow) -> dict[str, Question]:
    served = questions_of(flow.published_outline)
    return {name: one for name, one in questions_of(flow.outline).items() if name not in served}


def cells_of(answer: FlowAnswer, questions: Mapping[str, Question]) -> list[Cell]:
    """In the order of the form; what it does not ask comes last."""
    known = [name for name in questions if name in answer.answers]
    rest = [name for name in answer.answers if name not in questions]
    return [_cell(name, answer.answers[name], questions.get(name)) for name in (*known, *rest)]


def value_text(value: object, question: Question | None = None) -> str:
    """As people read it: titles of what was chosen, yes and no, names of files."""
    choices = question.choices if question else {}
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None:
        return ""
    if isinstance(value, str):
        return choices.get(value, value)
    if isinstance(value, list):
        return ", ".join(value_text(item, question) for item in value)
    if isinstance(value, dict):
        name = _string(value.get("file_name"))
        return name or json.dumps(value, ensure_ascii=False)
    return str(value)


def _cell(name: str, value: object, question: Question | None) -> Cell:
    text = value_text(value, question)
    cut = f"{text[:_LONGEST_VALUE]}…" if len(text) > _LONGEST_VALUE else text
    label = question.label if question else name.replace("_", " ").strip() or "(no name)"
    return Cell(name, label, cut)


def _status_words(value: Mapping[str, Any], said: str) -> Words:
    old, new = _string(value.get("old_status")), _string(value.get("new_status"))
    known = _STATES.get(new)
    if known is not None:
        return Words(*known, said)
    shown = _STATUS_WORDS.get(new, new.lower() or "in another state")
    before = f" It was {_STATUS_WORDS.get(old, old.lower())} before." if old else ""
    is_well_again = old in {"THROTTLED", "BLOCKED"}
    advice = "Meta lets it be sent as usual again." if is_well_again else "Nothing is left to do."
    return Words("ok" if new == "PUBLISHED" else "info", f"It is {shown}.{before}", advice, said)


def _figures(value: Mapping[str, Any]) -> str:
    """What Meta measured, and its limit."""
    parts = []
    for key, word in (("error_rate", "error rate"), ("availability", "availability")):
        if isinstance(value.get(key), int | float):
            parts.append(f"{word} {value[key]:g} %")
    for key, word in (("p90_latency", "nine of ten within"), ("p50_latency", "half within")):
        if isinstance(value.get(key), int | float):
            parts.append(f"{word} {value[key]:,.0f} ms")
    if parts and isinstance(value.get("threshold"), int | float):
        parts.append(f"Meta’s limit {value['threshold']:,.0f}")
    return ", ".join(parts)


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""

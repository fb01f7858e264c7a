"""What stands between a thread's messages: who took it over or closed it, and notes of colleagues."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.console.marking import Part
from app.models import ConversationEvent, ConversationNote, TeamEvent
from app.queries.teamwork import Between


@dataclass(frozen=True)
class Line:
    """`is_note`: written by `author` for colleagues; else what happened, in words."""

    id: str
    at: datetime
    text: str
    is_note: bool = False
    author: str = ""
    parts: tuple[Part, ...] = ()
    """Of a note: the text, with the names of colleagues after an @ marked."""


def lines_of(between: Between, names: Sequence[str] = ()) -> list[Line]:
    """By time. `names`: of colleagues whom a note may name."""
    lines = [*map(_event, between.events), *(_note(note, names) for note in between.notes)]
    return sorted(lines, key=lambda line: line.at)


def _event(event: ConversationEvent) -> Line:
    return Line(f"event-{event.id}", event.at, _words(event))


def _words(event: ConversationEvent) -> str:
    who = event.actor_name
    if not who and event.kind is TeamEvent.ASSIGNED:
        return f"Given to {event.assignee_name} automatically"
    if not who and event.kind is TeamEvent.UNASSIGNED:
        return f"Back to everybody: {event.assignee_name} does not answer here now"
    if event.kind is TeamEvent.TEAM_ASSIGNED:
        return f"{who} gave it to the team {event.assignee_name}"
    if event.kind is TeamEvent.TEAM_UNASSIGNED:
        return f"{who} took it from its team"
    if event.kind is TeamEvent.CLOSED:
        return f"{who} closed the conversation"
    if event.kind is TeamEvent.REOPENED:
        return f"{who} opened the conversation again" if who else "The customer wrote again: open again"
    if event.kind is TeamEvent.UNASSIGNED:
        return f"{who} assigned it to nobody"
    if event.actor_id is not None and event.actor_id == event.assignee_id:
        return f"{who} took over"
    return f"{who} assigned it to {event.assignee_name}"


def _note(note: ConversationNote, names: Sequence[str]) -> Line:
    parts = mark_names(note.body, names)
    return Line(f"note-{note.id}", note.at, note.body, is_note=True, author=note.author_name, parts=parts)


def mark_names(text: str, names: Sequence[str]) -> tuple[Part, ...]:
    """The text in parts; those that are an @ with one of the names are marked."""
    if not names or "@" not in text:
        return (Part(text, is_marked=False),)
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pieces = re.split(rf"(@(?:{listed})(?!\w))", text, flags=re.IGNORECASE)
    return tuple(Part(piece, is_marked=bool(n % 2)) for n, piece in enumerate(pieces) if piece)

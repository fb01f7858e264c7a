"""Builders of messages: they keep Meta's limits and raise InvalidPayload in the users' words.

Each builder answers `{"type": kind, kind: {…}}`; `envelope` makes the body to send out of it.
Source: Meta docs, "Send messages" pages, read 2026-09.
"""

from __future__ import annotations

from app.graph.payloads.builders import (
    contacts,
    content,
    interactive,
    interactive_buttons,
    interactive_list,
    location,
    media,
    message_template,
    reaction,
    text,
)
from app.graph.payloads.envelope import envelope
from app.graph.payloads.kinds import KINDS, validate
from app.graph.problems import InvalidPayload, Problem

__all__ = [
    "KINDS",
    "InvalidPayload",
    "Problem",
    "contacts",
    "content",
    "envelope",
    "interactive",
    "interactive_buttons",
    "interactive_list",
    "location",
    "media",
    "message_template",
    "reaction",
    "text",
    "validate",
]

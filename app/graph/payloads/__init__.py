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
from app.graph.payloads.interactive_builders import (
    address_request,
    call_request,
    contact_request,
    interactive_carousel,
    interactive_catalog,
    interactive_flow,
    interactive_link,
    interactive_product,
    interactive_products,
    location_request,
    voice_call,
)
from app.graph.payloads.kinds import KINDS, validate
from app.graph.problems import InvalidPayload, Problem

__all__ = [
    "KINDS",
    "InvalidPayload",
    "Problem",
    "address_request",
    "call_request",
    "contact_request",
    "contacts",
    "content",
    "envelope",
    "interactive",
    "interactive_buttons",
    "interactive_carousel",
    "interactive_catalog",
    "interactive_flow",
    "interactive_link",
    "interactive_list",
    "interactive_product",
    "interactive_products",
    "location",
    "location_request",
    "media",
    "message_template",
    "reaction",
    "text",
    "validate",
    "voice_call",
]

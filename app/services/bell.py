"""The doorbell: tells workers that rows are waiting. A ring that gets lost costs one poll, never a row."""

from __future__ import annotations

import logging

from blinker import Signal

log = logging.getLogger(__name__)

EVENTS = "events"
MESSAGES = "messages"
MEDIA = "media"
KNOWLEDGE = "knowledge"
CONTACTS = "contacts"

rang = Signal()
"""Sent with one of these words; `create_app` connects the queue to it."""


def ring(what: str) -> None:
    """Never raises: the row is already stored, and the poll finds it."""
    try:
        rang.send(what)
    except Exception:
        log.warning(
            "the doorbell for %s could not be rung; the next poll finds the work", what, exc_info=True
        )

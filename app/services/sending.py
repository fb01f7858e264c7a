"""Handing one claimed message to Meta. Network only: the database is not touched here.

A message is marked `sending` with an attempt row and committed (`claiming`), then posted, then its
outcome is written down (`outcomes`): a definite yes, a definite no, or unknown. Unknown is never
resent by itself (see `settling`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app import failpoints
from app.errors import DomainError
from app.graph.client import GraphClient
from app.graph.departure import on_departure
from app.graph.errors import GraphError, GraphUnconfirmed
from app.graph.messages import SentMessage
from app.services.departures import Departures


@dataclass(frozen=True)
class Outgoing:
    """All that is needed to post one message, copied out of the database."""

    message_id: int
    attempt_id: int
    phone_number_id: int
    meta_number_id: str
    payload: dict[str, Any]
    client: GraphClient | None = field(repr=False)
    obstacle: str = ""


@dataclass(frozen=True)
class Outcome:
    """How one try ended: accepted, or the error that says what to do next."""

    outgoing: Outgoing
    sent: SentMessage | None = None
    error: GraphError | DomainError | None = None


def meta_content(message_type: str, content: dict[str, Any]) -> dict[str, Any]:
    """Meta's `type` and the object named like it. Contacts are a list there; our column holds objects."""
    inner: Any = content.get("contacts", []) if message_type == "contacts" else content
    return {"type": message_type, message_type: inner}


def deliver(outgoing: Outgoing, departures: Departures | None = None) -> Outcome:
    """Post it. Never raises."""
    if outgoing.client is None:
        return Outcome(outgoing, error=DomainError(outgoing.obstacle))

    def note() -> None:
        failpoints.reach("before-departure")
        if departures is not None:
            departures.note(outgoing.attempt_id)
        failpoints.reach("before-post")

    try:
        with on_departure(note):
            sent = outgoing.client.messages.send(outgoing.meta_number_id, outgoing.payload)
        failpoints.reach("after-post")
        return Outcome(outgoing, sent=sent)
    except GraphError as error:
        return Outcome(outgoing, error=error)
    except Exception as error:  # noqa: BLE001
        # Whatever broke, the bytes may be gone: the only safe answer is "unknown".
        return Outcome(outgoing, error=GraphUnconfirmed("The send broke off", details=type(error).__name__))

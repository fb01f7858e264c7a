"""Handing one claimed message to Meta. Network only: the database is not touched here.

A message is marked `sending` with an attempt row and committed (`claiming`), then posted, then its
outcome is written down (`outcomes`): a definite yes, a definite no, or unknown. Unknown is never
resent by itself (see `settling`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app import failpoints
from app.errors import DomainError
from app.graph.client import GraphClient
from app.graph.departure import on_departure
from app.graph.errors import GraphError, GraphUnconfirmed
from app.graph.exchanges import Exchange
from app.graph.messages import SentMessage
from app.services.departures import Departures
from app.services.graph_calls import collecting, row_of


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
    account_id: int | None = None


@dataclass(frozen=True)
class Outcome:
    """How one try ended: accepted, or the error that says what to do next. `exchange` is the call itself;
    None when there was none, or when it broke off."""

    outgoing: Outgoing
    sent: SentMessage | None = None
    error: GraphError | DomainError | None = None
    exchange: Exchange | None = field(default=None, repr=False)


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

    with collecting() as calls:
        outcome = _send(outgoing, outgoing.client, note)
    return replace(outcome, exchange=calls[0]) if calls else outcome


def _send(outgoing: Outgoing, client: GraphClient, note: Callable[[], None]) -> Outcome:
    try:
        with on_departure(note):
            sent = client.messages.send(outgoing.meta_number_id, outgoing.payload)
        failpoints.reach("after-post")
        return Outcome(outgoing, sent=sent)
    except GraphError as error:
        return Outcome(outgoing, error=error)
    except Exception as error:  # noqa: BLE001
        # Whatever broke, the bytes may be gone: the only safe answer is "unknown".
        return Outcome(outgoing, error=GraphUnconfirmed("The send broke off", details=type(error).__name__))


def calls_of(outcomes: Iterable[Outcome], accounts: Mapping[int, int]) -> Iterator[dict[str, Any]]:
    """The calls as rows, for the messages that are there still. `accounts`: our account id by message id."""
    for outcome in outcomes:
        message_id = outcome.outgoing.message_id
        if outcome.exchange is not None and message_id in accounts:
            yield row_of(
                outcome.exchange,
                account_id=accounts[message_id],
                message_id=message_id,
                error=outcome.error,
            )

"""What waited when a backup was taken: nothing of it goes out by itself from where it is put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, column, table, update

from app.models import AttemptOutcome, BotOutcome, DeliveryState, EventState, MessageStatus

_NO_LEASE = {"lease_owner": None, "lease_until": None}
_WAITED = "This waited when the backup was taken."


@dataclass(frozen=True)
class _Hold:
    """Rows of `table` whose `column` is one of `waiting` get `values`."""

    table: str
    column: str
    waiting: tuple[str, ...]
    values: dict[str, Any]

    def apply(self, connection: Connection) -> int:
        names = {self.column, *self.values}
        rows = table(self.table, *(column(name) for name in sorted(names)))
        statement = update(rows).where(rows.c[self.column].in_(self.waiting)).values(self.values)
        return connection.execute(statement).rowcount


_UNSENT = (MessageStatus.QUEUED.value, MessageStatus.SENDING.value)

HOLDS = (
    # Sent since, or not: whoever put the backup back cannot know, so a person decides.
    _Hold(
        "whatsapp_messages",
        "status",
        _UNSENT,
        {
            **_NO_LEASE,
            "status": MessageStatus.UNCONFIRMED.value,
            "resends_unconfirmed": False,
            "next_attempt_at": None,
            "wait_reason": "",
            "error_details": f"{_WAITED} Whether it was sent since cannot be known here.",
        },
    ),
    _Hold(
        "conversations",
        "last_message_status",
        _UNSENT,
        {"last_message_status": MessageStatus.UNCONFIRMED.value},
    ),
    _Hold(
        "message_attempts",
        "outcome",
        (AttemptOutcome.STARTED.value,),
        {"outcome": AttemptOutcome.UNKNOWN.value, "error_text": _WAITED},
    ),
    # The bot may have answered them since.
    _Hold(
        "whatsapp_webhook_events",
        "state",
        (EventState.PENDING.value,),
        {
            **_NO_LEASE,
            "state": EventState.PARKED.value,
            "reason": f"{_WAITED} Process it again to take it in.",
        },
    ),
    # Told since, or not: their receivers can tell doubles, but a person says when.
    _Hold(
        "outgoing_deliveries",
        "state",
        (DeliveryState.WAITING.value, DeliveryState.SENDING.value),
        {
            "state": DeliveryState.FAILED.value,
            "next_attempt_at": None,
            "lease_owner": None,
            "last_answer": f"{_WAITED} Replay it to deliver it.",
        },
    ),
    _Hold(
        "bot_traces",
        "outcome",
        (BotOutcome.WAITING.value,),
        {**_NO_LEASE, "outcome": BotOutcome.SILENT.value, "reason": _WAITED},
    ),
)


def hold(connection: Connection) -> dict[str, int]:
    """Apply all of it; how many rows of each table."""
    return {each.table: each.apply(connection) for each in HOLDS}

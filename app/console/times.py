"""Times as agents type them for a planned message: in the account's zone, said beside the person's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.errors import FieldProblem, InvalidFields
from app.models import Conversation, PlannedMessage, PlannedState, utcnow
from app.models.time_zones import zone_or_utc
from app.queries.planned import list_open
from app.web.filters import clock, day_label, timezone

_TYPED = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Plan:
    """A planned message as the thread and the list show it. `when`: in the account's zone, named by `zone`;
    `own`: in that of the person who looks, where it is another one. `note`: what will or did hold it."""

    planned: PlannedMessage
    when: str
    zone: str
    own: str
    note: str = ""

    @property
    def is_held(self) -> bool:
        return self.planned.state is PlannedState.HELD


@dataclass(frozen=True)
class Later:
    """What the composer says beside its field for a time. `closes`: when free text has to have left."""

    zone: str
    own_zone: str
    now: str
    closes: str


def read(text: str, zone: str) -> datetime:
    """`2026-11-30T14:05`, as a browser's field for a time gives it. Raises InvalidFields on `send_at`."""
    try:
        there = datetime.strptime(text.strip()[:16], _TYPED).replace(tzinfo=zone_or_utc(zone))
        return there.astimezone(UTC)
    except (ValueError, OverflowError):
        problem = "This is not a date and time. Write it as 2026-11-30T14:05."
        raise InvalidFields([FieldProblem("send_at", problem)]) from None


def typed(at: datetime, zone: str) -> str:
    """As a browser's field for a time takes it."""
    return at.astimezone(zone_or_utc(zone)).strftime(_TYPED)


def later(conversation: Conversation) -> Later:
    name = conversation.account.time_zone
    closes_at = conversation.window_closes_at
    is_open = closes_at is not None and conversation.window_is_open()
    return Later(
        zone=name,
        own_zone="" if _is_same(name) else str(timezone()),
        now=typed(utcnow(), name),
        closes=f"{closes_at.astimezone(zone_or_utc(name)):%-d %b, %H:%M}" if is_open and closes_at else "",
    )


def list_plans(conversation: Conversation) -> list[Plan]:
    return [shown(row) for row in list_open(conversation.id)]


def shown(row: PlannedMessage) -> Plan:
    zone = row.account.time_zone
    there = row.send_at.astimezone(zone_or_utc(zone))
    own = "" if _is_same(zone) else f"{_day(row.send_at)}, {clock(row.send_at)}"
    return Plan(row, f"{there:%a %-d %b, %H:%M}", zone, own, _note(row))


def _day(at: datetime) -> str:
    return {"Today": "today", "Yesterday": "yesterday"}.get(
        day_label(at), f"{at.astimezone(timezone()):%-d %b}"
    )


def _note(row: PlannedMessage) -> str:
    if row.state is PlannedState.HELD:
        return row.reason
    wrote = row.conversation.last_inbound_at
    if row.holds_if_answered and wrote is not None and wrote > row.decided_at:
        return "The customer has written since: at its time it is held back, for you to look at."
    if row.message_type != "template" and not row.conversation.window_is_open(row.send_at):
        return (
            "The 24-hour window will have closed by then: unless the customer writes again, it is not sent."
        )
    return ""


def _is_same(zone: str) -> bool:
    """Whether clocks there show now what the person's show."""
    now = utcnow()
    return now.astimezone(zone_or_utc(zone)).utcoffset() == now.astimezone(timezone()).utcoffset()

"""Times as agents type them for a planned message: in the account's zone, said beside the person's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.console.bodies import read_body
from app.console.body import Body, mapping
from app.console.files import File, planned_file
from app.console.things import without_numbers
from app.errors import FieldProblem, InvalidFields
from app.models import Conversation, PlannedMessage, PlannedState, utcnow
from app.models.media import MEDIA_KINDS
from app.models.number_masks import are_hidden, shown_text
from app.models.time_zones import zone_or_utc
from app.queries.outgoing_files import list_of_plan
from app.queries.planned import list_open
from app.services.message_text import preview
from app.web.filters import clock, day_label, timezone

_TYPED = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Standing:
    """What is no message yet. `id`: apart from those of messages on the page."""

    id: str
    message_type: str


@dataclass(frozen=True)
class Plan:
    """A planned message as the thread and the list show it. `when`: in the account's zone, named by `zone`;
    `own`: in that of the person who looks, where it is another one. `note`: what will or did hold it."""

    planned: PlannedMessage
    when: str
    zone: str
    own: str
    body: Body
    note: str = ""
    file: File | None = None
    link: None = None

    @property
    def message(self) -> Standing:
        """As the parts of a bubble ask for it."""
        return Standing(f"plan-{self.planned.id}", self.planned.message_type)

    @property
    def at(self) -> datetime:
        return self.planned.send_at

    @property
    def author(self) -> str:
        return self.planned.actor_name

    @property
    def words(self) -> str:
        """In a line."""
        return preview(self.planned.message_type, self.body.text or self.planned.text_content)

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
    """With what it will say, and the file that it carries."""
    zone = row.account.time_zone
    there = row.send_at.astimezone(zone_or_utc(zone))
    own = "" if _is_same(zone) else f"{_day(row.send_at)}, {clock(row.send_at)}"
    return Plan(
        row,
        f"{there:%a %-d %b, %H:%M}",
        zone,
        own,
        body=_body(row),
        note=_note(row),
        file=_file(row),
    )


def _file(row: PlannedMessage) -> File | None:
    """What is kept here of it; nothing of what a program named by Meta's id."""
    header = mapping(row.content.get("header")).get("type")
    if row.message_type not in MEDIA_KINDS and header not in MEDIA_KINDS:
        return None
    kept = list_of_plan(row.id)
    return planned_file(kept[0], row.message_type) if kept else None


def _body(row: PlannedMessage) -> Body:
    if row.message_type == "template":
        tag = f"Message template {row.content.get('name', '')}"
        return Body(tag=tag, tag_icon="template", text=row.text_content)
    body = read_body(row.message_type, row.content, row.text_content)
    if not are_hidden(row.account_id):
        return body
    return without_numbers(replace(body, text=shown_text(row.account_id, row.message_type, body.text)))


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

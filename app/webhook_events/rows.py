"""What the pages show of events: a row of the list, and one event with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.models import Account, EventState, PhoneNumber, WebhookEvent
from app.queries import webhook_events as queries
from app.queries.access import AccountScope
from app.queries.slices import Slice
from app.services import event_contents
from app.services.event_contents import Body, Line
from app.services.event_words import describe_kinds, describe_person, waited


@dataclass(frozen=True)
class Row:
    """One event in the list."""

    event: WebhookEvent
    title: str
    person: str
    account: Account | None
    number: PhoneNumber | None
    waited: timedelta

    @property
    def is_part(self) -> bool:
        return self.event.parent_id is not None


def build_rows(found: Slice[WebhookEvent], accounts: Sequence[Account], scope: AccountScope) -> list[Row]:
    keys = queries.list_keys([event.id for event in found.rows])
    by_id = {account.id: account for account in accounts}
    numbers = {number.meta_id: number for account in accounts for number in account.phone_numbers}
    return [_row(event, keys.get(event.id, []), by_id, numbers, scope.ids is None) for event in found.rows]


def _row(
    event: WebhookEvent,
    keys: Sequence[str],
    accounts: Mapping[int, Account],
    numbers: Mapping[str, PhoneNumber],
    sees_all: bool,
) -> Row:
    """Of a post about several accounts, the person may be one whom not everybody may see."""
    return Row(
        event=event,
        title=describe_kinds(keys) or _nameless(event),
        person=describe_person(keys) if sees_all or "," not in event.verified_account_ids else "",
        account=accounts.get(event.account_id or 0),
        number=next((numbers[key[2:]] for key in keys if key.startswith("n:") and key[2:] in numbers), None),
        waited=waited(event),
    )


def _nameless(event: WebhookEvent) -> str:
    """What has no keys: not read yet, a part, or nothing that can be read."""
    if event.parent_id is not None:
        return "Part that could not be read"
    if event.state is EventState.PENDING and event.processed_at is None:
        return "Not read yet"
    return (event.summary or "Empty").capitalize()


@dataclass(frozen=True)
class Detail:
    """One event. `lines` are its items, `hidden` how many more there are; `parts` its parked ones."""

    row: Row
    body: Body
    lines: list[Line]
    hidden: int
    parts: list[WebhookEvent]

    @property
    def event(self) -> WebhookEvent:
        return self.row.event


def build_detail(event: WebhookEvent, accounts: Sequence[Account], scope: AccountScope) -> Detail:
    (row,) = build_rows(Slice([event], None, None), accounts, scope)
    lines, items = event_contents.list_lines(event, scope)
    return Detail(
        row=row,
        body=event_contents.show_body(event, scope),
        lines=lines,
        hidden=items - len(lines),
        parts=queries.list_parts(event),
    )

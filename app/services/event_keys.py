"""What an event can be found by: the people, messages, numbers and kinds it speaks of.

Written with the event's effects, in one statement for a batch; what is there already is left as it
is, so that an event processed again adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from sqlalchemy import Table

from app.graph.webhooks import (
    BadElement,
    InboundMessage,
    Item,
    PhoneMessage,
    StatusUpdate,
    UserIdChange,
    UserPreference,
)
from app.models import WebhookEventKey
from app.services.bulk import Insert

MESSAGE, PERSON, USER, NUMBER, KIND = "m:", "p:", "u:", "n:", "k:"
UNREADABLE = "unreadable"
_LONGEST = 200
"""No id of Meta's is longer; a longer text is not worth an index entry."""
_INSERT = Insert(cast(Table, WebhookEventKey.__table__), "key", "event_id")


def store(found: Iterable[tuple[int, Iterable[Item]]]) -> None:
    """Write the keys of a batch: (event id, its items). The caller commits."""
    _INSERT.write(
        [
            (key, event_id)
            for event_id, items in found
            for key in sorted({key for item in items for key in keys_of(item)})
        ]
    )


def keys_of(item: Item) -> Iterator[str]:
    """`m:wamid…`, `p:447700900118`, `u:GB.…`, `n:108293…`, `k:messages.text`."""
    for prefix, value in _pairs(item):
        if value and len(value) <= _LONGEST:
            yield prefix + value


def _pairs(item: Item) -> Iterator[tuple[str, str | None]]:
    yield KIND, kind_of(item)
    yield NUMBER, item.phone_number_id
    if isinstance(item, InboundMessage | PhoneMessage):
        yield from ((MESSAGE, item.wamid), (PERSON, item.wa_id), (USER, item.user_id))
    elif isinstance(item, StatusUpdate):
        yield MESSAGE, item.wamid
        yield from ((PERSON, item.recipient_wa_id), (USER, item.recipient_user_id))
    elif isinstance(item, UserPreference):
        yield from ((PERSON, item.wa_id), (USER, item.user_id))
    elif isinstance(item, UserIdChange):
        yield PERSON, item.wa_id
        yield from ((USER, item.previous_user_id), (USER, item.current_user_id))


def kind_of(item: Item) -> str:
    """`messages.text`, `status.read`, else the field's name."""
    if isinstance(item, InboundMessage):
        return f"messages.{item.type}"
    if isinstance(item, StatusUpdate):
        return f"status.{item.status}"
    if isinstance(item, BadElement):
        return UNREADABLE
    return item.field or UNREADABLE

"""Contacts as a CSV file, written while they are read. Who took it along is written down first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from app.extensions import db
from app.models import Contact
from app.queries.access import AccountScope, Actor
from app.queries.contact_fields import list_seen
from app.queries.contact_lists import ContactFilters, slice_contacts
from app.queries.slices import Turn
from app.services import audit
from app.services.csv_lines import BYTE_ORDER_MARK, csv_line

_AT_A_TIME = 500
_COLUMNS = (
    "contact_id",
    "account_id",
    "phone_number",
    "user_id",
    "whatsapp_name",
    "username",
    "called_here",
    "language",
    "tags",
    "note",
    "time_zone",
    "opted_out_at",
    "created_at",
    "same_person_as",
)


def note_export(*, filters: Mapping[str, object], actor: Actor) -> None:
    """Who takes contacts along, and which ones."""
    shown = {name: str(value) for name, value in filters.items()}
    audit.record(actor, "contacts.exported", object_type="contacts", details={"filters": shown})
    db.session.commit()


def write_csv(scope: AccountScope, filters: ContactFilters) -> Iterator[str]:
    """Parts of many lines, newest first; each is whole."""
    keys = [field.key for field in list_seen(scope)]
    yield BYTE_ORDER_MARK + csv_line([*_COLUMNS, *(f"field_{key}" for key in keys)])
    turn: Turn | None = None
    while True:
        found = slice_contacts(scope, filters, turn, _AT_A_TIME)
        yield "".join(csv_line([*_cells(contact, scope), *_values(contact, keys)]) for contact in found.rows)
        turn = found.older
        if turn is None:
            return


def _values(contact: Contact, keys: Sequence[str]) -> list[str]:
    values = contact.fields
    return [values.get(key, "") for key in keys]


def _cells(contact: Contact, scope: AccountScope) -> list[str]:
    return [
        str(contact.id),
        str(contact.account_id),
        scope.shown_number(contact.account_id, contact.phone_number),
        contact.user_id or "",
        scope.shown_words(contact.account_id, contact.profile_name),
        contact.username,
        scope.shown_words(contact.account_id, contact.own_name),
        contact.language,
        ", ".join(contact.tags),
        contact.note,
        contact.zone_name,
        _moment(contact.opted_out_at),
        _moment(contact.created_at),
        str(contact.joined_to_id or ""),
    ]


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""

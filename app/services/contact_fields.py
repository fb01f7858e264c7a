"""Fields of one's own: made, changed, put in order, retired, and what can stand in each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.models import Account, Contact, ContactField, ContactValue, FieldKind, utcnow
from app.queries.access import Actor
from app.queries.contact_fields import list_fields
from app.services import audit

MOST_FIELDS = 50
MOST_CHOICES = 100
LONGEST_NAME = 60
LONGEST_VALUE = 500
LONGEST_CHOICE = 60
_MOST_DIGITS = 30
_YES = frozenset({"yes", "y", "true", "1", "ja", "sí", "si", "sim", "oui", "x"})
_NO = frozenset({"no", "n", "false", "0", "nein", "não", "nao", "non"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


def save_field(
    *,
    field: ContactField | None,
    account: Account,
    name: str,
    kind: FieldKind,
    choices: Sequence[str],
    actor: Actor,
) -> ContactField:
    """A new one, last in order, or a changed one, whose kind stays. Raises InvalidFields."""
    name = " ".join(_storable(name).split())
    given = _tidy_choices(choices)
    _check(field, account, name, field.kind if field else kind, given)
    is_new = field is None
    if field is None:
        field = ContactField(
            account_id=account.id,
            key=_new_key(account.id, name),
            kind=kind,
            position=_last_position(account.id) + 1,
        )
        db.session.add(field)
    field.name, field.choices = name, given if field.kind is FieldKind.CHOICE else []
    db.session.flush()
    _record(field, actor, "contact_field.created" if is_new else "contact_field.changed")
    return field


def retire_field(*, field: ContactField, is_retired: bool, actor: Actor) -> None:
    """Offered no more, or again. Its values stay either way. Raises DomainError when there is no room."""
    if not is_retired and len(list_fields(field.account_id)) >= MOST_FIELDS:
        raise DomainError(_TOO_MANY)
    field.retired_at = utcnow() if is_retired else None
    _record(field, actor, "contact_field.retired" if is_retired else "contact_field.restored")


def move_field(*, field: ContactField, by: int, actor: Actor) -> None:
    """One place up (-1) or down (1); at the end it stays."""
    rows = list_fields(field.account_id)
    place = next((place for place, row in enumerate(rows) if row.id == field.id), None)
    if place is None or not 0 <= place + by < len(rows) or by not in (-1, 1):
        return
    rows.insert(place + by, rows.pop(place))
    for position, row in enumerate(rows, 1):
        db.session.execute(update(ContactField).where(ContactField.id == row.id).values(position=position))
    _record(field, actor, "contact_field.moved")


_TOO_MANY = f"There are {MOST_FIELDS} fields, and no room for more. Retire one first."


def _check(
    field: ContactField | None, account: Account, name: str, kind: FieldKind, choices: list[str]
) -> None:
    problems = []
    active = list_fields(account.id)
    if not name or len(name) > LONGEST_NAME:
        problems.append(FieldProblem("name", f"Give it a name, of up to {LONGEST_NAME} characters."))
    elif any(row.name.casefold() == name.casefold() and row is not field for row in active):
        problems.append(FieldProblem("name", "There is a field of this name already. Choose another."))
    if kind is FieldKind.CHOICE and not 1 <= len(choices) <= MOST_CHOICES:
        problems.append(FieldProblem("choices", f"Name what can be chosen: 1 to {MOST_CHOICES} of them."))
    if any(len(choice) > LONGEST_CHOICE for choice in choices):
        problems.append(FieldProblem("choices", f"A choice has at most {LONGEST_CHOICE} characters."))
    if field is None and len(active) >= MOST_FIELDS:
        problems.append(FieldProblem("name", _TOO_MANY))
    if problems:
        raise InvalidFields(problems)


def _tidy_choices(choices: Sequence[str]) -> list[str]:
    """In order, each once."""
    tidy = (" ".join(_storable(choice).split()) for choice in choices)
    return list({choice.casefold(): choice for choice in tidy if choice}.values())


def _new_key(account_id: int, name: str) -> str:
    """What programs, files and placeholders call it: `vip_since`, `vip_since_2`."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "field"
    taken = set(db.session.scalars(select(ContactField.key).where(ContactField.account_id == account_id)))
    numbered = (base if number == 1 else f"{base}_{number}" for number in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


def _last_position(account_id: int) -> int:
    found = select(func.max(ContactField.position)).where(ContactField.account_id == account_id)
    return db.session.scalar(found) or 0


def _record(field: ContactField, actor: Actor, action: str) -> None:
    audit.record(
        actor,
        action,
        account_id=field.account_id,
        object_type="contact_field",
        object_id=field.id,
        details={"name": field.name, "kind": field.kind.value},
    )
    db.session.commit()


def read_values(account_id: int, given: Mapping[str, Any]) -> dict[str, str]:
    """Values by key as they are kept, "" for nothing. Raises InvalidFields on `fields.<key>`."""
    fields = {field.key: field for field in list_fields(account_id)}
    values, problems = {}, []
    for key, value in given.items():
        field = fields.get(key)
        if field is None:
            text = "There is no such field. Fields are made under Contacts, Fields."
            problems.append(FieldProblem(f"fields.{key}"[:100], text))
            continue
        try:
            values[key] = read_value(field, value)
        except ValueError as error:
            problems.append(FieldProblem(f"fields.{key}", str(error)))
    if problems:
        raise InvalidFields(problems)
    return values


def read_value(field: ContactField, given: Any) -> str:
    """As it is kept; "" for nothing. Raises ValueError with words for people."""
    if isinstance(given, bool):
        given = "yes" if given else "no"
    if given is not None and not isinstance(given, str | int | float | Decimal):
        raise ValueError("This must be text, a number, or yes or no.")
    text = " ".join(_storable(str(given if given is not None else "")).split())
    if len(text) > LONGEST_VALUE:
        raise ValueError(f"At most {LONGEST_VALUE} characters.")
    return _READERS[field.kind](field, text) if text else ""


def _text(_field: ContactField, text: str) -> str:
    return text


def _number(_field: ContactField, text: str) -> str:
    """A comma alone is taken for the point, as most of the world writes it."""
    plain = text.replace(" ", "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain) or len(plain) > _MOST_DIGITS:
        raise ValueError("This is not a number. Write it without grouping, such as 1250.50.")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        raise ValueError("This is not a number.") from None
    shown = f"{found:f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown.lstrip("0") or "0") or "0"


def _date(_field: ContactField, text: str) -> str:
    german = _GERMAN_DATE.fullmatch(text)
    try:
        day = (
            date(int(german[3]), int(german[2]), int(german[1])) if german else date.fromisoformat(text[:10])
        )
    except ValueError:
        raise ValueError("This is not a date. Write it as 2026-03-09 or 9.3.2026.") from None
    return day.isoformat()


def _yes_no(_field: ContactField, text: str) -> str:
    word = text.casefold()
    if word not in _YES | _NO:
        raise ValueError("This is neither yes nor no.")
    return "yes" if word in _YES else "no"


def _choice(field: ContactField, text: str) -> str:
    found = {choice.casefold(): choice for choice in field.choices}.get(text.casefold())
    if found is None:
        raise ValueError(f"This is none of: {', '.join(field.choices)}.")
    return found


def _link(_field: ContactField, text: str) -> str:
    try:
        parts = urlsplit(text)
        is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in text
    except ValueError:
        is_fine = False
    if not is_fine:
        raise ValueError("A link starts with https:// or http://, such as https://example.com.")
    return text


_READERS = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.YES_NO: _yes_no,
    FieldKind.CHOICE: _choice,
    FieldKind.LINK: _link,
}


def write_values(contact: Contact, values: Mapping[str, str]) -> None:
    """As read_values gave them; the caller commits."""
    fields = {field.key: field for field in list_fields(contact.account_id)}
    rows = {row.field.key: row for row in contact.value_rows}
    for key, value in values.items():
        row = rows.get(key)
        if not value and row is not None:
            contact.value_rows.remove(row)
        elif value and row is not None:
            row.value, row.folded = value, fold(value)
        elif value:
            added = ContactValue(field_id=fields[key].id, value=value, folded=fold(value))
            added.field = fields[key]
            contact.value_rows.append(added)


def fold(value: str) -> str:
    """By which it is found, without regard to case; no longer than an index takes."""
    return value.casefold()[:LONGEST_VALUE]


def _storable(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\x00", "").encode("utf-8", "replace").decode()

"""What we say about a contact ourselves: what they are called here, language, time zone, a note, tags, and
fields of our own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import update

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import Contact, ContactTag, Conversation
from app.models.time_zones import zones
from app.queries.access import Actor
from app.services import audit, contact_fields
from app.services.message_templates import LANGUAGES

FIELDS = ("own_name", "language", "note", "tags", "time_zone", "fields")
LONGEST_NAME = 100
LONGEST_NOTE = 4_000
LONGEST_TAG = 40
MOST_TAGS = 20
_TOLD = ("language", "tags", "time_zone")
"""Names, notes and fields are the customer's: the audit log says that they changed, and no more."""


def change_contact(*, contact: Contact, values: Mapping[str, Any], actor: Actor) -> Contact:
    """Change those of FIELDS that are given, all or none; the others stay. Raises InvalidFields."""
    values = {name: _tidy(name, value) for name, value in values.items() if name in FIELDS}
    _check(values)
    if "fields" in values:
        values["fields"] = contact_fields.read_values(contact.account_id, values["fields"])
    db.session.refresh(contact, with_for_update={"of": Contact, "key_share": True})
    before = values_of(contact)
    if "fields" in values:
        # Only those that are given; the others stay.
        values["fields"] = {**before["fields"], **values["fields"]}
        values["fields"] = {key: value for key, value in values["fields"].items() if value}
    changed = [name for name in FIELDS if name in values and values[name] != before[name]]
    if changed:
        write(contact, {name: values[name] for name in changed})
        told = [name for name in changed if name in _TOLD]
        audit.record(
            actor,
            "contact.changed",
            account_id=contact.account_id,
            object_type="contact",
            object_id=contact.id,
            details=audit.differences(
                changed, {name: before[name] for name in told}, {name: values[name] for name in told}
            ),
        )
    db.session.commit()
    return contact


def change_tags(*, contact: Contact, add: Iterable[str], remove: Iterable[str], actor: Actor) -> Contact:
    """Beside whatever others add at the same moment. Raises InvalidFields."""
    db.session.refresh(contact, with_for_update={"of": Contact, "key_share": True})
    tags = {*contact.tags, *_tidy("tags", add)} - {*_tidy("tags", remove)}
    return change_contact(contact=contact, values={"tags": tags}, actor=actor)


def values_of(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in FIELDS}


def split_tags(text: str) -> list[str]:
    """As a form has them: with commas between."""
    return [tag for tag in text.split(",") if tag.strip()]


def tidy_tag(text: str) -> str:
    """A tag as it is kept; empty for nothing. Raises InvalidFields."""
    tag: str = _line(text).casefold()
    _check({"tags": [tag]})
    return tag


def write(contact: Contact, values: Mapping[str, Any]) -> None:
    """Values that were checked, each the whole of what is to stand there. The caller commits."""
    for name in ("own_name", "language", "note", "time_zone"):
        if name in values:
            setattr(contact, name, values[name])
    if "fields" in values:
        gone = dict.fromkeys(contact.fields.keys() - values["fields"].keys(), "")
        contact_fields.write_values(contact, {**gone, **values["fields"]})
    if "tags" in values:
        kept = {row.tag: row for row in contact.tag_rows}
        contact.tag_rows = [kept.get(tag) or ContactTag(tag=tag) for tag in values["tags"]]
    if values.keys() & {"own_name", "time_zone"}:
        # Lists and threads show these.
        db.session.execute(
            update(Conversation)
            .where(Conversation.contact_id == contact.id)
            .values(version=Conversation.version + 1),
            execution_options={"synchronize_session": False},
        )


def _tidy(name: str, value: Any) -> Any:
    if name == "tags":
        return sorted({tag for each in value if (tag := _line(each).casefold())})
    if name == "fields":
        return dict(value or {})
    if name == "note":
        return _storable(str(value or "")).replace("\r\n", "\n").strip()
    return _line(value)


def _line(value: object) -> str:
    return " ".join(_storable(str(value or "")).split())


def _storable(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\x00", "").encode("utf-8", "replace").decode()


def _check(values: Mapping[str, Any]) -> None:
    problems = list(_problems(values))
    if problems:
        raise InvalidFields(problems)


def _problems(values: Mapping[str, Any]) -> Iterable[FieldProblem]:
    for name, most in (("own_name", LONGEST_NAME), ("note", LONGEST_NOTE)):
        if len(values.get(name, "")) > most:
            yield FieldProblem(name, f"At most {most:,} characters.")
    language = values.get("language", "")
    if language and language not in LANGUAGES:
        yield FieldProblem("language", "This is none of the languages that message templates can have.")
    if values.get("time_zone") and values["time_zone"] not in zones():
        yield FieldProblem("time_zone", "This machine knows no such time zone. Write it as in Europe/London.")
    tags = values.get("tags", ())
    if len(tags) > MOST_TAGS:
        yield FieldProblem("tags", f"At most {MOST_TAGS} tags.")
    if any(len(tag) > LONGEST_TAG or "," in tag for tag in tags):
        yield FieldProblem("tags", f"A tag has at most {LONGEST_TAG} characters and no comma.")

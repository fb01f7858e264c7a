"""What can be said about a contact. Limits are the services' own, and so is what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from app.models import Contact, ContactField, FieldKind
from app.models.time_zones import zones
from app.queries.contact_fields import list_fields
from app.services import contacts
from app.services.contact_fields import LONGEST_VALUE
from app.services.message_templates import LANGUAGES
from app.web.page_forms import PageForm

_QUIET = {"dir": "auto", "autocomplete": "off", "maxlength": LONGEST_VALUE}
_INPUTS: dict[FieldKind, dict[str, Any]] = {
    FieldKind.TEXT: {},
    FieldKind.NUMBER: {"inputmode": "decimal"},
    FieldKind.DATE: {"type": "date"},
    FieldKind.LINK: {"inputmode": "url", "placeholder": "https://"},
}
_PREFIX = "field_"


class ContactForm(PageForm):
    """All of it at once; the account's own fields are added by `form_of`."""

    own: Sequence[ContactField] = ()

    own_name = StringField(
        "Called here", render_kw={"dir": "auto", "autocomplete": "off", "maxlength": contacts.LONGEST_NAME}
    )
    language = SelectField(
        "Language",
        choices=[
            SelectChoice("", "Not known"),
            *(SelectChoice(code, name) for code, name in LANGUAGES.items()),
        ],
        validate_choice=False,
    )
    time_zone = SelectField(
        "Time zone",
        choices=[
            SelectChoice("", "By the number’s country"),
            *(SelectChoice(name, name) for name in zones()),
        ],
        validate_choice=False,
    )
    tags = StringField("Tags", render_kw={"dir": "auto", "autocomplete": "off"})
    note = TextAreaField("Note", render_kw={"rows": 4, "dir": "auto", "maxlength": contacts.LONGEST_NOTE})

    def values(self) -> dict[str, Any]:
        return {
            "own_name": self.own_name.data or "",
            "language": self.language.data or "",
            "time_zone": self.time_zone.data or "",
            "tags": contacts.split_tags(self.tags.data or ""),
            "note": self.note.data or "",
            "fields": self.field_values(),
        }

    def field_values(self) -> dict[str, str]:
        return {field.key: self[_PREFIX + field.key].data or "" for field in self.own}

    def own_fields(self) -> list[Field]:
        return [self[_PREFIX + field.key] for field in self.own]


def empty_form(contact: Contact) -> type[ContactForm]:
    """The form of the contact's account, with its own fields."""
    fields, values = list_fields(contact.account_id), contact.fields
    members: dict[str, Any] = {
        _PREFIX + field.key: _input(field, values.get(field.key, "")) for field in fields
    }
    return cast(
        "type[ContactForm]", type("OwnContactForm", (ContactForm,), {**members, "own": tuple(fields)})
    )


def form_of(contact: Contact) -> ContactForm:
    """With what stands there now."""
    values = contacts.values_of(contact)
    own = {_PREFIX + key: value for key, value in values["fields"].items()}
    data = {**values, **own, "tags": ", ".join(values["tags"]), "own_name": contact.shown_own_name}
    return empty_form(contact)(formdata=None, data=data)


def values_for(contact: Contact, form: ContactForm) -> dict[str, Any]:
    """What the form says; a name that was shown with its number masked is not overwritten by its mask."""
    values = form.values()
    if values["own_name"] == contact.shown_own_name:
        del values["own_name"]
    return values


def form_name(problem: str) -> str:
    """The name in the form of what a service calls `fields.<key>`."""
    return problem.replace("fields.", _PREFIX, 1)


def _input(field: ContactField, value: str) -> Field:
    """`value`: what stands there. What is offered no more stays chosen until somebody chooses anew."""
    if field.kind is FieldKind.YES_NO:
        pairs = {"": "Nothing", "yes": "Yes", "no": "No"}
    elif field.kind is FieldKind.CHOICE:
        pairs = {"": "Nothing", **({value: value} if value else {}), **{each: each for each in field.choices}}
    else:
        return StringField(field.name, render_kw={**_QUIET, **_INPUTS[field.kind]})
    choices = [SelectChoice(each, words) for each, words in pairs.items()]
    return SelectField(field.name, choices=choices, validate_choice=False)

"""Fields of an account's own."""

from __future__ import annotations

from apiflask import Schema
from marshmallow import fields, validate

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import Choice, Flag, Id, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.models import FieldKind
from app.services.contact_fields import LONGEST_CHOICE, LONGEST_NAME, MOST_CHOICES

_NAME = described("What people call it.", "Birthday")
_CHOICES = described("What can be chosen, for the kind `choice`.", ["gold", "silver"])


class ContactFieldOut(Schema):
    """A field. Its key is what contacts, files and placeholders call it, and never changes."""

    id = fields.Integer(required=True, metadata=described("Our id.", 3))
    waba_account_id = fields.Integer(
        required=True, attribute="account_id", metadata=described("The account, by our id.", 1)
    )
    key = fields.String(required=True, metadata=described("", "birthday"))
    name = fields.String(required=True, metadata=_NAME)
    kind = Choice(*FieldKind, required=True)
    choices = fields.List(fields.String(), required=True, metadata=_CHOICES)
    position = fields.Integer(required=True, metadata=described("Its place, from 1.", 1))
    is_retired = Flag(required=True, metadata=described("Offered no more; its values stay.", False))
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


ContactFieldList = list_of(ContactFieldOut, "ContactFieldList")


class ContactFieldIn(Schema):
    """A new field."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
    name = Text(LONGEST_NAME, required=True, metadata=_NAME)
    kind = Choice(*FieldKind, required=True)
    choices = fields.List(
        Text(LONGEST_CHOICE, least=1),
        load_default=list,
        validate=validate.Length(max=MOST_CHOICES),
        metadata=_CHOICES,
    )


class ContactFieldChange(Schema):
    """What is given is changed. A field's kind stays."""

    name = Text(LONGEST_NAME, metadata=_NAME)
    choices = fields.List(
        Text(LONGEST_CHOICE, least=1), validate=validate.Length(max=MOST_CHOICES), metadata=_CHOICES
    )
    is_retired = Flag(metadata=described("Offered no more; its values stay.", True))


class ContactFieldQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))

"""People who were erased."""

from __future__ import annotations

from apiflask import Schema
from marshmallow import fields

from app.api.schemas.fields import Choice, ListQuery, Moment, Text, described, list_of
from app.models import ErasureState


class EraseIn(Schema):
    """Whom, once more: nobody is erased by a slip of an id."""

    confirm = Text(
        200,
        required=True,
        metadata=described(
            "The contact’s phone number; without one its user id, else its name.", "+447700900123"
        ),
    )
    joined = fields.Boolean(
        load_default=False,
        metadata=described(
            "Also all contacts that are joined to this one. The answer’s erasing counts them all.", True
        ),
    )


class ErasureOut(Schema):
    """An erasing and, when it is done, its proof. It tells nothing of whom it was about."""

    id = fields.Integer(required=True, metadata=described("Our id.", 4))
    waba_account_id = fields.Integer(
        required=True, attribute="account_id", metadata=described("The account, by our id.", 1)
    )
    state = Choice(*ErasureState, required=True)
    requested_by = fields.String(required=True, attribute="actor_name", metadata=described("", "Ana"))
    rows = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        attribute="counts",
        metadata=described("Rows erased or emptied, by table.", {"whatsapp_messages": 12}),
    )
    waiting_for = fields.String(
        required=True, attribute="error", metadata=described("Why it does not go on just now.", "")
    )
    signature = fields.String(
        required=True, metadata=described("Over all that the proof says; empty until done.", "sha256=…")
    )
    created_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


ErasureList = list_of(ErasureOut, "ErasureList")


class ErasureQuery(ListQuery):
    """Pages of the list."""

"""Who is who: addresses, joins, blocks."""

from __future__ import annotations

from apiflask import Schema
from marshmallow import fields, validate
from marshmallow.validate import Range

from app.api.blueprint import LARGEST_BIG_ID, LARGEST_ID
from app.api.schemas.fields import Choice, Flag, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.models import AddressKind, AddressSource, BlockState, JoinState
from app.services.contact_blocks import LONGEST_REASON

_CONTACT = described("The contact, by our id.", 7)
_NUMBER = described("Our number, by our id.", 1)


class AddressOut(Schema):
    """By what a contact is or was known."""

    id = fields.Integer(required=True)
    contact_id = fields.Integer(required=True, metadata=_CONTACT)
    kind = Choice(*AddressKind, required=True)
    value = fields.String(
        required=True,
        metadata=described("A number's digits; an id or a name as Meta has it.", "447700900123"),
    )
    source = Choice(*AddressSource, required=True, metadata=described("By what it became known."))
    event_id = fields.Integer(
        required=True, allow_none=True, metadata=described("The webhook event that told it; may be gone.", 9)
    )
    at = Moment(required=True, metadata=described("Since when."))
    ended_at = Moment(
        required=True, allow_none=True, metadata=described("Since when it is not theirs any more.")
    )
    is_refused = Flag(required=True, metadata=described("A person said that it is not theirs.", False))


AddressList = list_of(AddressOut, "ContactAddressList")


class JoinOut(Schema):
    """Two contacts that are one person (`joined`), may be (`suggested`), or are not."""

    id = fields.Integer(required=True)
    waba_account_id = fields.Integer(required=True, attribute="account_id")
    contact_id = fields.Integer(required=True, metadata=_CONTACT)
    into_id = fields.Integer(
        required=True, metadata=described("The contact that stands for both, or would.", 5)
    )
    state = Choice(*JoinState, required=True)
    reason = fields.String(required=True, metadata=described("The rule, in words; empty: by hand."))
    actor_name = fields.String(required=True, metadata=described("Who decided; empty: a rule.", "Ana"))
    at = Moment(required=True)


JoinList = list_of(JoinOut, "ContactJoinList")


class JoinQuery(ListQuery):
    """Filters of the list."""

    state = Choice(*JoinState, metadata=described("Without it: all.", "suggested"))
    contact = QueryInteger(1, LARGEST_BIG_ID, metadata=_CONTACT)


class JoinIn(Schema):
    """The contact that is the same person as the one in the address."""

    contact_id = fields.Integer(
        required=True, strict=True, validate=Range(1, LARGEST_BIG_ID), metadata=_CONTACT
    )


class BlockIn(Schema):
    """On which number."""

    phone_number_id = fields.Integer(
        strict=True, validate=Range(1, LARGEST_ID), metadata=described("Without it: the account's first.", 1)
    )
    reason = Text(LONGEST_REASON, load_default="", metadata=described("For people here.", "Threats"))


class BlockOut(Schema):
    """How a block stands. `blocking` and `unblocking`: Meta was asked, and its answer is not known."""

    id = fields.Integer(required=True)
    waba_account_id = fields.Integer(required=True, attribute="account_id")
    phone_number_id = fields.Integer(required=True, metadata=_NUMBER)
    contact_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Null: nobody here has written with them.", 7)
    )
    phone_number = fields.Function(
        lambda row: f"+{row.wa_id}" if row.wa_id else None,
        required=True,
        metadata={"type": ["string", "null"], "example": "+447700900123"},
    )
    user_id = fields.String(required=True, allow_none=True)
    state = Choice(*BlockState, required=True)
    reason = fields.String(required=True)
    actor_name = fields.String(required=True, metadata=described("Empty: found on Meta's list."))
    at = Moment(required=True)


BlockList = list_of(BlockOut, "ContactBlockList")


class BlockQuery(ListQuery):
    """Filters of the list."""

    phone_number_id = QueryInteger(1, LARGEST_ID, metadata=_NUMBER)


class SyncBlocksIn(Schema):
    """Whose list to fetch."""

    phone_number_id = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, LARGEST_ID), metadata=_NUMBER
    )


class SyncedBlocks(Schema):
    """What Meta's list holds."""

    blocked = fields.Integer(required=True, metadata=described("How many people.", 3))

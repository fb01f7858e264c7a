"""Contacts and conversations."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import ValidationError, fields, validate, validates, validates_schema
from marshmallow.validate import Range

from app.api.blueprint import LARGEST_BIG_ID, LARGEST_ID
from app.api.schemas.fields import Choice, Flag, ListQuery, Moment, QueryInteger, Text, described, list_of
from app.models import Direction, ListAction, MessageStatus
from app.queries.bot_answering import BotIs
from app.queries.contact_fields import HOW
from app.queries.conversation_filters import Sort, WindowIs
from app.services.consents import LONGEST_NOTE as LONGEST_REASON
from app.services.contact_fields import LONGEST_VALUE, MOST_FIELDS
from app.services.contacts import LONGEST_NAME, LONGEST_NOTE, LONGEST_TAG, MOST_TAGS
from app.services.failure_filters import is_failure_word
from app.services.list_changes import MOST
from app.services.teamwork import LONGEST_NOTE as LONGEST_COLLEAGUES_NOTE

_ACCOUNT = described("The account, by our id.", 1)


class ContactOut(Schema):
    """A customer of one account. Either the number or the user id may be missing."""

    id = fields.Integer(required=True, metadata=described("Our id.", 7))
    waba_account_id = fields.Integer(required=True, attribute="account_id", metadata=_ACCOUNT)
    phone_number = fields.String(
        required=True, metadata=described("Empty: Meta has not told it.", "+447700900123")
    )
    user_id = fields.String(
        required=True, allow_none=True, metadata=described("Business-scoped.", "US.7310000000000001")
    )
    profile_name = fields.String(required=True, metadata=described("As the customer writes it.", "Grace"))
    username = fields.String(required=True, metadata=described("", "grace.h"))
    own_name = fields.String(required=True, metadata=described("What they are called here.", "Grace A."))
    language = fields.String(required=True, metadata=described("As message templates have it.", "en_GB"))
    tags = fields.List(fields.String(), required=True, metadata=described("", ["regular"]))
    note = fields.String(required=True, metadata=described("For people here.", "Prefers mornings."))
    own_fields = fields.Dict(
        data_key="fields",
        attribute="fields",
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=described("What stands in the account’s own fields, by key.", {"birthday": "1984-03-09"}),
    )
    time_zone = fields.String(
        required=True, metadata=described("Set by hand; empty: not.", "America/Sao_Paulo")
    )
    local_time_zone = fields.String(
        required=True,
        attribute="zone_name",
        metadata=described(
            "That, else the one of the number’s country if it has just one; empty: not known.",
            "Europe/London",
        ),
    )
    opted_out_at = Moment(
        required=True,
        allow_none=True,
        metadata=described("Since when the customer wants no marketing; null: has not opted out."),
    )
    joined_to_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described(
            "The contact that is the same person and stands for both; null: this one itself.", 5
        ),
    )
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


ContactList = list_of(ContactOut, "ContactList")


class ContactChange(Schema):
    """What can be said about a contact. All of the given fields are changed, or none."""

    own_name = Text(LONGEST_NAME, metadata=described("What they are called here.", "Grace A."))
    language = Text(20, metadata=described("As message templates have it; empty: not known.", "en_GB"))
    tags = fields.List(
        Text(LONGEST_TAG, least=1),
        validate=validate.Length(max=MOST_TAGS),
        metadata=described("The whole of them; kept in small letters.", ["regular"]),
    )
    note = Text(LONGEST_NOTE, metadata=described("For people here.", "Prefers mornings."))
    time_zone = Text(60, metadata=described("Empty: by the number’s country.", "America/Sao_Paulo"))
    own_fields = fields.Dict(
        data_key="fields",
        attribute="fields",
        keys=Text(60, least=1),
        values=fields.Raw(allow_none=True),
        validate=validate.Length(max=MOST_FIELDS),
        metadata=described(
            "Only those given are changed; null or an empty text empties one. Text, a number, true or false.",
            {"birthday": "1984-03-09"},
        ),
    )


class ConsentIn(Schema):
    """How the customer said it."""

    note = Text(LONGEST_REASON, load_default="", metadata=described("Kept in the history.", "By phone"))


class ContactQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    phone_number = Text(
        64, metadata=described("Exactly this number, with country code, in any spelling.", "+44 7700 900123")
    )
    user_id = Text(140, metadata=described("Exactly this user id.", "US.7310000000000001"))
    search = Text(100, metadata=described("A part of a name, a user name or a number.", "grace"))
    tag = Text(LONGEST_TAG, metadata=described("Exactly this tag.", "regular"))
    opted_out = Choice("yes", "no", metadata=described("Of marketing.", "yes"))
    field = Text(60, metadata=described("A field of the account’s own, by key.", "birthday"))
    field_is = Choice(*HOW, metadata=described("How `field` is compared; without it: filled.", "contains"))
    value = Text(LONGEST_VALUE, metadata=described("For `is` and `contains`.", "1984"))


class ConversationOut(Schema):
    """All messages between one customer and one number."""

    id = fields.Integer(required=True, metadata=described("Our id.", 12))
    waba_account_id = fields.Integer(required=True, attribute="account_id", metadata=_ACCOUNT)
    phone_number_id = fields.Integer(required=True, metadata=described("Our number, by our id.", 1))
    contact = fields.Nested(ContactOut, required=True)
    last_message_at = Moment(required=True)
    last_message = fields.String(
        required=True, attribute="last_message_preview", metadata=described("Its beginning.", "Thank you!")
    )
    last_message_direction = Choice(*Direction, required=True, allow_none=True)
    last_message_status = Choice(*MessageStatus, required=True, allow_none=True)
    unread_count = fields.Integer(required=True, metadata=described("Messages nobody has looked at.", 2))
    window_is_open = Flag(required=True, metadata=described("Free text may be sent now.", True))
    window_closes_at = Moment(
        required=True, allow_none=True, metadata=described("24 hours after the customer last wrote.")
    )
    waits_for_person = Flag(
        required=True, metadata=described("The bot handed it over, and nobody has answered yet.", False)
    )
    waiting_since = Moment(
        required=True,
        allow_none=True,
        metadata=described("Since when the customer waits for an answer; null: does not."),
    )
    bot_answers = Flag(
        required=True,
        metadata=described("The account’s bot is on and does not keep quiet here at the moment.", True),
    )
    found_message_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Of a search for words: the newest message that has them, by our id.", 1042),
    )
    assigned_to = fields.Integer(
        required=True,
        allow_none=True,
        attribute="assigned_to_id",
        metadata=described("The person who answers, by id; null: nobody.", 3),
    )
    assigned_team = fields.Integer(
        required=True,
        allow_none=True,
        attribute="assigned_team_id",
        metadata=described("The team that has it, by id; null: none.", 2),
    )
    state = Choice("open", "closed", required=True)
    closed_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)


ConversationList = list_of(ConversationOut, "ConversationList")


class ConversationQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    phone_number_id = QueryInteger(1, LARGEST_ID, metadata=described("Our number, by our id.", 1))
    contact = QueryInteger(1, LARGEST_BIG_ID, metadata=described("Our contact id.", 7))
    assigned_to = QueryInteger(
        1, LARGEST_ID, metadata=described("A person, by id: open ones, unless `state` says otherwise.", 3)
    )
    assigned_team = QueryInteger(1, LARGEST_ID, metadata=described("A team, by id.", 2))
    state = Choice("open", "closed", metadata=described("Without it: both.", "open"))
    show = Choice(
        "all",
        "unread",
        "waiting",
        metadata=described("waiting: the bot called for a person to answer.", "unread"),
    )
    unassigned = Choice("yes", "no", metadata=described("Nobody’s, or somebody’s.", "yes"))
    tag = Text(LONGEST_TAG, least=1, metadata=described("Of the contact, exactly this one.", "regular"))
    unread = Choice("yes", "no", metadata=described("With messages nobody has looked at.", "yes"))
    unanswered = Choice("yes", "no", metadata=described("The customer waits for an answer.", "yes"))
    quiet = Choice("yes", metadata=described("Without a message for 30 days.", "yes"))
    window = Choice(
        *WindowIs,
        metadata=described(
            "The 24 hours in which free text may be sent: open, closes within one hour or four, closed.", "1h"
        ),
    )
    failed = Text(
        20,
        least=1,
        metadata=described(
            "The last message failed: `any`; by whose side it was `customer`, `ours`, `account`, `meta`; "
            "`none` before Meta took it; or a code of Meta’s.",
            "131047",
        ),
    )
    bot = Choice(*BotIs, metadata=described("Whether the bot answers in it.", "off"))
    search = Text(
        100,
        least=1,
        metadata=described(
            "Words of a message (all of them in one), or a part of a name, a user name or a number.",
            "invoice",
        ),
    )
    sort = Choice(
        *Sort,
        load_default=Sort.LATEST.value,
        metadata=described(
            "latest: last message first. window: those whose window is open, the one that closes soonest "
            "first. waiting: those that wait for an answer, longest first. A search is always by latest.",
            "waiting",
        ),
    )

    @validates("failed")
    def _is_failure(self, value: str, **_options: Any) -> None:
        if not is_failure_word(value):
            raise ValidationError("Must be any, customer, ours, account, meta, none, or a code of Meta’s.")


class BulkIn(Schema):
    """One thing to do to many conversations."""

    ids = fields.List(
        fields.Integer(strict=True, validate=Range(1, LARGEST_BIG_ID)),
        required=True,
        validate=validate.Length(min=1, max=MOST),
        metadata=described(f"Our ids, at most {MOST}.", [12, 15]),
    )
    action = Choice(*ListAction, required=True, metadata=described("What to do.", "assign"))
    user_id = fields.Integer(
        allow_none=True,
        strict=True,
        validate=Range(1, LARGEST_ID),
        metadata=described("For assign, where it must be given: the person; null: nobody.", 3),
    )
    tag = Text(LONGEST_TAG, least=1, metadata=described("For add_tag and remove_tag.", "regular"))

    @validates_schema
    def _fields_of_its_action(self, data: dict[str, Any], **_options: Any) -> None:
        wants = {
            ListAction.ASSIGN: "user_id",
            ListAction.ADD_TAG: "tag",
            ListAction.REMOVE_TAG: "tag",
        }.get(ListAction(data["action"]))
        for name in ("user_id", "tag"):
            if name == wants and name not in data:
                raise ValidationError(f"Must be given for {data['action']}.", name)
            if name != wants and name in data:
                raise ValidationError(f"Does not belong to {data['action']}.", name)


class BulkLine(Schema):
    """What became of one of them."""

    id = fields.Integer(required=True, metadata=described("Our id.", 12))
    is_changed = Flag(required=True, metadata=described("", True))
    reason = fields.String(
        required=True, allow_none=True, metadata=described("Why not; null: it was.", "already closed")
    )


class BulkOut(Schema):
    """What became of each."""

    changed = fields.Integer(required=True, metadata=described("How many.", 1))
    results = fields.List(
        fields.Nested(BulkLine), required=True, metadata={"description": "In the order of the ids given."}
    )


class AssignIn(Schema):
    """Whose a conversation is to be."""

    user_id = fields.Integer(
        allow_none=True,
        strict=True,
        validate=Range(1, LARGEST_ID),
        metadata=described("A person who may answer in this account; null: nobody.", 3),
    )
    team_id = fields.Integer(
        allow_none=True,
        strict=True,
        validate=Range(1, LARGEST_ID),
        metadata=described("A team that serves the number; with user_id: one of its people.", 2),
    )

    @validates_schema
    def _is_for_somebody(self, data: dict[str, Any], **_options: Any) -> None:
        if not data:
            raise ValidationError("Give user_id, team_id or both.", "user_id")


class NoteIn(Schema):
    """A note for colleagues."""

    body = Text(
        LONGEST_COLLEAGUES_NOTE,
        required=True,
        metadata=described("The customer never sees it.", "Call back."),
    )


class NoteOut(Schema):
    """A note for colleagues."""

    id = fields.Integer(required=True, metadata=described("Our id.", 5))
    conversation_id = fields.Integer(required=True, metadata=described("Our id.", 12))
    body = fields.String(required=True, metadata=described("Plain text.", "Call back."))
    author_id = fields.Integer(
        required=True, allow_none=True, metadata=described("A person; null: an API key wrote it.", 3)
    )
    author = fields.String(required=True, attribute="author_name", metadata=described("A name.", "Ana"))
    created_at = Moment(required=True, attribute="at")


NoteList = list_of(NoteOut, "NoteList")


class NoteQuery(ListQuery):
    """Pages of the list."""

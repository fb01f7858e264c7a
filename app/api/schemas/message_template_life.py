"""Versions of message templates, and what uses them."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields

from app.api.schemas.fields import Choice, ListQuery, Moment, described
from app.models import VersionOrigin
from app.queries.message_template_uses import Uses


class MessageTemplateVersionOut(Schema):
    """What a message template was."""

    number = fields.Integer(required=True, metadata=described("From 1, by language.", 3))
    origin = Choice(
        *VersionOrigin,
        required=True,
        metadata=described("`edited`: while it was at Meta. `meta`: found there, made elsewhere.", "saved"),
    )
    actor = fields.String(required=True, attribute="actor_name", metadata=described("Who made it.", "Grace"))
    at = Moment(required=True)
    category = fields.String(required=True, metadata=described("", "UTILITY"))
    parameter_format = fields.String(required=True, metadata=described("POSITIONAL or NAMED.", "POSITIONAL"))
    components = fields.List(
        fields.Dict(keys=fields.String()), required=True, metadata=described("Meta's array.")
    )
    options = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata=described("Further fields of Meta's.", {"message_send_ttl_seconds": 600}),
    )


class MessageTemplateVersionList(Schema):
    """One page of versions."""

    results = fields.List(fields.Nested(MessageTemplateVersionOut), required=True)
    next = fields.String(required=True, allow_none=True, metadata=described("The next page’s address."))
    previous = fields.String(required=True, allow_none=True, metadata=described("The page before."))


class MessageTemplateVersionQuery(ListQuery):
    """Pages of versions."""


class MessageTemplateRestored(Schema):
    """What became of the version."""

    template_id = fields.Integer(required=True, metadata=described("Our id.", 12))
    number = fields.Integer(required=True, metadata=described("The version that was taken up again.", 3))
    restored_as = Choice(
        "draft",
        "change",
        required=True,
        metadata=described("`change`: of one that is at Meta; it is not sent yet.", "draft"),
    )


class MessageTemplateUseRule(Schema):
    """A rule of the bot that answers with it."""

    id = fields.Integer(required=True, metadata=described("Our id.", 4))
    name = fields.String(required=True, metadata=described("", "Where is my order"))
    is_on = fields.Boolean(required=True)


class MessageTemplateUses(Schema):
    """What refers to it, and stops working when it is deleted."""

    bot_rules = fields.List(fields.Nested(MessageTemplateUseRule), required=True)
    waiting_messages = fields.Integer(
        required=True, metadata=described("Messages with it that are still to be sent.", 0)
    )
    is_fallback_language = fields.Boolean(
        required=True,
        metadata=described("Sent to whoever's own language there is none of this name in.", False),
    )
    other_languages = fields.List(
        fields.String(), required=True, metadata=described("Languages that its name has, too.", ["de"])
    )


class MessageTemplateDeletion(Schema):
    """How much goes."""

    all_languages = Choice(
        "true", "false", load_default="false", metadata=described("Every language of its name.", "true")
    )


def show_uses(uses: Uses) -> dict[str, Any]:
    return {
        "bot_rules": uses.rules,
        "waiting_messages": uses.waiting,
        "is_fallback_language": uses.is_fallback,
        "other_languages": [row.language for row in uses.languages],
    }

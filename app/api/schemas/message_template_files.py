"""Message templates beside their rows: checks without saving, files, what all languages of a name share."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields, validate

from app.api.schemas.fields import Choice, Flag, Id, Text, described
from app.api.schemas.message_templates import MessageTemplateFilterQuery
from app.models import MessageTemplateStatus, Role
from app.services.message_templates.families import LEAST_ROLES, LONGEST_TAG, MOST_TAGS
from app.services.message_templates.importing import Fate

_BODY = {
    "name": "order_update",
    "language": "en_US",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Hello {{1}}, your order {{2}} is on its way.",
            "example": {"body_text": [["Grace", "BM-1042"]]},
        }
    ],
}


def _anything(text: str, example: Any = None) -> fields.Field[Any]:
    """Judged by Meta's rules, not by this description: what is wrong with it is part of the answer."""
    return fields.Raw(allow_none=True, metadata=described(text, example))


class LintIn(Schema):
    """A body of Meta's create call, finished or not."""

    name = _anything("", _BODY["name"])
    language = _anything("", _BODY["language"])
    category = _anything("", _BODY["category"])
    components = _anything("Meta's array.", _BODY["components"])
    parameter_format = _anything("POSITIONAL or NAMED.", "POSITIONAL")
    message_send_ttl_seconds = _anything("", 600)


class MessageTemplateProblem(Schema):
    """Something to correct (error), or advice (warning)."""

    field = fields.String(
        required=True, metadata=described("Where, as a path in the body.", "components[0].text")
    )
    message = fields.String(required=True, metadata=described("What, for people."))
    code = fields.String(required=True, metadata=described("What, for programs.", "too_long"))
    severity = Choice("error", "warning", required=True, metadata=described("", "error"))


class LintOut(Schema):
    """What Meta would refuse, or may refuse. Without problems, the list is empty."""

    problems = fields.List(fields.Nested(MessageTemplateProblem), required=True)


class ExportQuery(MessageTemplateFilterQuery):
    """Which names; each comes with all its languages."""

    name = Text(512, least=1, metadata=described("Only this name.", "order_update"))


class FamilyFile(Schema):
    """What the languages of a name share."""

    name = fields.String(required=True, metadata=described("", "order_update"))
    tags = fields.List(fields.String(), required=True, metadata=described("", ["orders"]))
    least_role = Choice(*LEAST_ROLES, required=True, metadata=described("", "agent"))
    fallback_language = fields.String(required=True, metadata=described("Empty: none.", "en_US"))


class MessageTemplateFile(Schema):
    """A file of message templates."""

    format = fields.String(required=True, metadata=described("", "waba-console.message-templates"))
    version = fields.Integer(required=True, metadata=described("", 1))
    message_templates = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        metadata=described("Bodies of Meta's create call.", [_BODY]),
    )
    families = fields.List(fields.Nested(FamilyFile), required=True)


class MessageTemplateImportIn(Schema):
    """A file, and what to do with it."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
    file = fields.Raw(
        required=True,
        metadata={
            **described(
                "An export, a list of bodies of Meta's create call, or one such body; at most 5 MB and 1,000 "
                "entries.",
                [_BODY],
            ),
            "type": ["object", "array"],
        },
    )
    overwrite = Flag(
        metadata=described("Drafts that differ get the file's text. What is at Meta is never touched.", False)
    )
    dry_run = Flag(metadata=described("Only say what would come of it.", False))


class ImportedMessageTemplate(Schema):
    """An entry of the file and what became of it."""

    path = fields.String(required=True, metadata=described("Where it stands.", "message_templates[0]"))
    name = fields.String(required=True, metadata=described("", "order_update"))
    language = fields.String(required=True, metadata=described("", "en_US"))
    fate = Choice(
        *Fate,
        required=True,
        metadata=described(
            "new: made. same: here already. differs: a draft has another text, changed only with overwrite. "
            "taken: the name is at Meta. twice: in the file before, with another text. unusable: no draft "
            "can be made of it.",
            "new",
        ),
    )
    template_id = fields.Integer(
        required=True, allow_none=True, metadata=described("The message template here, by our id.", 12)
    )
    problems = fields.List(fields.Nested(MessageTemplateProblem), required=True)


class MessageTemplateImportOut(Schema):
    """What an import did, or would do."""

    dry_run = fields.Boolean(required=True)
    made = fields.Integer(required=True, metadata=described("Drafts that were made or changed.", 1))
    entries = fields.List(fields.Nested(ImportedMessageTemplate), required=True)
    problems = fields.List(
        fields.Nested(MessageTemplateProblem),
        required=True,
        metadata={"description": "Those of the families."},
    )


class FamilyIn(Schema):
    """What all languages of a name share. Each is as it stands here afterwards."""

    tags = fields.List(
        Text(LONGEST_TAG),
        required=True,
        validate=validate.Length(max=MOST_TAGS),
        metadata=described("Kept in small letters.", ["orders", "logistics"]),
    )
    least_role = Choice(
        *LEAST_ROLES, required=True, metadata=described("This role and those above may send it.", "agent")
    )
    fallback_language = Text(
        16,
        required=True,
        metadata=described("One of its languages, for customers of others; empty: none.", "en_US"),
    )


class FamilyLanguage(Schema):
    """One language of it."""

    id = fields.Integer(required=True, metadata=described("Our id.", 12))
    language = fields.String(required=True, metadata=described("", "en_US"))
    status = Choice(*MessageTemplateStatus, required=True, metadata=described("", "APPROVED"))


class FamilyOut(Schema):
    """All languages of a name, and what they share."""

    waba_account_id = fields.Integer(required=True, metadata=described("The account, by our id.", 1))
    name = fields.String(required=True, metadata=described("", "order_update"))
    tags = fields.List(fields.String(), required=True, metadata=described("", ["orders"]))
    least_role = Choice(*Role, required=True, metadata=described("", "agent"))
    fallback_language = fields.String(required=True, metadata=described("Empty: none.", ""))
    languages = fields.List(fields.Nested(FamilyLanguage), required=True)

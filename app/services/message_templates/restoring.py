"""Taking up an earlier version again. Nothing goes to Meta by this."""

from __future__ import annotations

from dataclasses import replace

from app.errors import ChangedMeanwhile, NotReady
from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.models import MessageTemplate, MessageTemplateVersion, VersionOrigin
from app.models import MessageTemplateStatus as State
from app.queries import message_template_versions as queries
from app.queries.access import Actor
from app.services.message_templates.changing import save_change
from app.services.message_templates.drafting import update_draft
from app.services.message_templates.rows import draft_of, record

_LOST = frozenset({State.DELETED, State.PENDING_DELETION, State.DISABLED})


def restore(
    *, message_template: MessageTemplate, number: int, actor: Actor, seen: int | None = None
) -> MessageTemplate:
    """Version `number` becomes the draft; of one that is at Meta, the change that is not sent yet.

    `seen`: the revision of that change as the caller saw it, 0 for none; None replaces whatever is there.
    Raises NotFound, NotReady, ChangedMeanwhile.
    """
    version = queries.get_version(message_template, number)
    if message_template.status in _LOST:
        raise NotReady("This message template can no longer be changed. Copy its words into a new one.")
    if _stands(message_template, version):
        raise NotReady(f"Version {number} is how it stands now. Nothing was changed.")
    draft = _draft(message_template, version)
    record(actor, "message_template.restored", message_template, {"version": number})
    if message_template.status is State.DRAFT:
        return update_draft(
            message_template=message_template, draft=draft, actor=actor, origin=VersionOrigin.RESTORED
        )
    try:
        save_change(message_template=message_template, draft=draft, actor=actor, seen=seen)
    except ChangedMeanwhile:
        db.session.rollback()
        raise
    return message_template


def _stands(row: MessageTemplate, version: MessageTemplateVersion) -> bool:
    if row.status is not State.DRAFT and queries.find_change(row) is not None:
        return False
    names = ("category", "parameter_format", "components", "options")
    return all(getattr(row, name) == getattr(version, name) for name in names)


def _draft(row: MessageTemplate, version: MessageTemplateVersion) -> MessageTemplateDraft:
    """Name and language stay, and of an approved one the category: Meta changes none of them."""
    text = MessageTemplate(
        name=row.name,
        language=row.language,
        category=version.category,
        parameter_format=version.parameter_format,
        components=list(version.components),
        options=dict(version.options),
    )
    draft = draft_of(text)
    return replace(draft, category=row.category) if row.status is State.APPROVED else draft

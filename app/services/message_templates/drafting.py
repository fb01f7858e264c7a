"""Drafts of message templates, before Meta has seen them."""

from __future__ import annotations

from dataclasses import replace

from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.graph.message_template_rules import LANGUAGES, MessageTemplateDraft
from app.models import Account, MessageTemplate, VersionOrigin
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.queries.access import Actor
from app.services.message_templates.changing import changed_by, discard_change
from app.services.message_templates.rows import draft_of, flush, name_taken, record, require_name, write
from app.services.message_templates.versions import keep_first, keep_version, last_saved_by


def create_draft(
    *,
    account: Account,
    draft: MessageTemplateDraft,
    actor: Actor,
    origin: VersionOrigin = VersionOrigin.SAVED,
) -> MessageTemplate:
    """Keep a draft, finished or not. Raises InvalidFields when name and language are taken."""
    require_name(draft)
    row = queries.find_by_name(account.id, draft.name, draft.language)
    if row is not None and row.status is not State.DELETED:
        raise name_taken(draft)
    if row is None:
        row = MessageTemplate(account_id=account.id)
        db.session.add(row)
    if row.id is not None:
        discard_change(row)  # of the one that had this name before and is deleted
    write(row, draft)
    row.status = State.DRAFT
    row.correct_category = row.previous_category = ""
    row.meta_id = None
    row.created_by_id = actor.user.id if actor.user else None
    row.rejected_reason = row.quality_score = ""
    row.submitted_at = row.status_changed_at = row.last_synced_at = None
    row.revision = (row.revision or 0) + 1
    flush(draft)
    keep_version(row, origin, actor)
    record(actor, "message_template.created", row)
    db.session.commit()
    return row


def update_draft(
    *,
    message_template: MessageTemplate,
    draft: MessageTemplateDraft,
    actor: Actor,
    seen: int | None = None,
    origin: VersionOrigin = VersionOrigin.SAVED,
) -> MessageTemplate:
    """Change a draft. `seen`: the revision that the change is based on.

    Raises NotReady once it is at Meta, InvalidFields for a name that is taken, ChangedMeanwhile.
    """
    require_name(draft)
    db.session.refresh(message_template, with_for_update=True)
    if message_template.status is not State.DRAFT:
        raise NotReady(
            "This message template is at Meta already, so it is no draft any more. Nothing was saved."
        )
    other = queries.find_by_name(message_template.account_id, draft.name, draft.language)
    if other is not None and other.id != message_template.id:
        raise name_taken(draft)
    if seen is not None and seen != message_template.revision:
        saved_by = last_saved_by(message_template)
        if actor.user is None or saved_by != actor.user.id:
            db.session.rollback()
            raise changed_by(saved_by)
    keep_first(message_template)
    write(message_template, draft)
    message_template.revision += 1
    flush(draft)
    if keep_version(message_template, origin, actor):
        record(actor, "message_template.saved", message_template)
    db.session.commit()
    return message_template


def add_language(*, message_template: MessageTemplate, language: str, actor: Actor) -> MessageTemplate:
    """A draft in another language with the same name, kind and text. Raises InvalidFields."""
    if language not in LANGUAGES:
        raise InvalidFields([FieldProblem("language", "Choose a language from Meta’s list.")])
    draft = replace(draft_of(message_template), language=language)
    return create_draft(account=message_template.account, draft=draft, actor=actor)

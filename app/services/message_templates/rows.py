"""What all that is done to a message template's row has in common. The caller commits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.graph import message_template_rules
from app.graph.message_template_rules import MessageTemplateDraft
from app.graph.problems import Problem
from app.models import Account, MessageTemplate
from app.queries.access import Actor
from app.services import audit
from app.services.message_template_text import body_text
from app.services.message_templates.sample_files import with_stand_ins

_LIFE, _CLICKS = "message_send_ttl_seconds", "cta_url_link_tracking_opted_out"


def check(draft: MessageTemplateDraft) -> list[Problem]:
    """Every rule of Meta's that can be checked here; errors and advice."""
    return message_template_rules.check(replace(draft, components=with_stand_ins(draft.components)))


def draft_of(row: MessageTemplate) -> MessageTemplateDraft:
    return MessageTemplateDraft(
        name=row.name,
        language=row.language,
        category=row.category,
        components=list(row.components),
        parameter_format=row.parameter_format,
        message_send_ttl_seconds=row.options.get(_LIFE),
        cta_url_link_tracking_opted_out=row.options.get(_CLICKS),
        extra={name: value for name, value in row.options.items() if name not in (_LIFE, _CLICKS)},
    )


def write(row: MessageTemplate, draft: MessageTemplateDraft) -> None:
    row.name = draft.name
    row.language = draft.language
    row.category = draft.category
    row.components = draft.components
    row.body_text = body_text(draft.components)
    row.parameter_format = draft.parameter_format or "POSITIONAL"
    given = {_LIFE: draft.message_send_ttl_seconds, _CLICKS: draft.cta_url_link_tracking_opted_out}
    row.options = {name: value for name, value in given.items() if value is not None} | draft.extra


def flush(draft: MessageTemplateDraft) -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise name_taken(draft) from error


def require_name(draft: MessageTemplateDraft) -> None:
    """A draft may be unfinished, but it must be found again."""
    missing = [name for name in ("name", "language", "category") if not getattr(draft, name)]
    if missing:
        raise InvalidFields([FieldProblem(name, f"The {name} is missing.") for name in missing])


def name_missing() -> FieldProblem:
    return FieldProblem("name", "Give it a name; then it can be saved.")


def require_right(draft: MessageTemplateDraft) -> None:
    errors = [problem for problem in check(draft) if problem.severity == "error"]
    if errors:
        raise InvalidFields([FieldProblem(one.field, one.message, one.code) for one in errors])


def name_taken(draft: MessageTemplateDraft) -> InvalidFields:
    said = f"There is already a message template “{draft.name}” in this language. Choose another name."
    return InvalidFields([FieldProblem("name", said)])


def waba_id_of(account: Account) -> str:
    if not account.meta_id:
        raise NotReady("This account has no WhatsApp Business account id yet. Finish step 1 of its set-up.")
    return account.meta_id


def record(actor: Actor, action: str, row: MessageTemplate, more: dict[str, Any] | None = None) -> None:
    audit.record(
        actor,
        action,
        account_id=row.account_id,
        object_type="message_template",
        object_id=row.id,
        details={"name": row.name, "language": row.language} | (more or {}),
    )

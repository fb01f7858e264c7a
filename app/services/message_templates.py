"""Message templates: drafts of ours, their life at Meta, and keeping both in step.

Calls to Meta are made with no transaction open: commit, call, then write down what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.graph import message_template_rules
from app.graph.errors import GraphError, GraphRejected, GraphUnconfirmed
from app.graph.message_template_rules import MessageTemplateDraft
from app.graph.message_templates import MessageTemplate as FoundAtMeta
from app.graph.problems import Problem
from app.models import Account, MessageTemplate, utcnow
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.queries.access import Actor
from app.services import audit, message_template_flows
from app.services.connections import client_for
from app.services.message_template_states import (
    apply_category,
    apply_quality,
    apply_status,
    read_state,
    set_state,
)
from app.services.message_template_text import body_text
from app.services.meta_refusals import refused

__all__ = [
    "EDITABLE",
    "MessageTemplateDraft",
    "SyncResult",
    "apply_category",
    "apply_quality",
    "apply_status",
    "check",
    "create_draft",
    "delete",
    "draft_of",
    "resubmit",
    "submit",
    "sync",
    "update_draft",
]

EDITABLE = frozenset({State.REJECTED, State.PAUSED, State.APPROVED})
"""States in which Meta takes an edit. Source: Meta docs, "Edit message templates", read 2026-09."""
_ANSWER_OVERDUE_S = 10 * 60


@dataclass(frozen=True)
class SyncResult:
    """What a look at Meta changed here; names of drafts that had to be renamed are in `set_aside`."""

    created: int = 0
    updated: int = 0
    gone: int = 0
    set_aside: list[str] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        return bool(self.created or self.updated or self.gone)


def check(draft: MessageTemplateDraft) -> list[Problem]:
    """Every rule of Meta's that can be checked here; errors and advice."""
    return message_template_rules.check(draft)


def draft_of(row: MessageTemplate) -> MessageTemplateDraft:
    return MessageTemplateDraft(
        name=row.name,
        language=row.language,
        category=row.category,
        components=list(row.components),
        parameter_format=row.parameter_format,
    )


def create_draft(*, account: Account, draft: MessageTemplateDraft, actor: Actor) -> MessageTemplate:
    """Keep a draft, finished or not. Raises InvalidFields when name and language are taken."""
    _require_name(draft)
    row = queries.find_by_name(account.id, draft.name, draft.language)
    if row is not None and row.status is not State.DELETED:
        raise _name_taken(draft)
    if row is None:
        row = MessageTemplate(account_id=account.id)
        db.session.add(row)
    _write(row, draft)
    row.status = State.DRAFT
    row.meta_id = None
    row.created_by_id = actor.user.id if actor.user else None
    row.rejected_reason = row.quality_score = ""
    row.submitted_at = row.status_changed_at = row.last_synced_at = None
    _flush(draft)
    _record(actor, "message_template.created", row)
    db.session.commit()
    return row


def update_draft(
    *, message_template: MessageTemplate, draft: MessageTemplateDraft, actor: Actor
) -> MessageTemplate:
    """Change a draft. Raises NotReady once it is at Meta, InvalidFields for a name that is taken."""
    _require_name(draft)
    if message_template.status is not State.DRAFT:
        raise NotReady(
            "This message template is at Meta already, so it is no draft any more. Nothing was saved."
        )
    other = queries.find_by_name(message_template.account_id, draft.name, draft.language)
    if other is not None and other.id != message_template.id:
        raise _name_taken(draft)
    _write(message_template, draft)
    _flush(draft)
    _record(actor, "message_template.saved", message_template)
    db.session.commit()
    return message_template


def submit(*, message_template: MessageTemplate, actor: Actor) -> MessageTemplate:
    """Send a draft to Meta for review; afterwards it is PENDING, or what Meta answers at once.

    Raises InvalidFields (rules broken, nothing sent), NotReady, RefusedByMeta (it is a draft again; only
    when Meta's answer was lost it stays PENDING, and the next sync settles it).
    """
    draft = draft_of(message_template)
    _require_right(draft)
    account = message_template.account
    message_template_flows.require_own(account.id, draft.components)
    client, waba_id = client_for(account), _waba_id(account)
    db.session.refresh(message_template, with_for_update=True)
    if message_template.status is not State.DRAFT:
        raise NotReady("This message template was sent to Meta already.")
    message_template.submitted_at = utcnow()
    set_state(message_template, State.PENDING)
    _record(actor, "message_template.submitted", message_template)
    db.session.commit()
    try:
        created = client.message_templates.create(waba_id, draft)
    except GraphError as error:
        _take_back(message_template, error)
        raise refused(error) from error
    db.session.refresh(message_template, with_for_update=True)
    message_template.meta_id = created.message_template_id
    message_template.category = created.category or message_template.category
    _settle(message_template, read_state(created.status))
    db.session.commit()
    return message_template


def _settle(row: MessageTemplate, state: State | None) -> None:
    """Take over the state of Meta's answer, unless a webhook was faster and said more."""
    if row.status is State.PENDING and state is not None:
        set_state(row, state)


def resubmit(
    *, message_template: MessageTemplate, draft: MessageTemplateDraft, actor: Actor
) -> MessageTemplate:
    """Change one that is at Meta; name and language stay. It is reviewed again.

    Raises InvalidFields, NotReady and RefusedByMeta; nothing is changed here then.
    """
    _require_right(draft)
    message_template_flows.require_own(message_template.account_id, draft.components)
    if message_template.status not in EDITABLE or message_template.meta_id is None:
        raise NotReady("Meta takes no changes to this message template in its present state.")
    client, meta_id = client_for(message_template.account), message_template.meta_id
    # Meta keeps the category of an approved one.
    is_approved = message_template.status is State.APPROVED
    db.session.commit()
    try:
        client.message_templates.edit(
            meta_id,
            components=draft.components,
            category=None if is_approved else draft.category,
            parameter_format=draft.parameter_format,
        )
    except GraphError as error:
        raise refused(error) from error
    db.session.refresh(message_template, with_for_update=True)
    message_template.components = draft.components
    message_template.body_text = body_text(draft.components)
    message_template.parameter_format = draft.parameter_format or message_template.parameter_format
    message_template.submitted_at = utcnow()
    if not is_approved:
        message_template.category = draft.category
        set_state(message_template, State.PENDING)
    _record(actor, "message_template.resubmitted", message_template)
    db.session.commit()
    return message_template


def delete(*, message_template: MessageTemplate, actor: Actor) -> None:
    """Delete a draft here, or this one language at Meta. Raises NotReady, RefusedByMeta."""
    if message_template.status is State.DRAFT and message_template.meta_id is None:
        _record(actor, "message_template.draft_deleted", message_template)
        db.session.delete(message_template)
        db.session.commit()
        return
    if message_template.status is State.DISABLED:
        raise NotReady("Meta does not let a disabled message template be deleted. Nothing was changed.")
    account, meta_id = message_template.account, message_template.meta_id
    if meta_id is None:
        raise NotReady("Meta has not confirmed this message template yet. Sync from Meta first.")
    client, waba_id, name = client_for(account), _waba_id(account), message_template.name
    db.session.commit()
    try:
        client.message_templates.delete(waba_id, name, meta_id)
    except GraphError as error:
        raise refused(error) from error
    db.session.refresh(message_template)
    set_state(message_template, State.DELETED)
    _record(actor, "message_template.deleted", message_template)
    db.session.commit()


def sync(*, account: Account, actor: Actor) -> SyncResult:
    """Read all message templates from Meta and take over how they stand there; drafts are kept.

    Raises NotReady and RefusedByMeta; nothing is changed then.
    """
    client, waba_id = client_for(account), _waba_id(account)
    account_id = account.id
    asked_at = utcnow()
    db.session.commit()
    try:
        found = client.message_templates.list(waba_id)
    except GraphError as error:
        raise refused(error) from error
    result = _take_over(account_id, found, asked_at)
    account.message_templates_synced_at = asked_at
    if result.has_changes:
        audit.record(
            actor,
            "message_templates.synced",
            account_id=account_id,
            object_type="account",
            object_id=account_id,
            details={"created": result.created, "updated": result.updated, "gone": result.gone},
        )
    db.session.commit()
    return result


def _take_over(account_id: int, found: list[FoundAtMeta], asked_at: datetime) -> SyncResult:
    rows = queries.list_of_account(account_id)
    by_id = {row.meta_id: row for row in rows if row.meta_id}
    by_name = {(row.name, row.language): row for row in rows}
    created = updated = 0
    set_aside: list[str] = []
    for item in found:
        if not (item.name and item.language and item.message_template_id):
            continue
        row = by_id.get(item.message_template_id) or by_name.get((item.name, item.language))
        if row is not None and row.status is State.DRAFT:
            set_aside.append(_set_aside(row, by_name))
            row = None
        if row is None:
            row = MessageTemplate(account_id=account_id, name=item.name, language=item.language)
            db.session.add(row)
            by_name[item.name, item.language] = row
            created += 1
            _copy(row, item, asked_at)
        elif _copy(row, item, asked_at):
            updated += 1
    gone = _mark_gone(rows, {item.message_template_id for item in found}, asked_at)
    return SyncResult(created, updated, gone, set_aside)


def _copy(row: MessageTemplate, item: FoundAtMeta, asked_at: datetime) -> bool:
    """Meta's side onto the row. What a webhook said after we asked is newer and stays."""
    row.last_synced_at = asked_at
    if row.status_changed_at is not None and row.status_changed_at > asked_at:
        return False
    state = read_state(item.status) or row.status or State.PENDING
    reason = item.rejected_reason or ""
    if row.rejected_reason.partition(":")[0] == reason if row.rejected_reason else False:
        reason = row.rejected_reason
    is_new = row.id is None
    before = (row.category, row.components, row.parameter_format, row.quality_score, row.status, row.meta_id)
    row.meta_id = item.message_template_id
    row.category = item.category
    row.components = list(item.components)
    row.body_text = body_text(row.components)
    row.parameter_format = item.parameter_format
    row.quality_score = item.quality_score or ""
    if is_new:
        row.status, row.rejected_reason, row.status_changed_at = state, reason, asked_at
    elif row.status is not state or (reason and row.rejected_reason != reason):
        set_state(row, state, reason=reason, at=asked_at)
    after = (row.category, row.components, row.parameter_format, row.quality_score, row.status, row.meta_id)
    return before != after


def _mark_gone(rows: list[MessageTemplate], ids: set[str], asked_at: datetime) -> int:
    """What Meta no longer lists is deleted there; a submission it never heard of is a draft again."""
    gone = 0
    for row in rows:
        if row.meta_id is not None and row.meta_id not in ids and row.status is not State.DELETED:
            if row.submitted_at is None or row.submitted_at < asked_at:
                set_state(row, State.DELETED, at=asked_at)
                gone += 1
        elif row.meta_id is None and row.status is State.PENDING and _is_overdue(row, asked_at):
            set_state(row, State.DRAFT, at=asked_at)
    return gone


def _is_overdue(row: MessageTemplate, now: datetime) -> bool:
    return row.submitted_at is None or (now - row.submitted_at).total_seconds() > _ANSWER_OVERDUE_S


def _set_aside(row: MessageTemplate, by_name: dict[tuple[str, str], MessageTemplate]) -> str:
    """Somebody made one of this name at Meta: our draft steps aside under another name."""
    number = 2
    while (f"{row.name}_{number}", row.language) in by_name:
        number += 1
    row.name = f"{row.name}_{number}"
    by_name[row.name, row.language] = row
    # The old name must be free before the one from Meta takes it.
    db.session.flush()
    return row.name


def _take_back(row: MessageTemplate, error: GraphError) -> None:
    """A refused submission is a draft again; one whose answer was lost waits for the next sync."""
    if isinstance(error, GraphUnconfirmed):
        return
    db.session.refresh(row, with_for_update=True)
    if row.status is State.PENDING and row.meta_id is None:
        set_state(row, State.DRAFT, reason=error.title if isinstance(error, GraphRejected) else "")
        row.submitted_at = None
    db.session.commit()


def _write(row: MessageTemplate, draft: MessageTemplateDraft) -> None:
    row.name = draft.name
    row.language = draft.language
    row.category = draft.category
    row.components = draft.components
    row.body_text = body_text(draft.components)
    row.parameter_format = draft.parameter_format or "POSITIONAL"


def _flush(draft: MessageTemplateDraft) -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise _name_taken(draft) from error


def _require_name(draft: MessageTemplateDraft) -> None:
    """A draft may be unfinished, but it must be found again."""
    missing = [name for name in ("name", "language", "category") if not getattr(draft, name)]
    if missing:
        raise InvalidFields([FieldProblem(name, f"The {name} is missing.") for name in missing])


def _require_right(draft: MessageTemplateDraft) -> None:
    errors = [problem for problem in check(draft) if problem.severity == "error"]
    if errors:
        raise InvalidFields([FieldProblem(problem.field, problem.message) for problem in errors])


def _name_taken(draft: MessageTemplateDraft) -> InvalidFields:
    said = f"There is already a message template “{draft.name}” in this language. Choose another name."
    return InvalidFields([FieldProblem("name", said)])


def _waba_id(account: Account) -> str:
    if not account.meta_id:
        raise NotReady("This account has no WhatsApp Business account id yet. Finish step 1 of its set-up.")
    return account.meta_id


def _record(actor: Actor, action: str, row: MessageTemplate) -> None:
    audit.record(
        actor,
        action,
        account_id=row.account_id,
        object_type="message_template",
        object_id=row.id,
        details={"name": row.name, "language": row.language},
    )

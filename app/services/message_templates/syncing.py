"""Reading from Meta how its message templates stand; drafts of ours are kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.graph.errors import GraphError
from app.graph.message_templates import MessageTemplate as FoundAtMeta
from app.models import Account, MessageTemplate, VersionOrigin, utcnow
from app.models import MessageTemplateStatus as State
from app.queries import message_template_history as history
from app.queries import message_templates as queries
from app.queries.access import Actor
from app.services import audit
from app.services.connections import client_for
from app.services.message_template_pieces import differences
from app.services.message_template_states import (
    announce_category,
    move_category,
    read_state,
    set_quality,
    set_state,
)
from app.services.message_template_text import body_text
from app.services.message_templates.comparing import TextAtMeta, read_text, text_of
from app.services.message_templates.rows import waba_id_of
from app.services.message_templates.versions import keep_first, keep_version, latest_number
from app.services.meta_refusals import refused

_MOST_KEPT = 200
"""So many changes of one look are told one by one; of more there is only the count."""
_ANSWER_OVERDUE_S = 10 * 60


@dataclass(frozen=True)
class SyncChange:
    """One message template that a look at Meta changed here. `what`: created, updated, gone or set_aside;
    `parts`: the names of what is another; `version`: the number of its text, when that is new."""

    message_template_id: int
    what: str
    parts: list[str] = field(default_factory=list)
    version: int | None = None


@dataclass(frozen=True)
class SyncResult:
    """What a look at Meta changed here; names of drafts that had to be renamed are in `set_aside`."""

    created: int = 0
    updated: int = 0
    gone: int = 0
    set_aside: list[str] = field(default_factory=list)
    changes: list[SyncChange] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        return bool(self.created or self.updated or self.gone)

    def details(self) -> dict[str, Any]:
        """For the audit log, from which the page about it is made."""
        counts = {"created": self.created, "updated": self.updated, "gone": self.gone}
        return counts | {"changes": [asdict(one) for one in self.changes[:_MOST_KEPT]]}


def sync(*, account: Account, actor: Actor) -> SyncResult:
    """Read all message templates from Meta and take over how they stand there; drafts are kept.

    Raises NotReady and RefusedByMeta; nothing is changed then.
    """
    client, waba_id = client_for(account), waba_id_of(account)
    asked_at = utcnow()
    db.session.commit()
    try:
        found = client.message_templates.list(waba_id)
    except GraphError as error:
        raise refused(error) from error
    try:
        return _store(account, found, asked_at, actor)
    except IntegrityError:
        # Another look at Meta, at the same moment, brought the same new ones.
        db.session.rollback()
        return _store(account, found, asked_at, actor)


def _store(account: Account, found: list[FoundAtMeta], asked_at: datetime, actor: Actor) -> SyncResult:
    result = _take_over(account.id, found, asked_at)
    account.message_templates_synced_at = asked_at
    if result.has_changes:
        audit.record(
            actor,
            "message_templates.synced",
            account_id=account.id,
            object_type="account",
            object_id=account.id,
            details=result.details(),
        )
    _note_looked_at(account.id, asked_at)
    db.session.commit()
    return result


def _note_looked_at(account_id: int, asked_at: datetime) -> None:
    """In one statement, and `updated_at` stays: a look that finds nothing new changes nothing."""
    db.session.execute(
        update(MessageTemplate)
        .where(MessageTemplate.account_id == account_id, MessageTemplate.meta_id.is_not(None))
        .values(last_synced_at=asked_at, updated_at=MessageTemplate.updated_at)
        .execution_options(synchronize_session="fetch")
    )


def _take_over(account_id: int, found: list[FoundAtMeta], asked_at: datetime) -> SyncResult:
    rows = queries.list_of_account(account_id)
    by_id = {row.meta_id: row for row in rows if row.meta_id}
    by_name = {(row.name, row.language): row for row in rows}
    changes: list[SyncChange] = []
    set_aside: list[str] = []
    for item in found:
        if not (item.name and item.language and item.message_template_id):
            continue
        row = by_id.get(item.message_template_id) or by_name.get((item.name, item.language))
        if row is not None and row.status is State.DRAFT:
            set_aside.append(_set_aside(row, by_name))
            changes.append(SyncChange(row.id, "set_aside"))
            row = None
        if row is None:
            row = MessageTemplate(account_id=account_id, name=item.name, language=item.language)
            db.session.add(row)
            by_name[item.name, item.language] = row
            changes.append(_create(row, item, asked_at))
        elif change := _update(row, item, asked_at):
            changes.append(change)
    changes += _mark_gone(rows, {item.message_template_id for item in found}, asked_at)
    counts = Counter(change.what for change in changes)
    return SyncResult(counts["created"], counts["updated"], counts["gone"], set_aside, changes)


def _create(row: MessageTemplate, item: FoundAtMeta, asked_at: datetime) -> SyncChange:
    row.status, row.status_changed_at = read_state(item.status) or State.PENDING, asked_at
    row.rejected_reason = item.rejected_reason or ""
    row.meta_id, row.quality_score = item.message_template_id, item.quality_score or ""
    row.correct_category, row.previous_category = item.correct_category or "", item.previous_category or ""
    row.category = item.category
    _write_text(row, read_text(row, item))
    db.session.flush()
    keep_version(row, VersionOrigin.META)
    return SyncChange(row.id, "created", version=latest_number(row))


def _update(row: MessageTemplate, item: FoundAtMeta, asked_at: datetime) -> SyncChange | None:
    """Meta's side onto the row. What a webhook said, or was sent there, after we asked is newer and stays."""
    if any(at is not None and at > asked_at for at in (row.status_changed_at, row.submitted_at)):
        return None
    before, after = text_of(row), read_text(row, item)
    parts = [one.name for one in differences(before, after)] if before != after else []
    parts += _update_state(row, item, asked_at)
    row.meta_id = item.message_template_id
    if before != after:
        keep_first(row)
        _write_text(row, after)
        keep_version(row, VersionOrigin.META)
        return SyncChange(row.id, "updated", parts, latest_number(row))
    return SyncChange(row.id, "updated", parts) if parts else None


def _update_state(row: MessageTemplate, item: FoundAtMeta, asked_at: datetime) -> list[str]:
    """State, quality and Meta's plans for the category. Returns the names of what is another."""
    parts: list[str] = []
    state = read_state(item.status) or row.status or State.PENDING
    reason = item.rejected_reason or ""
    # A webhook said more than the word that is read here.
    if row.rejected_reason and row.rejected_reason.partition(":")[0] == reason:
        reason = row.rejected_reason
    if row.status is not state or (reason and row.rejected_reason != reason):
        set_state(row, state, reason=reason, at=asked_at)
        parts.append("State")
    if row.quality_score != (item.quality_score or ""):
        set_quality(row, item.quality_score or "")
        parts.append("Quality")
    if item.category != row.category:
        move_category(row, item.category)
    if _update_announcement(row, item, asked_at):
        parts.append("Announced category")
    return parts


def _update_announcement(row: MessageTemplate, item: FoundAtMeta, asked_at: datetime) -> bool:
    """Meta may take back that it is going to move the category."""
    if item.correct_category:
        return announce_category(row, item.correct_category)
    announced = history.list_announced([row]).get(row.id)
    if not row.correct_category or (announced is not None and announced.at > asked_at):
        return False
    row.correct_category = ""
    return True


def _write_text(row: MessageTemplate, text: TextAtMeta) -> None:
    row.category, row.parameter_format = text.category, text.parameter_format
    row.components, row.options = text.components, text.options
    row.body_text = body_text(text.components)


def _mark_gone(rows: list[MessageTemplate], ids: set[str], asked_at: datetime) -> list[SyncChange]:
    """What Meta no longer lists is deleted there; a submission it never heard of is a draft again."""
    gone: list[SyncChange] = []
    for row in rows:
        if row.meta_id is not None and row.meta_id not in ids and row.status is not State.DELETED:
            if row.submitted_at is None or row.submitted_at < asked_at:
                set_state(row, State.DELETED, at=asked_at)
                gone.append(SyncChange(row.id, "gone"))
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

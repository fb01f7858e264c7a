"""What the page of one message template tells about its life at Meta, beside its text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.models import MessageTemplate, MessageTemplateChange, MessageTemplateVersion
from app.models import MessageTemplateStatus as State
from app.queries import message_template_uses as use_queries
from app.queries import message_template_versions as version_queries
from app.queries.message_template_uses import Uses
from app.services import message_templates
from app.services.message_template_life import (
    CategoryNote,
    Pause,
    QualityLine,
    category_note,
    count_pauses,
    pause_of,
    place_to_mend,
    quality_history,
)
from app.services.message_templates import ARCHIVABLE, EDITABLE, EditQuota

GONE = frozenset({State.DELETED, State.PENDING_DELETION})


@dataclass(frozen=True)
class Life:
    """`change`: what is written and not sent; `newer`: the text that came to Meta since. `quota`: only for
    one that can be changed. `uses`: only while it can be used. `locked_until`: of a draft whose name Meta
    keeps locked."""

    pause: Pause | None
    pauses: int
    category: CategoryNote | None
    quality: list[QualityLine]
    mend: str
    quota: EditQuota | None
    locked_until: datetime | None
    change: MessageTemplateChange | None
    change_by: str
    newer: MessageTemplateVersion | None
    versions: int
    uses: Uses | None
    may_unpause: bool
    may_archive: bool
    may_unarchive: bool


def build_life(row: MessageTemplate, *, may_manage: bool) -> Life:
    pause, change = pause_of(row), version_queries.find_change(row)
    is_at_meta = row.meta_id is not None
    return Life(
        pause=pause,
        pauses=count_pauses(row),
        category=category_note(row),
        quality=quality_history(row),
        mend=place_to_mend(row),
        quota=message_templates.edit_quota(row) if is_at_meta and row.status in EDITABLE else None,
        locked_until=message_templates.name_lock(row.account_id, row.name, row.language)
        if row.status is State.DRAFT
        else None,
        change=change,
        change_by=version_queries.find_change_author(change),
        newer=version_queries.find_newer_text(row, change) if change is not None else None,
        versions=version_queries.count_versions(row),
        uses=use_queries.list_uses(row) if row.status not in GONE else None,
        may_unpause=may_manage and is_at_meta and pause is not None and pause.can_be_ended,
        may_archive=may_manage and is_at_meta and row.status in ARCHIVABLE,
        may_unarchive=may_manage and is_at_meta and row.status is State.ARCHIVED,
    )

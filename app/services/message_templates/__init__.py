"""Message templates: drafts of ours, their life at Meta, and keeping both in step."""

from __future__ import annotations

from app.graph.message_template_rules import LANGUAGES, MessageTemplateDraft
from app.services.message_template_states import apply_category, apply_quality, apply_status
from app.services.message_templates.changing import (
    change_of,
    discard,
    is_outdated,
    save_change,
    text_of_change,
)
from app.services.message_templates.drafting import add_language, create_draft, update_draft
from app.services.message_templates.quotas import EditQuota, edit_quota, name_lock
from app.services.message_templates.removing import delete
from app.services.message_templates.resting import ARCHIVABLE, archive, unarchive, unpause
from app.services.message_templates.restoring import restore
from app.services.message_templates.rows import check, draft_of, name_missing
from app.services.message_templates.submitting import EDITABLE, resubmit, submit
from app.services.message_templates.syncing import SyncChange, SyncResult, sync

__all__ = [
    "ARCHIVABLE",
    "EDITABLE",
    "LANGUAGES",
    "EditQuota",
    "MessageTemplateDraft",
    "SyncChange",
    "SyncResult",
    "add_language",
    "apply_category",
    "apply_quality",
    "apply_status",
    "archive",
    "change_of",
    "check",
    "create_draft",
    "delete",
    "discard",
    "draft_of",
    "edit_quota",
    "is_outdated",
    "name_lock",
    "name_missing",
    "restore",
    "resubmit",
    "save_change",
    "submit",
    "sync",
    "text_of_change",
    "unarchive",
    "unpause",
    "update_draft",
]

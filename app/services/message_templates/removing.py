"""Deleting a message template, here or at Meta: one language or all of a name."""

from __future__ import annotations

from app.errors import NotReady
from app.extensions import db
from app.graph.errors import GraphError
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.queries.access import Actor
from app.services.connections import client_for
from app.services.message_template_states import set_state
from app.services.message_templates.changing import discard_change
from app.services.message_templates.rows import record, waba_id_of
from app.services.meta_refusals import refused

GONE = frozenset({State.DELETED, State.PENDING_DELETION})


def delete(*, message_template: MessageTemplate, actor: Actor, all_languages: bool = False) -> int:
    """Delete a draft here, or this language at Meta, or every language of its name. Returns how many went.

    Raises NotReady, RefusedByMeta; nothing is deleted then.
    """
    rows = _family(message_template) if all_languages else [message_template]
    drafts = [row for row in rows if row.status is State.DRAFT and row.meta_id is None]
    at_meta = [row for row in rows if row not in drafts]
    _require_deletable(at_meta)
    if at_meta:
        _delete_at_meta(message_template, None if all_languages else message_template.meta_id)
    for row in at_meta:
        db.session.refresh(row)
        set_state(row, State.DELETED)
        discard_change(row)
        record(actor, "message_template.deleted", row)
    for row in drafts:
        record(actor, "message_template.draft_deleted", row)
        db.session.delete(row)
    db.session.commit()
    return len(rows)


def _family(row: MessageTemplate) -> list[MessageTemplate]:
    found = queries.list_by_names(row.account_id, [row.name])
    return [one for one in found if one.status not in GONE or one.id == row.id]


def _require_deletable(rows: list[MessageTemplate]) -> None:
    for row in rows:
        if row.status is State.DISABLED:
            raise NotReady(
                f"Meta does not let a disabled message template be deleted ({row.language}). Nothing was "
                "changed."
            )
        if row.status in GONE:
            raise NotReady("This message template is deleted already.")
        if row.meta_id is None:
            raise NotReady(
                f"Meta has not confirmed this message template yet ({row.language}). Sync from Meta first."
            )


def _delete_at_meta(row: MessageTemplate, meta_id: str | None) -> None:
    """With no transaction open. Without `meta_id` Meta deletes every language of the name."""
    client, waba_id, name = client_for(row.account), waba_id_of(row.account), row.name
    db.session.commit()
    try:
        client.message_templates.delete(waba_id, name, meta_id)
    except GraphError as error:
        raise refused(error) from error

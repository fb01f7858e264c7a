"""Sending a message template to Meta for review, the first time and after a change.

Calls to Meta are made with no transaction open: commit, call, then write down what came of it.
"""

from __future__ import annotations

from dataclasses import replace

from app.errors import NotReady
from app.extensions import db
from app.graph.errors import GraphError, GraphRejected, GraphUnconfirmed
from app.graph.message_template_rules import MessageTemplateDraft
from app.models import MessageTemplate, VersionOrigin, utcnow
from app.models import MessageTemplateStatus as State
from app.queries.access import Actor
from app.services import message_template_flows
from app.services.connections import client_for
from app.services.message_template_states import move_category, read_state, set_state
from app.services.message_templates.changing import discard_change
from app.services.message_templates.quotas import require_edit
from app.services.message_templates.rows import draft_of, record, require_right, waba_id_of, write
from app.services.message_templates.sample_files import hand_over
from app.services.message_templates.versions import keep_first, keep_version
from app.services.meta_refusals import refused

EDITABLE = frozenset({State.REJECTED, State.PAUSED, State.APPROVED})
"""States in which Meta takes an edit. Source: Meta docs, "Edit message templates", read 2026-09."""


def submit(*, message_template: MessageTemplate, actor: Actor) -> MessageTemplate:
    """Send a draft to Meta for review; afterwards it is PENDING, or what Meta answers at once.

    Raises InvalidFields (rules broken, nothing sent), NotReady, RefusedByMeta (it is a draft again; only
    when Meta's answer was lost it stays PENDING, and the next sync settles it).
    """
    draft = draft_of(message_template)
    require_right(draft)
    account = message_template.account
    message_template_flows.require_own(account.id, draft.components)
    client, waba_id = client_for(account), waba_id_of(account)
    draft = replace(draft, components=hand_over(account, client, draft.components))
    db.session.refresh(message_template, with_for_update=True)
    if message_template.status is not State.DRAFT:
        raise NotReady("This message template was sent to Meta already.")
    message_template.submitted_at = utcnow()
    set_state(message_template, State.PENDING)
    keep_version(message_template, VersionOrigin.SUBMITTED, actor)
    record(actor, "message_template.submitted", message_template)
    db.session.commit()
    try:
        created = client.message_templates.create(waba_id, draft)
    except GraphError as error:
        _take_back(message_template, error)
        raise refused(error) from error
    db.session.refresh(message_template, with_for_update=True)
    message_template.meta_id = created.message_template_id
    if created.category and created.category != message_template.category:
        move_category(message_template, created.category)
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
    require_right(draft)
    message_template_flows.require_own(message_template.account_id, draft.components)
    if message_template.status not in EDITABLE or message_template.meta_id is None:
        raise NotReady("Meta takes no changes to this message template in its present state.")
    require_edit(message_template)
    state = message_template.status
    client, meta_id = client_for(message_template.account), message_template.meta_id
    components = hand_over(message_template.account, client, draft.components)
    # Meta keeps the category of an approved one.
    is_approved = state is State.APPROVED
    db.session.commit()
    try:
        client.message_templates.edit(
            meta_id,
            components=components,
            category=None if is_approved else draft.category,
            parameter_format=draft.parameter_format,
        )
    except GraphError as error:
        raise refused(error) from error
    db.session.refresh(message_template, with_for_update=True)
    category = message_template.category
    keep_first(message_template)
    write(message_template, replace(draft, category=category if is_approved else draft.category))
    message_template.revision += 1
    discard_change(message_template)
    keep_version(message_template, VersionOrigin.EDITED, actor)
    message_template.submitted_at = utcnow()
    if not is_approved:
        set_state(message_template, State.PENDING)
    record(actor, "message_template.resubmitted", message_template, {"state": state.value})
    db.session.commit()
    return message_template


def _take_back(row: MessageTemplate, error: GraphError) -> None:
    """A refused submission is a draft again; one whose answer was lost waits for the next sync."""
    if isinstance(error, GraphUnconfirmed):
        return
    db.session.refresh(row, with_for_update=True)
    if row.status is State.PENDING and row.meta_id is None:
        set_state(row, State.DRAFT, reason=error.title if isinstance(error, GraphRejected) else "")
        row.submitted_at = None
    db.session.commit()

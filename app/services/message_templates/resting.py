"""Ending a pause, putting a message template into Meta's archive and taking it out again.

Source: Meta docs, "Template pausing" and "Template archiving" pages, read 2026-09.
"""

from __future__ import annotations

from app.errors import NotReady
from app.extensions import db
from app.graph.client import GraphClient
from app.graph.errors import GraphError
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries.access import Actor
from app.services.connections import client_for
from app.services.message_template_states import read_state, set_state
from app.services.message_templates.rows import record, waba_id_of
from app.services.meta_refusals import refused

ARCHIVABLE = frozenset({State.APPROVED, State.PAUSED, State.REJECTED})


def unpause(*, message_template: MessageTemplate, actor: Actor) -> None:
    """Resume one that Meta paused while it tried it out on the first recipients.

    Raises NotReady with Meta's own words when Meta does not, RefusedByMeta.
    """
    client, meta_id, _ = _prepare(message_template, {State.PAUSED}, "It is not paused.")
    try:
        answer = client.message_templates.unpause(meta_id)
    except GraphError as error:
        raise refused(error) from error
    if not answer.is_resumed:
        said = f" Meta’s words: “{answer.reason}”" if answer.reason else ""
        raise NotReady(f"Meta did not end the pause.{said}")
    _take_over(message_template, State.APPROVED, actor, "message_template.unpaused")


def archive(*, message_template: MessageTemplate, actor: Actor) -> None:
    """Put it away: it cannot be sent then, and Meta deletes it 28 days later.

    Raises NotReady, RefusedByMeta.
    """
    why = "Only one that Meta has decided about can be put away."
    client, meta_id, waba_id = _prepare(message_template, ARCHIVABLE, why)
    try:
        moved = client.message_templates.archive(waba_id, [meta_id])
    except GraphError as error:
        raise refused(error) from error
    _require_moved(meta_id, moved.done, moved.failed.get(meta_id))
    _take_over(message_template, State.ARCHIVED, actor, "message_template.archived")


def unarchive(*, message_template: MessageTemplate, actor: Actor) -> None:
    """Take it out of the archive; Meta says in which state it is then. Raises NotReady, RefusedByMeta."""
    client, meta_id, waba_id = _prepare(message_template, {State.ARCHIVED}, "It is not in the archive.")
    try:
        moved = client.message_templates.unarchive(waba_id, [meta_id])
        _require_moved(meta_id, moved.done, moved.failed.get(meta_id))
        state = read_state(client.message_templates.get(meta_id).status)
    except GraphError as error:
        raise refused(error) from error
    _take_over(message_template, state or State.APPROVED, actor, "message_template.unarchived")


def _prepare(
    row: MessageTemplate, states: set[State] | frozenset[State], otherwise: str
) -> tuple[GraphClient, str, str]:
    """The client, Meta's ids of it and of its account, and no transaction open any more."""
    if row.status not in states or row.meta_id is None:
        raise NotReady(f"This is not possible now. {otherwise} Nothing was changed.")
    found = client_for(row.account), row.meta_id, waba_id_of(row.account)
    db.session.commit()
    return found


def _require_moved(meta_id: str, done: tuple[str, ...], reason: str | None) -> None:
    if meta_id in done:
        return
    said = f" Meta’s words: “{reason}”" if reason else ""
    raise NotReady(f"Meta did not do it.{said}")


def _take_over(row: MessageTemplate, state: State, actor: Actor, action: str) -> None:
    db.session.refresh(row, with_for_update=True)
    record(actor, action, row)
    if row.status is not state:
        set_state(row, state)
    db.session.commit()

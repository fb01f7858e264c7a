"""What can be asked of Meta about a message template that is there, and what a look at Meta has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Response, flash, make_response, render_template, url_for

from app.errors import DomainError, NotFound
from app.message_templates.blueprint import blueprint
from app.message_templates.facts import GONE
from app.models import AuditEntry, MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import accounts as account_queries
from app.queries import message_template_history as history
from app.queries import message_template_uses as use_queries
from app.queries import message_template_versions as version_queries
from app.queries import message_templates as queries
from app.services import message_templates
from app.services.message_template_pieces import PieceDifference, differences
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

_VIEW, _MANAGE = "message_templates.view", "message_templates.manage"
_MOST_COMPARED = 50


@dataclass(frozen=True)
class SyncLine:
    """One message template in the account of a sync. `row` is None once it is gone from here, too."""

    row: MessageTemplate | None
    what: str
    parts: list[str]
    pieces: list[PieceDifference] = field(default_factory=list)


@blueprint.get("/<int:message_template_id>/deletion/")
@permission_required("message_templates.manage")
def ask_delete(message_template_id: int) -> Response:
    """What uses it, and whether one language or all of them go."""
    row = _managed(message_template_id)
    if row.status in GONE or row.status is State.DISABLED:
        flash("This message template cannot be deleted.", "info")
        return go_to(_detail_url(message_template_id))
    uses = use_queries.list_uses(row)
    return make_response(
        render_template(
            "message_templates/deletion.html",
            row=row,
            uses=uses,
            others=[(other, use_queries.list_uses(other)) for other in uses.languages],
            is_locked_after=row.status is not State.DRAFT,
        )
    )


@blueprint.post("/<int:message_template_id>/unpause")
@permission_required("message_templates.manage")
def unpause(message_template_id: int) -> Response:
    return _do(message_template_id, message_templates.unpause, "It may be sent again.")


@blueprint.post("/<int:message_template_id>/archive")
@permission_required("message_templates.manage")
def archive(message_template_id: int) -> Response:
    text = "It is in Meta’s archive. Meta deletes it after 28 days unless you take it out before."
    return _do(message_template_id, message_templates.archive, text)


@blueprint.post("/<int:message_template_id>/unarchive")
@permission_required("message_templates.manage")
def unarchive(message_template_id: int) -> Response:
    return _do(message_template_id, message_templates.unarchive, "It is out of Meta’s archive again.")


@blueprint.get("/syncs/<int:entry_id>/")
@permission_required("message_templates.view")
def sync_result(entry_id: int) -> Response:
    """What one look at Meta has changed here, part by part."""
    entry = history.find_synced(entry_id)
    known = account_queries.list_accounts(current_actor().scope(_VIEW))
    account = next((one for one in known if entry is not None and one.id == entry.account_id), None)
    if entry is None or account is None:
        raise NotFound("There is no such look at Meta.")
    return make_response(
        render_template(
            "message_templates/sync_result.html", entry=entry, account=account, lines=_sync_lines(entry)
        )
    )


def _sync_lines(entry: AuditEntry) -> list[SyncLine]:
    told = [one for one in entry.details.get("changes") or [] if isinstance(one, dict)]
    rows = {row.id: row for row in queries.list_of_account(entry.account_id or 0)}
    lines = []
    for place, one in enumerate(told):
        row = rows.get(one.get("message_template_id") or 0)
        pieces = _pieces(row, one.get("version")) if row is not None and place < _MOST_COMPARED else []
        lines.append(SyncLine(row, str(one.get("what")), list(one.get("parts") or []), pieces))
    return lines


def _pieces(row: MessageTemplate, number: int | None) -> list[PieceDifference]:
    """What the version that the sync brought changed in the one before it."""
    after = version_queries.find_version(row, number) if number else None
    before = version_queries.find_version(row, number - 1) if number else None
    return differences(before, after) if before is not None and after is not None else []


def _do(message_template_id: int, act: Callable[..., None], done: str) -> Response:
    row = _managed(message_template_id)
    try:
        act(message_template=row, actor=current_actor())
        flash(done, "ok")
    except DomainError as error:
        flash(error.message, "bad")
    return go_to(_detail_url(message_template_id))


def _managed(message_template_id: int) -> MessageTemplate:
    return queries.get_message_template(message_template_id, current_actor().scope(_MANAGE))


def _detail_url(message_template_id: int) -> str:
    return url_for("message_templates.detail", message_template_id=message_template_id)

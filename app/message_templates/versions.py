"""The versions of a message template: what it was, what changed, and taking an earlier one up again."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, request, url_for

from app.errors import DomainError, NotFound
from app.message_templates.blueprint import blueprint
from app.message_templates.facts import GONE
from app.models import MessageTemplate, MessageTemplateChange, MessageTemplateVersion
from app.models import MessageTemplateStatus as State
from app.queries import message_template_versions as queries
from app.queries.message_templates import get_message_template
from app.services import message_templates
from app.services.message_template_life import category_word, origin_words
from app.services.message_template_pieces import PieceDifference, Text, differences
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond
from app.web.routing import row_id

_VIEW, _MANAGE = "message_templates.view", "message_templates.manage"
CHANGE = "change"


@dataclass(frozen=True)
class Comparison:
    """From `before` to `after`; `after` is None where it is the change that is not sent yet."""

    before: MessageTemplateVersion
    after: MessageTemplateVersion | None
    pieces: list[PieceDifference]
    may_restore: bool


@dataclass(frozen=True)
class Versions:
    row: MessageTemplate
    versions: list[MessageTemplateVersion]
    change: MessageTemplateChange | None
    change_by: str
    comparison: Comparison | None

    @property
    def is_draft(self) -> bool:
        return self.row.status is State.DRAFT


@blueprint.get("/<int:message_template_id>/versions/")
@permission_required("message_templates.view")
def versions(message_template_id: int) -> Response:
    """Newest first, and any two of them side by side; the two newest if none are named."""
    actor = current_actor()
    row = get_message_template(message_template_id, actor.scope(_VIEW))
    listed, change = queries.list_versions(row), queries.find_change(row)
    may_restore = actor.may(_MANAGE, row.account_id) and row.status not in GONE | {State.DISABLED}
    built = Versions(
        row,
        listed,
        change,
        queries.find_change_author(change),
        _comparison(row, listed, change, may_restore=may_restore),
    )
    return respond(
        page="message_templates/versions.html",
        fragment="message_templates/_comparison.html",
        built=built,
        origin_words=origin_words,
        category_word=category_word,
    )


@blueprint.post("/<int:message_template_id>/versions/<int:number>/restore")
@permission_required("message_templates.manage")
def restore_version(message_template_id: int, number: int) -> Response:
    row = get_message_template(message_template_id, current_actor().scope(_MANAGE))
    seen = request.form.get("seen", type=int)
    try:
        message_templates.restore(
            message_template=row, number=number, actor=current_actor(), seen=seen if seen is not None else 0
        )
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("message_templates.versions", message_template_id=message_template_id))
    where = "the draft" if row.status is State.DRAFT else "a change that is not sent to Meta yet"
    flash(f"Version {number} is {where}.", "ok")
    return go_to(url_for("message_templates.detail", message_template_id=message_template_id))


def _comparison(
    row: MessageTemplate,
    listed: list[MessageTemplateVersion],
    change: MessageTemplateChange | None,
    *,
    may_restore: bool,
) -> Comparison | None:
    if not listed:
        return None
    before = queries.find_version(row, request.args.get("from", type=row_id))
    is_change = request.args.get("to") == CHANGE and change is not None
    after = None if is_change else queries.find_version(row, request.args.get("to", type=row_id)) or listed[0]
    before = before or (listed[1] if len(listed) > 1 and not is_change else listed[0])
    text: Text = after or listed[0]
    if is_change and change is not None:
        text = message_templates.text_of_change(row, change)
    return Comparison(before, after, differences(before, text), may_restore)

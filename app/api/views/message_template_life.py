"""Message templates: their versions, and what uses them."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.message_template_life import (
    MessageTemplateRestored,
    MessageTemplateUses,
    MessageTemplateVersionList,
    MessageTemplateVersionQuery,
    show_uses,
)
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries.message_template_uses import list_uses
from app.queries.message_template_versions import slice_versions
from app.queries.message_templates import get_message_template
from app.services import message_templates
from app.web.identity import current_actor

_TAGS = ["Message templates"]


@blueprint.get("/templates/<int:template_id>/versions/")
@allowed("message_templates.view", template=get_message_template)
@blueprint.input(MessageTemplateVersionQuery, location="query", unknown=RAISE)
@blueprint.output(MessageTemplateVersionList)
@blueprint.doc(tags=_TAGS)
def list_template_versions(template: MessageTemplate, query_data: dict[str, Any]) -> dict[str, Any]:
    """List what a message template was before

    Newest first. What one person goes on saving within ten minutes is one version.
    """
    return page_of(slice_versions(template, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/templates/<int:template_id>/versions/<int:number>/restore/")
@allowed("message_templates.manage", template=get_message_template)
@blueprint.output(MessageTemplateRestored)
@blueprint.doc(tags=_TAGS)
def restore_template_version(template: MessageTemplate, number: int) -> dict[str, Any]:
    """Take an earlier version up again

    It becomes the draft; of a message template that is at Meta, a change that is not sent yet. Nothing goes
    to Meta by this.
    """
    row = message_templates.restore(message_template=template, number=number, actor=current_actor())
    kind = "draft" if row.status is State.DRAFT else "change"
    return {"template_id": row.id, "number": number, "restored_as": kind}


@blueprint.get("/templates/<int:template_id>/uses/")
@allowed("message_templates.view", template=get_message_template)
@blueprint.output(MessageTemplateUses)
@blueprint.doc(tags=_TAGS)
def list_template_uses(template: MessageTemplate) -> dict[str, Any]:
    """Show what uses a message template

    Look here before it is deleted. Systems that send it over this API are not known here.
    """
    return show_uses(list_uses(template))

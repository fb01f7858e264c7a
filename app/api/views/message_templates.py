"""Message templates: drafts, review, changes."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.message_template_life import MessageTemplateDeletion
from app.api.schemas.message_templates import (
    MessageTemplateChange,
    MessageTemplateIn,
    MessageTemplateList,
    MessageTemplateOut,
    MessageTemplateQuery,
)
from app.errors import FieldProblem, InvalidFields
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.queries.accounts import get_account
from app.services import message_templates
from app.services.message_templates import MessageTemplateDraft
from app.web.identity import current_actor

_TAGS = ["Message templates"]


@blueprint.get("/templates/")
@allowed("message_templates.view")
@blueprint.input(MessageTemplateQuery, location="query", unknown=RAISE)
@blueprint.output(MessageTemplateList)
@blueprint.doc(tags=_TAGS)
def list_templates(query_data: dict[str, Any]) -> dict[str, Any]:
    """List message templates

    Newest first, as they stood when Meta last told us.
    """
    filters, scope = filters_of(query_data), current_actor().scope("message_templates.view")
    return page_of(
        queries.slice_message_templates(scope, filters, query_data.get("cursor"), query_data["limit"])
    )


@blueprint.post("/templates/")
@allowed("message_templates.manage")
@blueprint.input(MessageTemplateIn, location="json")
@blueprint.output(MessageTemplateOut, status_code=201, description="Kept as a draft; Meta has not seen it.")
@blueprint.doc(tags=_TAGS)
def create_template(json_data: dict[str, Any]) -> MessageTemplate:
    """Create a draft of a message template

    The draft is kept here. `submit_for_approval/` sends it to Meta.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope("message_templates.manage"))
    return message_templates.create_draft(account=account, draft=_draft(json_data), actor=current_actor())


@blueprint.get("/templates/<int:template_id>/")
@allowed("message_templates.view", template=queries.get_message_template)
@blueprint.output(MessageTemplateOut)
@blueprint.doc(tags=_TAGS)
def show_template(template: MessageTemplate) -> MessageTemplate:
    """Show a message template"""
    return template


@blueprint.put("/templates/<int:template_id>/")
@allowed("message_templates.manage", template=queries.get_message_template)
@blueprint.input(MessageTemplateChange, location="json")
@blueprint.output(MessageTemplateOut)
@blueprint.doc(tags=_TAGS)
def change_template(template: MessageTemplate, json_data: dict[str, Any]) -> MessageTemplate:
    """Change a message template

    A draft is changed here. One that is at Meta is sent there again and reviewed anew; its name and
    language stay, and Meta takes changes only to approved, rejected and paused ones.
    """
    if template.status is State.DRAFT:
        return message_templates.update_draft(
            message_template=template, draft=_draft(json_data), actor=current_actor()
        )
    fixed = [name for name in ("name", "language") if json_data[name] != getattr(template, name)]
    if fixed:
        text = "This cannot change once the message template is at Meta. Create another one."
        raise InvalidFields([FieldProblem(name, text) for name in fixed])
    return message_templates.resubmit(
        message_template=template, draft=_draft(json_data), actor=current_actor()
    )


@blueprint.delete("/templates/<int:template_id>/")
@allowed("message_templates.manage", template=queries.get_message_template)
@blueprint.input(MessageTemplateDeletion, location="query", unknown=RAISE)
@blueprint.output({}, status_code=204, description="Deleted here, and at Meta if it was there.")
@blueprint.doc(tags=_TAGS)
def delete_template(template: MessageTemplate, query_data: dict[str, Any]) -> str:
    """Delete a message template

    Deletes this one language, or with `all_languages=true` each one of its name, at Meta too. Meta keeps the
    name of an approved one blocked for 30 days; `uses/` says what stops working.
    """
    is_all = query_data["all_languages"] == "true"
    message_templates.delete(message_template=template, actor=current_actor(), all_languages=is_all)
    return ""


@blueprint.post("/templates/<int:template_id>/submit_for_approval/")
@allowed("message_templates.manage", template=queries.get_message_template)
@blueprint.output(MessageTemplateOut)
@blueprint.doc(tags=_TAGS)
def submit_template(template: MessageTemplate) -> MessageTemplate:
    """Send a draft to Meta for approval

    Every rule of Meta's that can be checked here is checked first. The result of the review arrives
    by webhook and shows in `status`.
    """
    return message_templates.submit(message_template=template, actor=current_actor())


def filters_of(query_data: dict[str, Any]) -> queries.MessageTemplateFilters:
    status = query_data.get("status")
    return queries.MessageTemplateFilters(
        account_id=query_data.get("account"),
        status=State(status) if status else None,
        language=query_data.get("language", ""),
        category=query_data.get("category", ""),
        search=query_data.get("search", ""),
        quality=query_data.get("quality", ""),
        tag=query_data.get("tag", ""),
    )


def _draft(data: dict[str, Any]) -> MessageTemplateDraft:
    return MessageTemplateDraft(
        name=data["name"],
        language=data["language"],
        category=data["category"],
        components=data["components"],
        parameter_format=data.get("parameter_format"),
    )

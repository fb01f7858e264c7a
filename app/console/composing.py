"""The composer: which of its faces is shown, with what has been typed so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from flask import request

from app.console.forms import (
    ButtonsForm,
    ListForm,
    MessageTemplateForm,
    SendForm,
    TextForm,
    flow_form,
    message_template_form,
)
from app.models import Conversation, Flow, MessageTemplate
from app.queries import flows as flow_queries
from app.queries import message_templates as queries
from app.services.message_template_text import Preview, list_blanks, show, unfillable
from app.web.identity import current_actor
from app.web.routing import row_id

_LONGEST_SEARCH = 100
_FLOW_BUTTON = "Open form"


class Face(StrEnum):
    """What is being written."""

    TEXT = "text"
    BUTTONS = "buttons"
    LIST = "list"
    FLOW = "flow"
    MESSAGE_TEMPLATE = "template"


@dataclass(frozen=True)
class Option:
    """A message template one can choose; `needs` says what keeps it from being sent here."""

    message_template: MessageTemplate
    text: str
    needs: str


@dataclass(frozen=True)
class Composer:
    """`problem` is why the last try was not taken; what was typed is in the form."""

    conversation: Conversation
    face: Face
    may_send: bool
    form: SendForm | None = None
    chosen: MessageTemplate | None = None
    preview: Preview | None = None
    options: list[Option] = field(default_factory=list)
    search: str = ""
    problem: str = ""
    flow: Flow | None = None
    flows: list[Flow] = field(default_factory=list)


_FORMS: dict[Face, type[SendForm]] = {
    Face.TEXT: TextForm,
    Face.BUTTONS: ButtonsForm,
    Face.LIST: ListForm,
}


def composer_for(conversation: Conversation) -> Composer:
    """The face the address asks for; with the window closed only the choice of a message template."""
    wanted = request.values.get("compose", "")
    face = Face(wanted) if wanted in set(Face) else Face.TEXT
    if not conversation.window_is_open():
        face = Face.MESSAGE_TEMPLATE
    if face is Face.MESSAGE_TEMPLATE:
        return _choosing(conversation)
    if face is Face.FLOW:
        return _choosing_flow(conversation)
    form = _FORMS[face](formdata=None)
    form.body.data = request.form.get("body", "")
    return Composer(conversation, face, _may_send(conversation), form)


def composer_with(
    conversation: Conversation,
    face: Face,
    form: SendForm,
    problem: str = "",
    chosen: MessageTemplate | None = None,
    flow: Flow | None = None,
) -> Composer:
    """The composer as it was sent, with what is wrong."""
    shown = (
        show(chosen.components, form.values()) if chosen and isinstance(form, MessageTemplateForm) else None
    )
    return Composer(
        conversation,
        face,
        _may_send(conversation),
        form,
        chosen=chosen,
        preview=shown,
        problem=problem,
        flow=flow,
    )


def fresh_composer(conversation: Conversation, face: Face) -> Composer:
    """Empty again, after something was sent."""
    if face is Face.MESSAGE_TEMPLATE and not conversation.window_is_open():
        return _options(conversation, "")
    form = TextForm(formdata=None)
    return Composer(conversation, Face.TEXT, _may_send(conversation), form)


def chosen_message_template(account_id: int) -> MessageTemplate | None:
    """The approved message template the request names."""
    return queries.find_sendable(account_id, request.values.get("message_template", type=row_id))


def chosen_flow(account_id: int) -> Flow | None:
    """The Flow the request names, if it can be sent."""
    return flow_queries.find_sendable(account_id, request.values.get("flow", type=row_id))


def _choosing_flow(conversation: Conversation) -> Composer:
    chosen = chosen_flow(conversation.account_id)
    if chosen is None:
        offered = flow_queries.list_sendable(conversation.account_id)
        return Composer(conversation, Face.FLOW, _may_send(conversation), flows=offered)
    form = flow_form(chosen, formdata=None)
    form.body.data = request.form.get("body", "")
    form.button.data = _FLOW_BUTTON
    return composer_with(conversation, Face.FLOW, form, flow=chosen)


def _choosing(conversation: Conversation) -> Composer:
    chosen = chosen_message_template(conversation.account_id)
    if chosen is None or unfillable(chosen.components):
        return _options(conversation, request.values.get("find", "").strip()[:_LONGEST_SEARCH])
    form = message_template_form(chosen.id, list_blanks(chosen.components), formdata=None)
    return composer_with(conversation, Face.MESSAGE_TEMPLATE, form, chosen=chosen)


def _options(conversation: Conversation, search: str) -> Composer:
    found = queries.list_sendable(conversation.account_id, search)
    return Composer(
        conversation,
        Face.MESSAGE_TEMPLATE,
        _may_send(conversation),
        options=[options_of(row) for row in found],
        search=search,
    )


def options_of(row: MessageTemplate) -> Option:
    return Option(row, show(row.components).body, unfillable(row.components))


def _may_send(conversation: Conversation) -> bool:
    return current_actor().may("messages.send", conversation.account_id)

"""The composer: which of its faces is shown, with what has been typed so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from app.console.card_forms import ContactsForm, KeepsText, LocationForm
from app.console.forms import (
    AskLocationForm,
    ButtonsForm,
    LinkForm,
    MessageTemplateForm,
    NoteForm,
    NumberForm,
    SendForm,
    TextForm,
    flow_form,
    message_template_form,
)
from app.console.list_forms import ListForm
from app.console.product_forms import ProductsForm
from app.console.standing import standing_of
from app.console.thread import quote_text
from app.console.times import Later, later
from app.console.tray import TrayItem, tray_of
from app.models import CannedReply, ContactBlock, Conversation, Draft, Flow, MessageTemplate
from app.queries import flows as flow_queries
from app.queries import message_templates as queries
from app.queries.canned_replies import list_for_account
from app.queries.contact_identity import find_block
from app.queries.standing import Standing
from app.queries.teamwork import Colleague, list_colleagues
from app.services.attachments.kinds import ACCEPTED
from app.services.canned_replies import fill_in, fill_places
from app.services.drafts import typed_text
from app.services.message_template_text import Preview, list_blanks, show
from app.services.quoting import find_quotable
from app.web.identity import current_actor
from app.web.routing import row_id

_LONGEST_SEARCH = 100
_FLOW_BUTTON = "Open form"
ASK_FOR_NUMBER = (
    "May we have your phone number, so that we can reach you there too? Share it with the button below."
)


class Face(StrEnum):
    """What is being written."""

    TEXT = "text"
    BUTTONS = "buttons"
    LIST = "list"
    LINK = "link"
    LOCATION = "location"
    ASK_LOCATION = "ask_location"
    CONTACTS = "contacts"
    NOTE = "note"
    FLOW = "flow"
    PRODUCTS = "products"
    NUMBER = "number"
    MESSAGE_TEMPLATE = "template"


@dataclass(frozen=True)
class Option:
    """A message template one can choose."""

    message_template: MessageTemplate
    text: str


@dataclass(frozen=True)
class Quoted:
    """The message that is answered to. `author`: empty for one of ours."""

    message_id: int
    author: str
    text: str


@dataclass(frozen=True)
class Composer:
    """`problem` is why the last try was not taken; what was typed is in the form.

    `draft_version`: what is kept of it; `held_back`: the words of a draft that cannot be sent now;
    `standing`: what the page knows already of how the conversation stands.
    """

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
    quote: Quoted | None = None
    draft_version: str = ""
    held_back: str = ""
    standing: Standing | None = None

    @property
    def later(self) -> Later:
        """What is said beside the field for a time."""
        return later(self.conversation)

    @property
    def typed_time(self) -> str:
        """So that a refused one is not typed again."""
        return request.form.get("send_at", "") if self.problem or (self.form and self.form.errors) else ""

    @property
    def shows_quote(self) -> bool:
        return self.face in QUOTING_FACES

    @property
    def colleagues(self) -> list[Colleague]:
        """Whom a note can name."""
        return list_colleagues(self.conversation.account_id)

    @property
    def canned_replies(self) -> list[CannedReply]:
        """What can be put into a text."""
        return list_for_account(self.conversation.account_id)

    @cached_property
    def block(self) -> ContactBlock | None:
        """Why nothing can be sent, whatever is typed: the number has blocked this customer, or may have."""
        if self.standing is not None:
            found = self.standing.block
        else:
            found = find_block(self.conversation.phone_number_id, self.conversation.contact_id)
        return found if found is not None and found.holds else None

    @property
    def tray(self) -> list[TrayItem]:
        """Files that wait beside the text."""
        has_none = self.standing is not None and not self.standing.has_files
        return [] if has_none else tray_of(self.conversation)

    @property
    def accepted_files(self) -> str:
        return ACCEPTED


_FORMS: dict[Face, type[SendForm]] = {
    Face.TEXT: TextForm,
    Face.BUTTONS: ButtonsForm,
    Face.LIST: ListForm,
    Face.NUMBER: NumberForm,
    Face.LINK: LinkForm,
    Face.LOCATION: LocationForm,
    Face.ASK_LOCATION: AskLocationForm,
    Face.CONTACTS: ContactsForm,
    Face.PRODUCTS: ProductsForm,
}
QUOTING_FACES = frozenset({*_FORMS, Face.FLOW})
"""Where a quote is shown above the text; WhatsApp shows none above a message template."""


def composer_for(conversation: Conversation) -> Composer:
    """The face the address asks for; with the window closed a note, or a message template."""
    standing = standing_of(conversation)
    draft = _own_draft(standing)
    if draft is not None:
        return replace(_from_draft(conversation, draft), standing=standing)
    return replace(
        _face_for(conversation),
        quote=_quoted(conversation),
        draft_version=_posted_version(),
        standing=standing,
    )


def _posted_version() -> str:
    return request.form.get("draft", "")


def _own_draft(standing: Standing) -> Draft | None:
    """What this person has kept here, unless the request brings what is typed, or asks for another face."""
    if request.method == "POST":
        return None
    draft = standing.draft
    is_known = draft is not None and draft.face in set(Face)
    return draft if draft and is_known and request.args.get("compose", draft.face) == draft.face else None


def _from_draft(conversation: Conversation, draft: Draft) -> Composer:
    """The composer as it was left; with the window closed meanwhile the words beside what can be sent."""
    face, fields = Face(draft.face), MultiDict(draft.fields)
    if face is Face.NOTE:
        composer = Composer(conversation, face, _may_send(conversation), NoteForm(formdata=fields))
    elif face is Face.MESSAGE_TEMPLATE or not conversation.window_is_open():
        composer = _message_template_draft(conversation, face, fields)
    elif face is Face.FLOW:
        composer = _flow_draft(conversation, fields)
    else:
        form = _FORMS[face](formdata=fields)
        form.body.data = _with_canned(conversation, form.body.data or "")
        composer = Composer(conversation, face, _may_send(conversation), form)
    version = draft.version if composer.form is not None else ""
    quoted = _quoted(conversation, fields.get("quote", type=row_id))
    return replace(composer, quote=quoted, draft_version=version)


def _message_template_draft(conversation: Conversation, face: Face, fields: MultiDict[str, str]) -> Composer:
    wanted = fields.get("message_template", type=row_id) if face is Face.MESSAGE_TEMPLATE else None
    chosen = chosen_message_template(conversation.account_id, wanted) if wanted else None
    if chosen is None:
        return replace(_choosing(conversation), held_back=typed_text(fields.to_dict(flat=False)))
    form = message_template_form(chosen.id, list_blanks(chosen.components), formdata=fields)
    return composer_with(conversation, face, form, chosen=chosen)


def _flow_draft(conversation: Conversation, fields: MultiDict[str, str]) -> Composer:
    wanted = fields.get("flow", type=row_id)
    chosen = flow_queries.find_sendable(conversation.account_id, wanted)
    if chosen is None:
        return replace(_choosing_flow(conversation), held_back=typed_text(fields.to_dict(flat=False)))
    return composer_with(conversation, Face.FLOW, flow_form(chosen, formdata=fields), flow=chosen)


def quote_id() -> int | None:
    """The message the request answers to; an empty one in the address goes before that of the form."""
    given = {"quote": request.values.get("quote", "")}
    return MultiDict(given).get("quote", type=row_id)


def _quoted(conversation: Conversation, kept: int | None = None) -> Quoted | None:
    found = find_quotable(conversation, kept if kept and "quote" not in request.values else quote_id())
    if found is None:
        return None
    author = "" if found.is_outbound else conversation.contact.display_name
    return Quoted(found.id, author, quote_text(found))


def _face_for(conversation: Conversation) -> Composer:
    wanted = request.values.get("compose", "")
    face = Face(wanted) if wanted in set(Face) else Face.TEXT
    if face is Face.NOTE:
        form = NoteForm(formdata=None)
        form.note.data = request.form.get("body", "")
        return Composer(conversation, face, _may_send(conversation), form)
    if face is Face.NUMBER and conversation.contact.wa_id:
        face = Face.TEXT
    if not conversation.window_is_open():
        face = Face.MESSAGE_TEMPLATE
    if face is Face.MESSAGE_TEMPLATE:
        is_cut_off = request.form.get("compose") in QUOTING_FACES and not conversation.window_is_open()
        words = typed_text(dict(request.form.lists())) if is_cut_off else ""
        return replace(_choosing(conversation), held_back=words)
    if face is Face.FLOW:
        return _choosing_flow(conversation)
    # Chosen again, with a quote or without: all that was typed stays.
    is_same = request.form.get("compose") == face
    form = _FORMS[face](formdata=request.form if is_same else None)
    typed = request.form.get("body", "")
    form.body.data = _with_canned(conversation, "" if typed == ASK_FOR_NUMBER and not is_same else typed)
    if isinstance(form, NumberForm):
        form.body.data = form.body.data or ASK_FOR_NUMBER
    return Composer(conversation, face, _may_send(conversation), form)


def _with_canned(conversation: Conversation, typed: str) -> str:
    """What is typed, and below it the canned reply that the request names."""
    id_ = request.values.get("canned", type=row_id)
    found = [row for row in list_for_account(conversation.account_id) if row.id == id_] if id_ else []
    names = {"customer": conversation.contact.called, "agent": current_actor().name}
    filled = (fill_in(row, fields=conversation.contact.fields, **names) for row in found)
    return "\n".join(filter(None, (typed, *filled)))


def with_places(values: dict[str, Any], conversation: Conversation) -> dict[str, Any]:
    """Values of a message template with `{{name}}`, `{{agent}}` and `{{contact.<field>}}` in them filled in.
    What is empty then is missing, and said so.
    """
    contact, agent = conversation.contact, current_actor().name

    def fill(text: str) -> str:
        return fill_places(text, customer=contact.called, agent=agent, fields=contact.fields).strip()

    filled = {key: fill(value) if isinstance(value, str) else value for key, value in values.items()}
    return {key: value for key, value in filled.items() if value != ""}


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
        show(chosen.components, with_places(form.values(), conversation))
        if chosen and isinstance(form, MessageTemplateForm)
        else None
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
        quote=_quoted(conversation),
        draft_version=_posted_version(),
    )


def fresh_composer(conversation: Conversation, face: Face, form: SendForm) -> Composer:
    """Empty again, after something was sent; a text that was put by for a place or a card is back."""
    if face in (Face.MESSAGE_TEMPLATE, Face.NOTE) and not conversation.window_is_open():
        return _options(conversation, "")
    fresh = TextForm(formdata=None)
    if isinstance(form, KeepsText):
        fresh.body.data = form.body.data
    return Composer(conversation, Face.TEXT, _may_send(conversation), fresh)


def chosen_message_template(account_id: int, wanted: int | None = None) -> MessageTemplate | None:
    """The approved message template the request names (or this one), if this person may send it."""
    wanted = wanted or request.values.get("message_template", type=row_id)
    return queries.find_sendable(account_id, wanted, role=current_actor().role_in(account_id))


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
    if chosen is None:
        return _options(conversation, request.values.get("find", "").strip()[:_LONGEST_SEARCH])
    form = message_template_form(chosen.id, list_blanks(chosen.components), formdata=None)
    return composer_with(conversation, Face.MESSAGE_TEMPLATE, form, chosen=chosen)


def _options(conversation: Conversation, search: str) -> Composer:
    account_id = conversation.account_id
    found = queries.list_sendable(account_id, search, role=current_actor().role_in(account_id))
    return Composer(
        conversation,
        Face.MESSAGE_TEMPLATE,
        _may_send(conversation),
        options=[options_of(row) for row in found],
        search=search,
    )


def options_of(row: MessageTemplate) -> Option:
    return Option(row, show(row.components).body)


def _may_send(conversation: Conversation) -> bool:
    return current_actor().may("messages.send", conversation.account_id)

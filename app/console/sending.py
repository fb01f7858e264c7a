"""The composer's requests: change its face, fill in a message template, send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from app.console import drafting, pages, tray
from app.console.blueprint import blueprint
from app.console.card_forms import ContactsForm, LocationForm
from app.console.composing import (
    Composer,
    Face,
    chosen_flow,
    chosen_message_template,
    composer_for,
    composer_with,
    fresh_composer,
    with_places,
)
from app.console.forms import (
    AskLocationForm,
    ButtonsForm,
    FileHeaderForm,
    LinkForm,
    MessageTemplateForm,
    NoteForm,
    NumberForm,
    SendForm,
    TextForm,
    flow_form,
    message_template_form,
)
from app.console.header_files import leave_with_file
from app.console.leaving import is_for_later, leave, quoted, sender, when
from app.console.list_forms import ListForm
from app.console.product_forms import ProductsForm
from app.console.value_uploads import plan_values, upload_values
from app.errors import DomainError, InvalidFields, KeyReused
from app.models import Conversation, Flow, MessageTemplate
from app.queries import conversations as queries
from app.services import messages, receipts, teamwork
from app.services.flow_messages import flow_content
from app.services.message_template_text import list_blanks, show
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond, wants_fragment

_ALREADY_SENT = (
    "This was sent a moment ago with another text. If the new text is another message, press Send once more."
)


@blueprint.route("/<int:conversation_id>/composer", methods=["GET", "POST"])
@permission_required("messages.send")
def composer(conversation_id: int) -> Response:
    """Another face of the composer. A POST only keeps what is typed out of addresses; where the window has
    closed over it, it is kept as a draft."""
    conversation = _conversation(conversation_id)
    if request.method == "POST" and request.args.get("closing"):
        drafting.keep_typed(conversation)
    if not wants_fragment():
        # Not by url_for: it would take names such as _scheme for orders.
        query = urlencode(list(request.args.items(multi=True)))
        return go_to(f"{pages.thread_url(conversation)}?{query}")
    return pages.fragment("_composer.html", composer=composer_for(conversation))


@blueprint.post("/<int:conversation_id>/preview")
@permission_required("messages.send")
def preview(conversation_id: int) -> Response:
    """The chosen message template with the values typed so far."""
    conversation = _conversation(conversation_id)
    chosen, form = _message_template_form(conversation)
    if not wants_fragment() and chosen is not None:
        return _page(composer_with(conversation, Face.MESSAGE_TEMPLATE, form, chosen=chosen), 200)
    shown = show(chosen.components, with_places(form.values(), conversation)) if chosen else None
    return pages.fragment("_preview.html", preview=shown)


@blueprint.post("/<int:conversation_id>/text")
@permission_required("messages.send")
def send_text(conversation_id: int) -> Response:
    form = TextForm()
    form.has_files = tray.has_files()

    def queue(conversation: Conversation) -> object:
        if form.has_files:
            how: dict[str, Any] = {"when": when(conversation), "context_wamid": quoted(conversation)}
            return tray.queue(conversation, form.body.data or "", **how, **sender(form))
        content = {"body": form.body.data, "preview_url": "://" in form.body.data}
        return leave(conversation, "text", content, form)

    return _send(conversation_id, Face.TEXT, form, queue)


@blueprint.post("/<int:conversation_id>/note")
@permission_required("messages.send")
def send_note(conversation_id: int) -> Response:
    """To colleagues: it is kept, and goes nowhere."""
    form = NoteForm()

    def keep(conversation: Conversation) -> None:
        teamwork.add_note(conversation=conversation, body=form.note.data, **sender(form))

    return _send(conversation_id, Face.NOTE, form, keep)


@blueprint.post("/<int:conversation_id>/buttons")
@permission_required("messages.send")
def send_buttons(conversation_id: int) -> Response:
    return _send_interactive(conversation_id, Face.BUTTONS, ButtonsForm())


@blueprint.post("/<int:conversation_id>/list")
@permission_required("messages.send")
def send_list(conversation_id: int) -> Response:
    return _send_interactive(conversation_id, Face.LIST, ListForm())


@blueprint.post("/<int:conversation_id>/ask-number")
@permission_required("messages.send")
def ask_number(conversation_id: int) -> Response:
    """Ask a customer without a number for it; the answer goes into the contact by itself."""
    return _send_interactive(conversation_id, Face.NUMBER, NumberForm())


@blueprint.post("/<int:conversation_id>/message-template")
@permission_required("messages.send")
def send_message_template(conversation_id: int) -> Response:
    chosen, form = _message_template_form(_conversation(conversation_id))

    def queue(conversation: Conversation) -> object:
        if chosen is None:
            raise DomainError(
                "This message template can no longer be sent. Nothing was sent. Choose another one."
            )
        values = with_places(form.values(), conversation)
        if is_for_later() and form.files():
            return plan_values(form, chosen, values, conversation)
        values |= upload_values(form, conversation.account, conversation.phone_number)
        content = messages.message_template_content(chosen, values)
        return leave(conversation, "template", content, form, quotes=False)

    return _send(conversation_id, Face.MESSAGE_TEMPLATE, form, queue, chosen)


@blueprint.post("/<int:conversation_id>/flow")
@permission_required("messages.send")
def send_flow(conversation_id: int) -> Response:
    chosen = chosen_flow(_conversation(conversation_id).account_id)
    form = flow_form(chosen)

    def queue(conversation: Conversation) -> object:
        if chosen is None:
            raise DomainError("This Flow can no longer be sent. Nothing was sent. Choose another one.")
        content = flow_content(chosen, form.text(), screen=form.screen.data)
        return leave(conversation, "interactive", content, form)

    return _send(conversation_id, Face.FLOW, form, queue, flow=chosen)


@blueprint.post("/<int:conversation_id>/link")
@permission_required("messages.send")
def send_link(conversation_id: int) -> Response:
    return _send_interactive(conversation_id, Face.LINK, LinkForm())


@blueprint.post("/<int:conversation_id>/ask-location")
@permission_required("messages.send")
def ask_location(conversation_id: int) -> Response:
    return _send_interactive(conversation_id, Face.ASK_LOCATION, AskLocationForm())


@blueprint.post("/<int:conversation_id>/products")
@permission_required("messages.send")
def send_products(conversation_id: int) -> Response:
    """One product of a catalogue, several, or all of it."""
    return _send_interactive(conversation_id, Face.PRODUCTS, ProductsForm())


@blueprint.post("/<int:conversation_id>/location")
@permission_required("messages.send")
def send_location(conversation_id: int) -> Response:
    return _send_card(conversation_id, Face.LOCATION, LocationForm())


@blueprint.post("/<int:conversation_id>/contacts")
@permission_required("messages.send")
def send_contacts(conversation_id: int) -> Response:
    return _send_card(conversation_id, Face.CONTACTS, ContactsForm())


def _send_card(conversation_id: int, face: Face, form: LocationForm | ContactsForm) -> Response:
    """The face's word is Meta's own for the kind."""

    def queue(conversation: Conversation) -> object:
        return leave(conversation, face.value, form.content(), form)

    return _send(conversation_id, face, form, queue)


def _send_interactive(
    conversation_id: int,
    face: Face,
    form: ButtonsForm | ListForm | LinkForm | AskLocationForm | NumberForm | ProductsForm,
) -> Response:
    def queue(conversation: Conversation) -> object:
        file = form.chosen_header() if isinstance(form, FileHeaderForm) else None
        if isinstance(form, FileHeaderForm) and file is not None:
            return leave_with_file(form, form.content(), file, conversation)
        return leave(conversation, "interactive", form.content(), form)

    return _send(conversation_id, face, form, queue)


def _send(
    conversation_id: int,
    face: Face,
    form: SendForm,
    queue: Callable[[Conversation], object],
    chosen: MessageTemplate | None = None,
    flow: Flow | None = None,
) -> Response:
    """Queue it, or show the composer again with everything that was typed and what is wrong."""
    conversation = _conversation(conversation_id)
    problem = ""
    if form.validate_on_submit():
        try:
            queue(conversation)
        except KeyReused:
            form.renew()
            problem = _ALREADY_SENT
        except InvalidFields as error:
            problem = " ".join(item.message for item in error.problems)
        except DomainError as error:
            problem = error.message
        else:
            drafting.forget(conversation, form)
            if face is not Face.NOTE and not is_for_later():
                receipts.answered(conversation)
            return _sent(conversation, face, form)
    return _page(composer_with(conversation, face, form, problem, chosen, flow), 422)


def _sent(conversation: Conversation, face: Face, form: SendForm) -> Response:
    if not wants_fragment():
        return go_to(pages.thread_url(conversation))
    log = pages.build_log(conversation)
    response = pages.fragment("_sent.html", log=log, composer=fresh_composer(conversation, face, form))
    response.headers["HX-Trigger"] = "conversation-changed"
    return response


def _page(composer: Composer, status: int) -> Response:
    if wants_fragment():
        return pages.fragment("_composer.html", status, composer=composer)
    context = pages.thread_context(composer.conversation, composer)
    return respond(page="console/console.html", fragment="console/_console.html", status=status, **context)


def _message_template_form(conversation: Conversation) -> tuple[MessageTemplate | None, MessageTemplateForm]:
    chosen = chosen_message_template(conversation.account_id)
    if chosen is None:
        return None, message_template_form(0, [])
    return chosen, message_template_form(chosen.id, list_blanks(chosen.components))


def _conversation(conversation_id: int) -> Conversation:
    return queries.get_conversation(conversation_id, current_actor().scope("messages.send"))

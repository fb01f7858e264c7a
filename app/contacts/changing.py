"""One contact: who it is, what was said, what we say about them, and marketing or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Response, flash, make_response, render_template, request, url_for

from app.contacts.blueprint import blueprint
from app.contacts.forms import ContactForm, empty_form, form_name, form_of, values_for
from app.contacts.identity import identity_of
from app.contacts.views import VIEW
from app.errors import InvalidFields
from app.models import ConsentSource, Contact
from app.queries import contact_lists as queries
from app.queries.contact_tags import list_tags
from app.queries.erasures import find_of_contact
from app.services import consents, contacts
from app.services.contact_blocks import LONGEST_REASON
from app.services.erasing.requests import ERASE
from app.services.message_templates import LANGUAGES
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, wants_fragment
from app.web.routing import row_id

_LAST_MESSAGES = 10
SOURCES = {
    ConsentSource.WORD: "by a message",
    ConsentSource.HAND: "by hand",
    ConsentSource.API: "by a program",
    ConsentSource.META: "in WhatsApp",
    ConsentSource.IMPORT: "by a file",
}


@blueprint.get("/<int:contact_id>/")
@permission_required("console.use")
def detail(contact_id: int) -> Response:
    contact = _contact(contact_id)
    return contact_page(contact, form_of(contact))


@blueprint.post("/<int:contact_id>/")
@permission_required("console.use")
def save(contact_id: int) -> Response:
    contact = _contact(contact_id)
    form = empty_form(contact)()
    try:
        values = values_for(contact, form)
        contacts.change_contact(contact=contact, values=values, actor=current_actor())
    except InvalidFields as error:
        form.validate()
        show_problems(form, renamed(error))
        return contact_page(contact, form, 422)
    flash("The contact is saved.", "ok")
    return go_to(url_for("contacts.detail", contact_id=contact_id))


@blueprint.post("/<int:contact_id>/fields")
@permission_required("console.use")
def save_fields(contact_id: int) -> Response:
    """The account's own fields alone, from beside a thread. What cannot be taken is shown on the contact's
    page, with what was typed.
    """
    contact = _contact(contact_id)
    form, typed = form_of(contact), empty_form(contact)()
    for field in typed.own_fields():
        form[field.name].data = field.data
    try:
        values = {"fields": typed.field_values()}
        contacts.change_contact(contact=contact, values=values, actor=current_actor())
    except InvalidFields as error:
        form.errors  # noqa: B018 - asked for once before ours are put in
        show_problems(form, renamed(error))
        return contact_page(contact, form, 422)
    flash("The fields are saved.", "ok")
    back = request.args.get("conversation", type=row_id)
    if back is None:
        return go_to(url_for("contacts.detail", contact_id=contact_id))
    return go_to(url_for("console.thread", conversation_id=back))


@blueprint.post("/<int:contact_id>/tags")
@permission_required("console.use")
def save_tags(contact_id: int) -> Response:
    """One tag more (or several, with commas), or one less, from beside a thread."""
    contact, problem = _contact(contact_id), ""
    typed = request.form.get("add", "")
    remove = request.form.getlist("remove")
    try:
        contacts.change_tags(
            contact=contact, add=contacts.split_tags(typed), remove=remove, actor=current_actor()
        )
    except InvalidFields as error:
        problem = " ".join(one.message for one in error.problems)
    back = request.args.get("conversation", type=row_id)
    if wants_fragment():
        html = render_template(
            "contacts/_contact_tags.html",
            contact=contact,
            back_to=back,
            known_tags=list_tags(current_actor().scope(VIEW)),
            tag_problem=problem,
            typed_tag=typed if problem else "",
        )
        return make_response(html, 422 if problem else 200)
    if problem:
        form = form_of(contact)
        form.tags.data = ", ".join([*contact.tags, typed])
        form.errors  # noqa: B018 - asked for once before ours are put in
        form.tags.errors = [problem]
        return contact_page(contact, form, 422)
    if back is None:
        return go_to(url_for("contacts.detail", contact_id=contact_id))
    return go_to(url_for("console.thread", conversation_id=back))


@blueprint.post("/<int:contact_id>/opt-out")
@permission_required("console.use")
def opt_out(contact_id: int) -> Response:
    """No marketing message template is sent from now on."""
    contact = _contact(contact_id)
    if not _say(consents.opt_out, contact):
        return contact_page(contact, form_of(contact), 422)
    return go_to(url_for("contacts.detail", contact_id=contact_id))


@blueprint.post("/<int:contact_id>/opt-in")
@permission_required("console.use")
def opt_in(contact_id: int) -> Response:
    contact = _contact(contact_id)
    if not _say(consents.opt_in, contact):
        return contact_page(contact, form_of(contact), 422)
    return go_to(url_for("contacts.detail", contact_id=contact_id))


def _say(change: Callable[..., bool], contact: Contact) -> bool:
    try:
        change(contact=contact, actor=current_actor(), note=request.form.get("note", ""))
    except InvalidFields as error:
        flash(f"The reason cannot be taken. {error.message}", "bad")
        return False
    flash("Saved.", "ok")
    return True


def renamed(error: InvalidFields) -> InvalidFields:
    """Problems by the names that the form has."""
    return InvalidFields([replace(one, field=form_name(one.field)) for one in error.problems])


def _contact(contact_id: int) -> Contact:
    return queries.get_contact(contact_id, current_actor().scope(VIEW))


def contact_page(contact: Contact, form: ContactForm, status: int = 200, *, problem: str = "") -> Response:
    """All about one contact. `problem`: why the last thing that was asked for could not be done."""
    identity = identity_of(contact)
    conversations = identity.conversations
    html = render_template(
        "contacts/detail.html",
        contact=contact,
        identity=identity,
        problem=problem,
        longest_block_reason=LONGEST_REASON,
        form=form,
        conversations=conversations,
        messages=queries.list_last_messages(conversations, _LAST_MESSAGES),
        consents=queries.list_consents(contact.id),
        sources=SOURCES,
        languages=LANGUAGES,
        longest_note=consents.LONGEST_NOTE,
        may_erase=current_actor().may(ERASE, contact.account_id),
        erasure=find_of_contact(contact.id),
    )
    return make_response(html, status)

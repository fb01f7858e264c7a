"""What a person may ask of us: everything that is held about them, and that it is erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from flask import Response, make_response, render_template, request, url_for
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.contacts.blueprint import blueprint
from app.errors import InvalidFields
from app.models import Contact, Erasure
from app.queries import contact_lists
from app.queries import erasures as queries
from app.queries.contact_identity import list_person
from app.queries.cursors import Cursor
from app.queries.slices import Turn
from app.services.erasing import holding
from app.services.erasing.requests import ERASE, is_genuine, proof_of, request_erasure, words_of
from app.services.password_tries import TooManyTries
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to, respond

_LIST_LENGTH = 50
_PIECE = 256 * 1024


class EraseForm(PageForm):
    """Whom, typed once more, and one's own password."""

    typed = StringField(
        "To be sure, type it once more",
        [InputRequired("Type what stands above."), Length(max=200)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    joined = BooleanField("Erase the contacts joined to this one as well")
    password = PasswordField("Your password", [InputRequired("Type your password.")])


@blueprint.post("/<int:contact_id>/data")
@permission_required(ERASE)
def take_data(contact_id: int) -> Response:
    """Everything that is held about the person, with their files. A POST: it is written down who took it."""
    contact = _contact(contact_id)
    holding.note_access(contact=contact, actor=current_actor())
    answer = Response(_pieces(holding.make_zip(contact_id)), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="person-{contact_id}.zip"'
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


@blueprint.get("/<int:contact_id>/erase")
@permission_required(ERASE)
def erase(contact_id: int) -> Response:
    """Says what goes and what stays, and asks twice."""
    return _erase_page(_contact(contact_id), EraseForm(formdata=None))


@blueprint.post("/<int:contact_id>/erase")
@permission_required(ERASE)
def erase_now(contact_id: int) -> Response:
    contact, form = _contact(contact_id), EraseForm()
    if not form.validate():
        return _erase_page(contact, form, 422)
    try:
        row = request_erasure(
            contact=contact,
            typed=form.typed.data,
            password=form.password.data,
            actor=current_actor(),
            with_joined=form.joined.data,
        )
    except TooManyTries as error:
        form.password.errors = [error.message]
        answer = _erase_page(contact, form, error.status)
        answer.headers["Retry-After"] = str(error.wait_s)
        return answer
    except InvalidFields as error:
        show_problems(form, error)
        return _erase_page(contact, form, 422)
    return go_to(url_for("contacts.erasure", erasure_id=row.id))


@blueprint.get("/erasures/")
@permission_required(ERASE)
def erasures() -> Response:
    """Newest first. Whom they were about is not kept."""
    scope, place = current_actor().scope(ERASE), Cursor.parse(request.args.get("before"))
    page = queries.slice_erasures(scope, Turn(place) if place else None, _LIST_LENGTH)
    older = url_for("contacts.erasures", before=str(page.older.place)) if page.older else None
    return make_response(render_template("contacts/erasures.html", rows=page.rows, older_url=older))


@blueprint.get("/erasures/<int:erasure_id>/")
@permission_required(ERASE)
def erasure(erasure_id: int) -> Response:
    """The proof, once it is done; until then how far it is. The page asks for the part below by itself."""
    row = _erasure(erasure_id)
    return respond(
        page="contacts/erasure.html", fragment="contacts/_erasure.html", row=row, is_genuine=is_genuine(row)
    )


@blueprint.get("/erasures/<int:erasure_id>/proof.json")
@permission_required(ERASE)
def erasure_proof(erasure_id: int) -> Response:
    row = _erasure(erasure_id)
    said = {**proof_of(row), "signature": row.signature or None}
    answer = Response(json.dumps(said, indent=2, ensure_ascii=False), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="erasure-{erasure_id}.json"'
    return answer


def _contact(contact_id: int) -> Contact:
    return contact_lists.get_contact(contact_id, current_actor().scope(ERASE))


def _erasure(erasure_id: int) -> Erasure:
    return queries.get_erasure(erasure_id, current_actor().scope(ERASE))


def _erase_page(contact: Contact, form: EraseForm, status: int = 200) -> Response:
    person = list_person(contact, current_actor().scope(ERASE))
    context: dict[str, Any] = {
        "joined": [one for one in person if one.id != contact.id],
        "contact": contact,
        "form": form,
        "words": words_of(contact),
        "elsewhere": queries.list_elsewhere(contact, current_actor().scope(ERASE)),
        "running": queries.find_of_contact(contact.id),
    }
    return make_response(render_template("contacts/erase.html", **context), status)

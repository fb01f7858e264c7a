"""Two contacts that are one person: found, looked at side by side, joined, and taken apart again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for

from app.contacts.blueprint import blueprint
from app.contacts.identity import identity_of
from app.contacts.views import VIEW
from app.errors import DomainError, NotFound
from app.models import Contact
from app.queries import contact_identity as queries
from app.queries.contact_lists import ContactFilters, get_contact, slice_contacts
from app.services import contact_joins
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import big_row_id

_MOST_FOUND = 8
_LONGEST_SEARCH = 100


@blueprint.get("/<int:contact_id>/join")
@permission_required("console.use")
def join_page(contact_id: int) -> Response:
    """Whom to join it with, then what comes together."""
    return _page(_contact(contact_id))


@blueprint.post("/<int:contact_id>/join")
@permission_required("console.use")
def join(contact_id: int) -> Response:
    contact = _contact(contact_id)
    other = _other(contact)
    if other is None:
        return _page(contact, "Choose the contact that is the same person. Nothing was joined.", 422)
    try:
        contact_joins.join(contact=other, into=contact, actor=current_actor())
    except DomainError as error:
        return _page(contact, error.message, 422)
    flash("Joined: one person now. It can be undone on this page.", "ok")
    return go_to(url_for("contacts.detail", contact_id=contact_id))


@blueprint.post("/joins/<int:join_id>/accept")
@permission_required("console.use")
def accept_join(join_id: int) -> Response:
    """A suggestion that is right."""

    def accept(row: Any) -> None:
        contact_joins.join(contact=row.contact, into=row.into, actor=current_actor())

    return _decide(join_id, accept, "Joined: one person now. It can be undone on this page.")


@blueprint.post("/joins/<int:join_id>/dismiss")
@permission_required("console.use")
def dismiss_join(join_id: int) -> Response:
    """A suggestion that is wrong."""

    def dismiss(row: Any) -> None:
        contact_joins.dismiss(row=row, actor=current_actor())

    return _decide(join_id, dismiss, "They stay two people. It is not suggested again.")


@blueprint.post("/joins/<int:join_id>/undo")
@permission_required("console.use")
def undo_join(join_id: int) -> Response:
    def undo(row: Any) -> None:
        contact_joins.undo(row=row, actor=current_actor())

    return _decide(join_id, undo, "Two people again. Each has the conversations it had.")


@blueprint.post("/addresses/<int:address_id>/refuse")
@permission_required("console.use")
def refuse_address(address_id: int) -> Response:
    """It belongs to somebody else."""
    row = queries.get_address(address_id, current_actor().scope(VIEW))
    contact_id = row.contact_id
    try:
        contact_joins.refuse_address(row=row, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash("Saved. Who writes from it will be a contact of their own.", "ok")
    return go_to(url_for("contacts.detail", contact_id=contact_id))


def _decide(join_id: int, decide: Callable[[Any], None], said: str) -> Response:
    row = queries.get_join(join_id, current_actor().scope(VIEW))
    contact_id = row.into_id
    try:
        decide(row)
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash(said, "ok")
    return go_to(url_for("contacts.detail", contact_id=contact_id))


def _page(contact: Contact, problem: str = "", status: int = 200) -> Response:
    other = _other(contact)
    search = request.args.get("search", "").strip()[:_LONGEST_SEARCH]
    search = search if search.isprintable() else ""
    html = render_template(
        "contacts/join.html",
        contact=contact,
        identity=identity_of(contact),
        other=other,
        other_identity=identity_of(other) if other else None,
        found=_found(contact, search) if search and other is None else [],
        search=search,
        problem=problem,
    )
    return make_response(html, status)


def _found(contact: Contact, search: str) -> list[Contact]:
    scope = current_actor().scope(VIEW)
    filters = ContactFilters(account_id=contact.account_id, search=search)
    same = {one.id for one in queries.list_person(contact, scope)}
    rows = slice_contacts(scope, filters, None, _MOST_FOUND + len(same)).rows
    return [row for row in rows if row.id not in same][:_MOST_FOUND]


def _other(contact: Contact) -> Contact | None:
    """Whom the request names; nobody, for what cannot be joined with this one."""
    wanted = request.values.get("with", type=big_row_id)
    if wanted is None or wanted == contact.id:
        return None
    try:
        other = get_contact(wanted, current_actor().scope(VIEW))
    except NotFound:
        return None
    return other if other.account_id == contact.account_id else None


def _contact(contact_id: int) -> Contact:
    return get_contact(contact_id, current_actor().scope(VIEW))

"""Blocking somebody at Meta, letting them write again, and who is blocked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for

from app.contacts.blueprint import blueprint
from app.contacts.changing import contact_page
from app.contacts.forms import form_of
from app.contacts.views import VIEW, read_turn
from app.errors import DomainError, NotFound
from app.models import ContactBlock, PhoneNumber
from app.queries import accounts as account_queries
from app.queries import contact_identity as queries
from app.queries.contact_lists import get_contact
from app.queries.slices import Slice, Turn
from app.services import contact_blocks
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.redirects import own_path
from app.web.responses import go_to, respond
from app.web.routing import row_id

_LIST_LENGTH = 50


@dataclass(frozen=True)
class Blocked:
    """The page of the blocked: one number's, or all."""

    page: Slice[ContactBlock]
    numbers: list[PhoneNumber]
    number: PhoneNumber | None

    def name_of(self, row: ContactBlock) -> str:
        return next((_name(one) for one in self.numbers if one.id == row.phone_number_id), "")

    def address_of(self, row: ContactBlock) -> str:
        """Of somebody whom nobody here has written with."""
        if not row.wa_id:
            return row.user_id or "Unknown"
        return current_actor().scope(VIEW).shown_number(row.account_id, f"+{row.wa_id}")

    @property
    def older_url(self) -> str | None:
        return self._url("before", self.page.older)

    @property
    def newer_url(self) -> str | None:
        return self._url("after", self.page.newer)

    def _url(self, name: str, turn: Turn | None) -> str | None:
        if turn is None:
            return None
        args: dict[str, Any] = {"number": self.number.id if self.number else None, name: str(turn.place)}
        return url_for("contacts.blocked", **args)


@blueprint.post("/<int:contact_id>/block")
@permission_required("console.use")
def block(contact_id: int) -> Response:
    return _change(contact_id, is_block=True)


@blueprint.post("/<int:contact_id>/unblock")
@permission_required("console.use")
def unblock(contact_id: int) -> Response:
    return _change(contact_id, is_block=False)


@blueprint.get("/blocked/")
@permission_required("console.use")
def blocked() -> Response:
    """As it is known here; Meta's own list is fetched once a day, or by a button."""
    scope = current_actor().scope(VIEW)
    numbers = account_queries.list_numbers(scope)
    wanted = request.args.get("number", type=row_id)
    number = next((one for one in numbers if one.id == wanted), None)
    page = queries.slice_blocks(scope, number.id if number else None, read_turn(), _LIST_LENGTH)
    listing = Blocked(page, numbers, number)
    return respond(page="contacts/blocked.html", fragment="contacts/_blocked.html", listing=listing)


@blueprint.post("/blocked/fetch")
@permission_required("console.use")
def fetch_blocked() -> Response:
    number = _number(request.form.get("number", type=row_id))
    name, number_id = _name(number), number.id
    try:
        count = contact_blocks.sync(number=number, actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
    else:
        people = "1 person" if count == 1 else f"{count:,} people"
        flash(f"Fetched from Meta: {name} has blocked {people}.", "ok")
    return go_to(url_for("contacts.blocked", number=number_id))


def _change(contact_id: int, *, is_block: bool) -> Response:
    contact = get_contact(contact_id, current_actor().scope(VIEW))
    number = _number(request.form.get("number", type=row_id))
    name, actor = contact.display_name, current_actor()
    try:
        if is_block:
            reason = request.form.get("reason", "")
            contact_blocks.block(contact=contact, number=number, actor=actor, reason=reason)
        else:
            contact_blocks.unblock(contact=contact, number=number, actor=actor)
    except DomainError as error:
        contact = get_contact(contact_id, current_actor().scope(VIEW))
        return contact_page(contact, form_of(contact), error.status, problem=error.message)
    said = "is blocked. Their messages do not arrive any more." if is_block else "can write to you again."
    flash(f"{name} {said}", "ok")
    back = own_path(request.form.get("back"))
    return go_to(back or url_for("contacts.detail", contact_id=contact_id))


def _number(number_id: int | None) -> PhoneNumber:
    if number_id is None:
        raise NotFound("There is no such number.")
    return account_queries.get_number(number_id, current_actor().scope(VIEW))


def _name(number: PhoneNumber) -> str:
    return number.verified_name or number.shown_number

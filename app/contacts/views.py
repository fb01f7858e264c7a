"""The list of contacts, and all that fit it as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from app.contacts.blueprint import blueprint
from app.models import Account, Contact, ContactField
from app.queries import accounts as account_queries
from app.queries import contact_lists as queries
from app.queries.contact_fields import HOW, list_seen
from app.queries.contact_identity import list_heads
from app.queries.contact_lists import ContactFilters
from app.queries.cursors import Cursor
from app.queries.slices import Slice, Turn
from app.services.contact_exports import note_export, write_csv
from app.services.contact_fields import LONGEST_VALUE
from app.services.contacts import LONGEST_TAG
from app.services.erasing.requests import ERASE
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import respond, stream
from app.web.routing import row_id

VIEW = "console.use"
_LIST_LENGTH = 50
_LONGEST_SEARCH = 100
_LONGEST_KEY = 60
_MARKETING = {"out": True, "in": False}


@dataclass(frozen=True)
class Listing:
    """The list page: rows, filters, and what can be chosen in them. `is_complete`: nothing is missing because
    older contacts have yet to be made searchable; `heads`: of joined contacts, whose page is the person's."""

    page: Slice[Contact]
    heads: dict[int, Contact]
    filters: ContactFilters
    accounts: list[Account]
    fields: list[ContactField]
    may_manage: bool
    may_erase: bool
    is_complete: bool = True

    def args(self, **more: Any) -> dict[str, Any]:
        return _args(self.filters, **more)

    @property
    def hows(self) -> list[tuple[str, str]]:
        return list(HOW.items())

    @property
    def marketing(self) -> str:
        return {True: "out", False: "in", None: ""}[self.filters.is_opted_out]

    @property
    def account_names(self) -> dict[int, str]:
        return {account.id: account.name for account in self.accounts}

    @property
    def older_url(self) -> str | None:
        return self._url("before", self.page.older)

    @property
    def newer_url(self) -> str | None:
        return self._url("after", self.page.newer)

    def _url(self, name: str, turn: Turn | None) -> str | None:
        return url_for("contacts.index", **self.args(**{name: str(turn.place)})) if turn else None


@blueprint.get("/")
@permission_required("console.use")
def index() -> Response:
    """Newest first."""
    scope, filters = current_actor().scope(VIEW), _read_filters()
    page = queries.slice_contacts(scope, filters, read_turn(), _LIST_LENGTH)
    listing = Listing(
        page=page,
        heads=list_heads(page.rows, scope),
        filters=filters,
        accounts=account_queries.list_accounts(scope),
        fields=list_seen(scope),
        may_manage=current_actor().may("contacts.manage"),
        may_erase=current_actor().may(ERASE),
        is_complete=queries.finds_all(filters.search),
    )
    return respond(page="contacts/index.html", fragment="contacts/_list.html", listing=listing)


@blueprint.post("/export")
@permission_required("console.use")
def export() -> Response:
    """All that the address narrows the list to."""
    filters = _read_filters()
    note_export(filters=_args(filters), actor=current_actor())
    answer = stream(write_csv(current_actor().scope(VIEW), filters), "text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="contacts.csv"'
    return answer


def _args(filters: ContactFilters, **more: Any) -> dict[str, Any]:
    """The filters as an address carries them; empty ones are left out."""
    values = {
        "search": filters.search,
        "account": filters.account_id,
        "marketing": {True: "out", False: "in", None: ""}[filters.is_opted_out],
        "tag": filters.tag,
        "field": filters.field,
        "how": filters.how if filters.field else "",
        "value": filters.value if filters.field else "",
        **more,
    }
    return {name: value for name, value in values.items() if value}


def _read_filters() -> ContactFilters:
    """Out of the address; nonsense counts as nothing."""
    how = request.args.get("how", "filled")
    return ContactFilters(
        field=_plain("field", _LONGEST_KEY),
        how=how if how in HOW else "filled",
        value=_plain("value", LONGEST_VALUE),
        account_id=request.args.get("account", type=row_id),
        search=_plain("search", _LONGEST_SEARCH),
        tag=_plain("tag", LONGEST_TAG),
        is_opted_out=_MARKETING.get(request.args.get("marketing", "")),
    )


def _plain(name: str, longest: int) -> str:
    """What no database could look for is nothing."""
    text = request.args.get(name, "").strip()[:longest]
    return text if text.isprintable() else ""


def read_turn() -> Turn | None:
    for name, is_newer in (("before", False), ("after", True)):
        place = Cursor.parse(request.args.get(name))
        if place is not None:
            return Turn(place, is_newer)
    return None

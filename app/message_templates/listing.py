"""The list of message templates: a row a name, its filters, and the export of what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request

from app.message_templates.blueprint import blueprint
from app.models import Account, AuditEntry, MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import accounts as account_queries
from app.queries import message_template_families as families
from app.queries import message_template_history as history
from app.queries import message_templates as queries
from app.queries.access import AccountScope
from app.queries.message_template_names import NamePage, NameRow, Order, list_names
from app.queries.message_templates import QUALITIES, UNRATED, MessageTemplateFilters
from app.services.message_template_life import announced_note
from app.services.message_template_words import explain_state
from app.services.message_templates.reading import CATEGORIES, LANGUAGES
from app.web.filters import day_time
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import respond
from app.web.routing import row_id

VIEW, MANAGE = "message_templates.view", "message_templates.manage"
_LONGEST_SEARCH = 100
_MOST_CHIPS = 12
_QUALITY_WORDS = {"GREEN": "High", "YELLOW": "Medium", "RED": "Low", UNRATED: "Not rated"}
_ORDER_WORDS = {Order.NAME: "By name", Order.NEWEST: "Newest first", Order.USED: "Most sent first"}
_WITH_REASON = frozenset({State.REJECTED, State.PAUSED, State.DISABLED, State.DRAFT})


@dataclass(frozen=True)
class Listing:
    """The list page: rows, filters, and what can be chosen in them."""

    names: NamePage
    filters: MessageTemplateFilters
    order: Order
    counts: dict[State, int]
    languages: list[str]
    tags: list[str]
    accounts: list[Account]
    synced_at: datetime | None
    last_sync: AuditEntry | None
    announced: dict[int, AuditEntry]
    may_manage: bool

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def sendable(self) -> int:
        return self.counts.get(State.APPROVED, 0)

    def chips(self, row: NameRow) -> list[MessageTemplate]:
        return row.languages[:_MOST_CHIPS]

    def reasons(self, row: NameRow) -> list[tuple[MessageTemplate, str]]:
        """Why languages of it cannot be sent, a line each."""
        return [(each, text) for each in row.languages if (text := _reason(each))]

    def category_notes(self, row: NameRow) -> list[str]:
        """What Meta moved, or is about to move."""
        noted = [
            note for each in row.languages if (note := _category_note(each, self.announced.get(each.id)))
        ]
        return list(dict.fromkeys(noted))

    def qualities(self, row: NameRow) -> list[str]:
        """Meta's words, each once, the worst first."""
        found = {each.quality_score for each in row.languages}
        return [word for word in reversed(QUALITIES) if word in found]

    def args(self, **changes: Any) -> dict[str, Any]:
        """The filters as an address carries them; empty ones are left out."""
        return {
            name: value
            for name, value in {**address_of(self.filters, self.order), **changes}.items()
            if value
        }


@blueprint.get("/")
@permission_required("message_templates.view")
def index() -> Response:
    return respond(
        page="message_templates/index.html",
        fragment="message_templates/_list.html",
        listing=_listing(current_actor().scope(VIEW)),
        categories=CATEGORIES,
        languages=LANGUAGES,
        states=list(State),
        qualities=_QUALITY_WORDS,
        orders=_ORDER_WORDS,
    )


def read_filters() -> MessageTemplateFilters:
    """Out of the address; nonsense counts as nothing."""
    status, quality = request.args.get("status", ""), request.args.get("quality", "")
    return MessageTemplateFilters(
        account_id=request.args.get("account", type=row_id),
        status=State(status) if status in set(State) else None,
        language=_word("language", 16),
        category=_word("category", 32),
        search=_word("search", _LONGEST_SEARCH),
        quality=quality if quality in _QUALITY_WORDS else "",
        tag=_word("tag", 64),
    )


def address_of(filters: MessageTemplateFilters, order: Order = Order.NAME) -> dict[str, Any]:
    """The other way round, with what is empty."""
    return {
        "account": filters.account_id,
        "status": filters.status.value if filters.status else None,
        "language": filters.language,
        "category": filters.category,
        "quality": filters.quality,
        "tag": filters.tag,
        "search": filters.search,
        "sort": order.value if order is not Order.NAME else None,
    }


def _word(name: str, most: int) -> str:
    return request.args.get(name, "").strip()[:most]


def _listing(scope: AccountScope) -> Listing:
    filters, sort = read_filters(), request.args.get("sort", "")
    order = Order(sort) if sort in set(Order) else Order.NAME
    accounts = account_queries.list_accounts(scope)
    shown = [account for account in accounts if filters.account_id in (None, account.id)]
    synced = [account.message_templates_synced_at for account in shown]
    names = list_names(scope, filters, order, request.args.get("page", 1, type=row_id))
    return Listing(
        names=names,
        filters=filters,
        order=order,
        counts=queries.count_by_status(scope, filters.account_id),
        languages=queries.list_languages(scope, filters.account_id),
        tags=families.list_tags(scope, filters.account_id),
        accounts=accounts,
        # The oldest one counts: what is shown is at least as fresh as that.
        synced_at=min((at for at in synced if at), default=None) if all(synced) else None,
        last_sync=history.find_last_synced(shown[0].id) if len(shown) == 1 else None,
        announced=history.list_announced([each for row in names.rows for each in row.languages]),
        may_manage=current_actor().may(MANAGE, filters.account_id),
    )


def _reason(row: MessageTemplate) -> str:
    state = explain_state(row) if row.status in _WITH_REASON and row.rejected_reason else None
    return " ".join(filter(None, (state.title, state.quoted))) if state else ""


def _category_note(row: MessageTemplate, announced: AuditEntry | None) -> str:
    note = announced_note(row, announced)
    if note is not None:
        when = f" on {day_time(note.at)}" if note.at else ""
        return f"Meta moves it to {note.after}{when}"
    if row.previous_category and row.previous_category != row.category:
        return f"Meta moved it here from {row.previous_category.capitalize()}"
    return ""

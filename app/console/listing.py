"""The conversation list: what it is narrowed to, a mark of each row, and the rows that a page lacks.

Every open page asks for its list every second and a half. So first only the marks are made, of columns that
one query brings; where all are what the page has, nothing is answered. Else the rows with other marks alone
are built and sent; the page keeps the others as they are.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import request

from app.console.due import due_of
from app.console.narrowing import FAILURE_WORDS, failure_words, read_filters
from app.console.places import Places
from app.console.rows import Around, Kept, Row, build_rows, is_new
from app.console.shown_views import ShownView, shown_views
from app.console.window import window_kind
from app.models import Account, PhoneNumber, utcnow
from app.queries import conversation_lists as queries
from app.queries.access import AccountScope
from app.queries.conversation_filters import ConversationFilters, Desk
from app.queries.conversation_lists import ConversationPage, Counts, Listed
from app.queries.cursors import Cursor
from app.queries.mentions import count_unread as count_mentions
from app.queries.planned import count_open
from app.queries.presence import lookers_at
from app.services.failure_filters import ANY
from app.web.filters import short_time

_MARK_LENGTH = 6
"""Signs of 64: that a changed row looks unchanged happens once in some billion changes."""


@dataclass
class ConversationList:
    """The list pane: rows, what it is narrowed to, and its fingerprint.

    `words`: the filters as the address carries them. `marks`: by conversation, of what its row shows.
    `known`: marks that the page has already. `is_choosing`: each row has a box to choose it by.
    `starts_elsewhere`: a bare address begins with a saved view.
    """

    page: ConversationPage
    around: Around
    filters: ConversationFilters
    words: Mapping[str, Any]
    counts: Counts
    cursor: Cursor | None
    places: Places
    views: list[ShownView]
    marks: Mapping[int, str]
    known: frozenset[str] = frozenset()
    current: int | None = None
    is_choosing: bool = False
    starts_elsewhere: bool = False
    mentions: int = 0
    """Notes that name who looks, and are not read."""
    now: datetime = field(default_factory=utcnow)

    @cached_property
    def rows(self) -> list[Row | Kept]:
        """In their order; of those that the page has only the place."""
        wanted = [one.id for one in self.page.conversations if self.marks[one.id] not in self.known]
        built = build_rows(wanted, self.page, self.filters, self.around, self.current, self.now)
        return [built.get(one.id) or Kept(one.id) for one in self.page.conversations]

    @cached_property
    def tabs_mark(self) -> str:
        """Of what stands above the rows."""
        return _mark(self.counts, self.views, self.mentions)

    @cached_property
    def version(self) -> str:
        """Of all that the list shows."""
        return _mark(self.tabs_mark, list(self.marks.values()), self.page.next_cursor, self.page.is_complete)

    @property
    def next_cursor(self) -> Cursor | None:
        return self.page.next_cursor

    @property
    def is_complete(self) -> bool:
        """False while older messages are still being made searchable."""
        return self.page.is_complete

    @property
    def accounts(self) -> list[Account]:
        return self.places.accounts

    @property
    def numbers(self) -> list[PhoneNumber]:
        return self.places.numbers

    @property
    def reason_title(self) -> str:
        """What the failed ones are narrowed to, in words."""
        word = str(self.words.get("failed", ANY))
        return failure_words(word) if word not in FAILURE_WORDS else ""

    @property
    def view(self) -> ShownView | None:
        """The one whose filters these are."""
        return next((view for view in self.views if view.is_current), None)

    def args(self, **changes: Any) -> dict[str, Any]:
        """The filters as an address carries them; empty ones are left out."""
        values = {**self.words, "choose": 1 if self.is_choosing else None, **changes}
        args = {name: value for name, value in values.items() if value is not None}
        return args or ({"desk": Desk.ALL.value} if self.starts_elsewhere else {})

    def only(self, **words: Any) -> dict[str, Any]:
        """The address with these filters and no others."""
        return words or ({"desk": Desk.ALL.value} if self.starts_elsewhere else {})


def build_list(scope: AccountScope, current: int | None = None, *, is_poll: bool = False) -> ConversationList:
    """The list as the request's address asks for it. `current`: the conversation that is open beside it.
    `is_poll`: the page says which rows it has (`marks`)."""
    places = Places(scope)
    filters, words = read_filters(places)
    cursor, now = Cursor.parse(request.values.get("before")), utcnow()
    page = queries.list_conversations(scope, filters, cursor)
    around = _around(page, filters, current)
    views = shown_views(scope, words, places)
    return ConversationList(
        page=page,
        around=around,
        filters=filters,
        words=words,
        counts=queries.count_tabs(scope, filters),
        cursor=cursor,
        places=places,
        views=views,
        marks={one.id: _row_mark(one, page, around, current, now) for one in page.conversations},
        known=_known() if is_poll else frozenset(),
        current=current,
        is_choosing=request.values.get("choose") == "1",
        starts_elsewhere=any(view.is_start for view in views),
        mentions=count_mentions(scope, filters.person_id) if filters.person_id else 0,
        now=now,
    )


def _around(page: ConversationPage, filters: ConversationFilters, current: int | None) -> Around:
    """Who looks is told of the open conversation too, for its own pane: it need not be in the list."""
    ids = [one.id for one in page.conversations]
    looked_at = ids if current is None else [*ids, current]
    return Around(
        planned=count_open(ids),
        due=due_of(page.conversations),
        lookers=lookers_at(looked_at, filters.person_id),
    )


def _row_mark(one: Listed, page: ConversationPage, around: Around, current: int | None, now: datetime) -> str:
    """Of whatever of it can change on the page, but for times that the page counts on by itself."""
    found, due = page.found.get(one.id), around.due.get(one.id)
    return _mark(
        one.id,
        one.version,
        one.waits_for_person is not None,
        one.waiting_since is None or is_new(one.waiting_since, now),
        short_time(one.last_message_at, now),
        window_kind(one.last_inbound_at, now),
        found.id if found else None,
        # Not of the open one: it is before this person's eyes, and its row would change with each word.
        one.draft if one.id != current else None,
        around.planned.get(one.id),
        due.text if due else "",
        [(looker.user_id, looker.is_answering) for looker in around.lookers.get(one.id, ())],
    )


def _mark(*shown: object) -> str:
    digest = hashlib.blake2s(repr(shown).encode(), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_MARK_LENGTH]


def _known() -> frozenset[str]:
    """One after the other, without anything between them."""
    text = request.args.get("marks", "")[: queries.LIST_LENGTH * _MARK_LENGTH]
    return frozenset(text[place : place + _MARK_LENGTH] for place in range(0, len(text), _MARK_LENGTH))

"""To what the list is narrowed: out of the address, and into the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import StringField
from wtforms.validators import Length

from app.models import Account, EventState, PhoneNumber
from app.queries.webhook_events import EventFilters
from app.services import event_search
from app.services.event_words import COMMON_KINDS, describe_kind
from app.web.filters import timezone
from app.web.page_forms import PageForm
from app.web.routing import row_id

_LONGEST_KIND = 200
_LOCAL = "%Y-%m-%dT%H:%M"


class FindForm(PageForm):
    """The search. It is posted: what is typed here does not stand in an address."""

    find = StringField(validators=[Length(max=event_search.LONGEST)])


@dataclass(frozen=True)
class Narrowing:
    """The filters as people chose them. `find` is what was searched for, `sealed` its opaque form."""

    find: str = ""
    sealed: str = ""
    kind: str = ""
    state: EventState | None = None
    account_id: int | None = None
    number: PhoneNumber | None = None
    since: datetime | None = None
    until: datetime | None = None

    def args(self, **changes: Any) -> dict[str, Any]:
        """As an address carries them; empty ones are left out."""
        values: dict[str, Any] = {
            "find": self.sealed,
            "kind": self.kind,
            "state": self.state.value if self.state else None,
            "account": self.account_id,
            "number": self.number.id if self.number else None,
            "since": self.local(self.since),
            "until": self.local(self.until),
            **changes,
        }
        return {name: value for name, value in values.items() if value}

    @staticmethod
    def local(at: datetime | None) -> str:
        """For `<input type="datetime-local">`."""
        return at.astimezone(timezone()).strftime(_LOCAL) if at else ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.args())

    def kinds(self) -> list[tuple[str, str]]:
        """(value, words) to choose from; the one asked for is always among them."""
        offered = COMMON_KINDS if self.kind in {"", *COMMON_KINDS} else (*COMMON_KINDS, self.kind)
        return [(kind, describe_kind(kind)) for kind in offered]

    def filters(self, numbers: Sequence[PhoneNumber]) -> EventFilters:
        keys = event_search.keys_for(self.find, numbers)
        return EventFilters(
            found_by=(keys,) if keys else (),
            kind=self.kind or None,
            number_meta_id=self.number.meta_id if self.number else None,
            account_id=self.account_id,
            state=self.state,
            since=self.since,
            until=self.until,
        )


def read_narrowing(values: MultiDict[str, str], accounts: Sequence[Account]) -> Narrowing:
    """Out of an address or a form; nonsense counts as nothing, and so does a number of another account."""
    account_id = values.get("account", type=row_id)
    sealed = values.get("find", "")
    find = event_search.unseal(sealed)
    state = values.get("state", "")
    return Narrowing(
        find=find,
        sealed=sealed if find else "",
        kind=_plain(values.get("kind", "")),
        state=EventState(state) if state in set(EventState) else None,
        account_id=account_id,
        number=_number(values.get("number", type=row_id), account_id, accounts),
        since=_moment(values.get("since", "")),
        until=_moment(values.get("until", "")),
    )


def _plain(kind: str) -> str:
    return kind.strip()[:_LONGEST_KIND] if kind.isprintable() else ""


def _number(number_id: int | None, account_id: int | None, accounts: Sequence[Account]) -> PhoneNumber | None:
    for account in accounts:
        if account_id in (None, account.id):
            for number in account.phone_numbers:
                if number.id == number_id:
                    return number
    return None


def _moment(text: str) -> datetime | None:
    """What a date field gives is the time of the person's own clock."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=timezone())).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

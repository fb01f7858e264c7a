"""The audit log: who did what, when and from where. To read and to take away; nothing here changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from app.models import AuditEntry, utcnow
from app.queries import audit_log as queries
from app.queries.audit_log import TEXT_REACH, AuditFilters
from app.queries.cursors import Cursor
from app.queries.slices import Turn
from app.services.audit_exports import write_csv
from app.services.audit_words import ACTIONS, action_words, detail_lines
from app.settings.blueprint import blueprint
from app.web.filters import timezone
from app.web.permissions import permission_required
from app.web.responses import stream
from app.web.routing import row_id

reads_audit_log = permission_required("audit_log.view")
_SYSTEM = "system"
_LONGEST = 100


@dataclass(frozen=True)
class EntryRow:
    """One entry as the page shows it."""

    entry: AuditEntry
    text: str
    lines: list[str]
    account: str


@dataclass(frozen=True)
class Choice:
    """What the list is narrowed to, as the address says it. The days are whole ones of the reader's clock."""

    who: str
    action: str
    account: str
    object: str
    text: str
    since: str
    until: str

    def args(self, **more: Any) -> dict[str, Any]:
        values = {
            "who": self.who,
            "action": self.action,
            "account": self.account,
            "object": self.object,
            "q": self.text,
            "since": self.since,
            "until": self.until,
            **more,
        }
        return {name: value for name, value in values.items() if value}

    def filters(self) -> AuditFilters:
        """Nonsense counts as nothing."""
        object_type, _, object_id = self.object.partition(" ")
        filters = AuditFilters(
            by_system=self.who == _SYSTEM,
            action=self.action,
            account_id=_id(self.account),
            object_type=object_type,
            object_id=object_id.strip(),
            text=self.text,
            since=_day(self.since),
            until=_day(self.until, days=1),
        )
        kind, _, id_ = self.who.partition("-")
        if kind == "person":
            return replace(filters, user_id=_id(id_))
        return replace(filters, api_key_id=_id(id_)) if kind == "key" else filters


@blueprint.get("/audit-log/")
@reads_audit_log
def audit_log() -> Response:
    choice, turn = _read_choice(request.args), _read_turn()
    filters = choice.filters()
    found = queries.slice_entries(filters, turn)
    people, keys = queries.list_actors()
    names = queries.list_account_names()
    html = render_template(
        "settings/audit_log.html",
        rows=[_row(entry, names) for entry in found.rows],
        choice=choice,
        is_narrowed=filters.is_narrowed,
        people=people,
        keys=keys,
        account_names=names,
        actions=sorted(ACTIONS.items(), key=lambda item: item[1]),
        older_url=_url(choice, "before", found.older),
        newer_url=_url(choice, "after", found.newer),
        text_reach=TEXT_REACH.days if filters.text and filters.since is None else None,
    )
    return make_response(html)


@blueprint.get("/audit-log/export.csv")
@reads_audit_log
def audit_log_csv() -> Response:
    """All that fit the filters, written while they are read."""
    response = stream(write_csv(_read_choice(request.args).filters()), "text/csv")
    name = f"audit-log-{utcnow().date()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _read_choice(values: MultiDict[str, str]) -> Choice:
    names = ("who", "action", "account", "object", "q", "since", "until")
    return Choice(*(_clean(values.get(name, "")) for name in names))


def _clean(text: str) -> str:
    """What no database could look for is nothing."""
    text = text.strip()[:_LONGEST]
    return text if text.isprintable() else ""


def _id(text: str) -> int | None:
    try:
        return row_id(text)
    except ValueError:
        return None


def _day(text: str, days: int = 0) -> datetime | None:
    """The beginning of that day, or of one some days after it, on the reader's clock."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return datetime.combine(day, time(), timezone()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_turn() -> Turn | None:
    for name, is_newer in (("before", False), ("after", True)):
        place = Cursor.parse(request.args.get(name))
        if place is not None:
            return Turn(place, is_newer)
    return None


def _url(choice: Choice, name: str, turn: Turn | None) -> str | None:
    return url_for("settings.audit_log", **choice.args(**{name: str(turn.place)})) if turn else None


def _row(entry: AuditEntry, account_names: dict[int, str]) -> EntryRow:
    account = account_names.get(entry.account_id, "") if entry.account_id else ""
    return EntryRow(entry, action_words(entry.action), detail_lines(entry.details), account)

"""What every page's frame needs: sections, the state of the line, the sandbox mark."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from app.models import HealthAlert
from app.queries.access import AccountScope, Actor
from app.queries.frame import Frame, read_frame
from app.queries.health_alerts import list_banners
from app.queries.work import LineState, get_line_state
from app.web.filters import ago
from app.web.identity import current_actor
from app.web.responses import wants_fragment


@dataclass(frozen=True)
class NavItem:
    """One entry of the sidebar."""

    label: str
    icon: str
    url: str
    is_current: bool
    count: int = 0
    count_word: str = "unread"


@dataclass(frozen=True)
class NavSection:
    """Entries under a heading; the first section has none."""

    heading: str
    items: list[NavItem]


# Label, icon, page, and the permission it takes; None: everybody who is signed in.
_SECTIONS: tuple[tuple[str, tuple[tuple[str, str, str, str | None], ...]], ...] = (
    (
        "",
        (
            ("Home", "home", "analytics.overview", "analytics.view"),
            ("Conversations", "messages", "console.index", "console.use"),
            ("Contacts", "users", "contacts.index", "console.use"),
            ("Bot", "robot", "bot.index", "bot.view"),
            ("Templates", "template", "message_templates.index", "message_templates.view"),
            ("Flows", "forms", "flows.index", "flows.view"),
        ),
    ),
    (
        "Connection",
        (
            ("Accounts", "building-store", "accounts.index", "accounts.view"),
            ("Webhooks", "webhook", "webhook_events.index", "webhook_events.view"),
        ),
    ),
    (
        "Administration",
        (
            ("Records", "database", "admin.index", "records.view"),
            ("Settings", "settings", "settings.profile", None),
        ),
    ),
)


_COUNT_WORDS = {"webhook_events": "parked", "settings": "switched off"}
# Doors without an entry of their own stand under another's.
_WITHIN = {"setup": "accounts", "knowledge": "bot"}


def init_context(app: Flask) -> None:
    app.context_processor(frame_context)


def frame_context() -> dict[str, Any]:
    """Variables of the signed-in frame; on public pages, and for a part of one, only what costs nothing."""
    settings = current_app.config["SETTINGS"]
    context: dict[str, Any] = {
        "is_sandbox": settings.is_sandbox,
        "sandbox_url": settings.graph_api_base_url if settings.is_sandbox else "",
        "nav": [],
        "line_state": None,
        "health_banners": [],
        "desk": None,
    }
    try:
        if current_user and current_user.is_authenticated and not wants_fragment():
            actor = current_actor()
            frame = _frame(actor)
            context["nav"] = build_nav(actor, frame)
            context |= line_context(actor)
            context["profile_url"] = url_for("settings.profile")
            context["desk"] = frame.desk if frame and _shows_desk(actor) else None
    except SQLAlchemyError:
        # An error page must come out even when the database is what failed.
        current_app.logger.warning("the page frame could not be read from the database", exc_info=True)
    return context


def line_context(actor: Actor) -> dict[str, Any]:
    """The state of the line and the banners. `line_mark` stands for what they say now: a page that has it
    needs nothing new."""
    state, banners = get_line_state(actor.scope("accounts.view")), health_banners(actor)
    mark = _mark(state, banners)
    return {
        "line_state": state,
        "health_banners": banners,
        "line_mark": mark,
        "line_state_url": url_for("analytics.line_state", seen=mark),
    }


def _mark(state: LineState, banners: list[HealthAlert]) -> str:
    told = (state.state, state.text, ago(state.last_event_at), ago(state.worker_seen_at))
    shown = [(banner.id, banner.changed_at, banner.evidence) for banner in banners]
    return f"{zlib.crc32(repr((told, shown)).encode()):08x}"


def _frame(actor: Actor) -> Frame | None:
    """None: a key's, which no page is shown to."""
    if actor.user is None:
        return None
    return read_frame(
        actor.user.id,
        console=_scope_of(actor, "console.use"),
        events=_scope_of(actor, "webhook_events.view"),
        sees_webhooks=actor.may("outgoing_webhooks.manage"),
    )


def _scope_of(actor: Actor, permission: str) -> AccountScope | None:
    return actor.scope(permission) if actor.may(permission) else None


def _shows_desk(actor: Actor) -> bool:
    """What a person who answers chose for their own work. A poll's part of a page needs none."""
    return actor.may("console.use") and not request.args.get("poll")


def health_banners(actor: Actor) -> list[HealthAlert]:
    """Troubles of accounts that this person can act on and has not put away."""
    if actor.user is None or not actor.may("accounts.manage"):
        return []
    return list_banners(actor.scope("accounts.manage"), actor.user.id)


def build_nav(actor: Actor, frame: Frame | None) -> list[NavSection]:
    counts = (
        {"console": frame.unread, "webhook_events": frame.parked, "settings": frame.switched_off}
        if frame
        else {}
    )
    sections = []
    for heading, entries in _SECTIONS:
        items = [
            _item(label, icon, endpoint, counts)
            for label, icon, endpoint, permission in entries
            if permission is None or actor.may(permission)
        ]
        if items:
            sections.append(NavSection(heading, items))
    return sections


def _item(label: str, icon: str, endpoint: str, counts: Mapping[str, int]) -> NavItem:
    door = endpoint.split(".", maxsplit=1)[0]
    is_current = _WITHIN.get(request.blueprint or "", request.blueprint) == door
    word = _COUNT_WORDS.get(door, "unread")
    return NavItem(label, icon, url_for(endpoint), is_current, counts.get(door, 0), word)

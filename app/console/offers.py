"""The buttons beside a failed message: what helps with this failure, for whoever may do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from app.models import Message, utcnow
from app.queries.access import Actor
from app.services.failures import Failure
from app.services.remedies import Remedy, remedies_for

_TOKEN_STEP = 3


@dataclass(frozen=True)
class Offer:
    """A button. `is_deed`: it is posted; else it leads somewhere. `composer_url`: the composer alone, where
    the conversation is on the page already."""

    text: str
    icon: str
    url: str
    is_deed: bool = False
    composer_url: str = ""


_PAGES: dict[Remedy, tuple[str, str, str, dict[str, Any]]] = {
    Remedy.RENEW_TOKEN: ("Update access token", "key", "setup.step", {"number": _TOKEN_STEP}),
    Remedy.OPEN_HEALTH: ("Open account health", "heart-rate-monitor", "accounts.show_health", {}),
    Remedy.OPEN_ACCOUNT: ("Open the account", "building-store", "accounts.overview", {}),
    Remedy.OPEN_MESSAGE_TEMPLATES: ("Open templates", "template", "message_templates.index", {}),
    Remedy.OPEN_FLOWS: ("Open Flows", "forms", "flows.index", {}),
}


@dataclass(frozen=True)
class Help:
    """What is offered; `not_before`: Meta wants a wait first, and until then nothing is sent again."""

    offers: tuple[Offer, ...] = ()
    not_before: datetime | None = None


_NEEDS = {
    Remedy.SEND_AGAIN: "messages.send",
    Remedy.USE_MESSAGE_TEMPLATE: "messages.send",
    Remedy.RENEW_TOKEN: "accounts.manage",
    Remedy.OPEN_HEALTH: "accounts.view",
    Remedy.OPEN_ACCOUNT: "accounts.view",
    Remedy.OPEN_MESSAGE_TEMPLATES: "message_templates.view",
    Remedy.OPEN_FLOWS: "flows.view",
}


def help_for(message: Message, failure: Failure, actor: Actor) -> Help:
    """`message` is a failed one of ours, with its conversation."""
    can_go_out = message.message_type == "template" or message.conversation.window_is_open()
    wanted = remedies_for(failure, is_window_open=can_go_out)
    not_before = _not_before(message, failure) if Remedy.SEND_AGAIN in wanted else None
    return Help(
        offers=tuple(
            _offer(remedy, message)
            for remedy in wanted
            if actor.may(_NEEDS[remedy], message.account_id)
            and not (remedy is Remedy.SEND_AGAIN and not_before)
        ),
        not_before=not_before,
    )


def _not_before(message: Message, failure: Failure) -> datetime | None:
    """Sending again at once would make it worse; None once the wait is over."""
    if failure.wait_s is None or message.failed_at is None:
        return None
    until = message.failed_at + timedelta(seconds=failure.wait_s)
    return until if until > utcnow() else None


def _offer(remedy: Remedy, message: Message) -> Offer:
    place: dict[str, Any] = {"conversation_id": message.conversation_id}
    if remedy is Remedy.SEND_AGAIN:
        url = url_for("console.retry", **place, message_id=message.id)
        return Offer("Send again", "refresh", url, is_deed=True)
    if remedy is Remedy.USE_MESSAGE_TEMPLATE:
        place["compose"] = "template"
        return Offer(
            "Use a template",
            "template",
            url_for("console.thread", **place),
            composer_url=url_for("console.composer", **place),
        )
    text, icon, endpoint, values = _PAGES[remedy]
    whose = "account" if endpoint.endswith(".index") else "account_id"
    values = {**values, whose: message.account_id}
    return Offer(text, icon, url_for(endpoint, **values))

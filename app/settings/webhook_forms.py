"""Forms of the outgoing webhooks' pages, and to what their log is narrowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectChoice, StringField, URLField
from wtforms.validators import InputRequired, Length

from app.models import Account, DeliveryState, OutgoingEvent, OutgoingWebhook
from app.queries.outgoing_webhooks import DeliveryFilters
from app.services.outgoing.webhooks import LONGEST_DESCRIPTION
from app.web.filters import timezone
from app.web.page_forms import Boxes, PageForm
from app.web.routing import row_id

EVENT_WORDS = {
    OutgoingEvent.MESSAGE_RECEIVED: "A customer’s message arrived",
    OutgoingEvent.MESSAGE_STATUS: "A message was sent, delivered, read or failed",
    OutgoingEvent.MESSAGE_TEMPLATE_STATUS: "Meta decided about a message template",
    OutgoingEvent.ACCOUNT_HEALTH: "An account needs attention, or is well again",
    OutgoingEvent.TEST: "Test event",
}
STATE_WORDS = {
    DeliveryState.WAITING: "Waiting",
    DeliveryState.SENDING: "Sending",
    DeliveryState.DELIVERED: "Delivered",
    DeliveryState.FAILED: "Failed",
}
_ALL, _SOME = "all", "some"
_LOCAL = "%Y-%m-%dT%H:%M"


class WebhookForm(PageForm):
    """An outgoing webhook but its secret."""

    url = URLField("Address", [InputRequired("Enter the address that events are posted to.")])
    description = StringField(
        "Name", [Length(max=LONGEST_DESCRIPTION, message=f"Use at most {LONGEST_DESCRIPTION} characters.")]
    )
    events = Boxes(
        "Events",
        choices=[
            SelectChoice(event.value, words)
            for event, words in EVENT_WORDS.items()
            if event is not OutgoingEvent.TEST
        ],
    )
    which = RadioField(
        "Accounts",
        choices=(
            SelectChoice(_ALL, "All accounts, also those that are connected later"),
            SelectChoice(_SOME, "Only these:"),
        ),
        default=_ALL,
    )
    account_ids = Boxes("Chosen accounts", coerce=int)

    def offer(self, accounts: list[Account]) -> None:
        """The accounts that can be ticked."""
        self.account_ids.choices = [SelectChoice(account.id, account.name) for account in accounts]

    def values(self, *, is_on: bool) -> dict[str, Any]:
        """As the service takes them."""
        return {
            "url": self.url.data or "",
            "description": self.description.data or "",
            "events": list(self.events.data or []),
            "is_for_all": self.which.data == _ALL,
            "account_ids": list(self.account_ids.data or []),
            "is_on": is_on,
        }

    @staticmethod
    def stored(webhook: OutgoingWebhook) -> dict[str, Any]:
        """What the fields show before anything is typed."""
        return {
            "url": webhook.url,
            "description": webhook.description,
            "events": webhook.events,
            "which": _ALL if webhook.is_for_all else _SOME,
            "account_ids": webhook.account_ids,
        }


@dataclass(frozen=True)
class Narrowing:
    """The log's filters as people chose them."""

    filters: DeliveryFilters

    def args(self, **more: Any) -> dict[str, Any]:
        """As an address carries them; empty ones are left out."""
        filters = self.filters
        values: dict[str, Any] = {
            "webhook": filters.webhook_id,
            "account": filters.account_id,
            "event": filters.event.value if filters.event else None,
            "state": filters.state.value if filters.state else None,
            "since": self.local(filters.since),
            "until": self.local(filters.until),
            **more,
        }
        return {name: value for name, value in values.items() if value}

    @staticmethod
    def local(at: datetime | None) -> str:
        """For `<input type="datetime-local">`."""
        return at.astimezone(timezone()).strftime(_LOCAL) if at else ""


def read_narrowing(values: MultiDict[str, str]) -> Narrowing:
    """Out of an address or a form; nonsense counts as nothing."""
    event, state = values.get("event", ""), values.get("state", "")
    return Narrowing(
        DeliveryFilters(
            webhook_id=values.get("webhook", type=row_id),
            account_id=values.get("account", type=row_id),
            event=OutgoingEvent(event) if event in set(OutgoingEvent) else None,
            state=DeliveryState(state) if state in set(DeliveryState) else None,
            since=_moment(values.get("since", "")),
            until=_moment(values.get("until", "")),
        )
    )


def _moment(text: str) -> datetime | None:
    """What a date field gives is the time of the person's own clock."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=timezone())).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

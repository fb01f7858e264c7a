"""Meta apps: the app that holds the secret and gets the webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, node, succeeded

WEBHOOK_OBJECT = "whatsapp_business_account"


@dataclass(frozen=True, slots=True)
class App:
    """A Meta app."""

    app_id: str
    name: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class AppSubscription:
    """Where an app's events go when no account or number says otherwise, and which ones."""

    object: str
    callback_url: str | None = None
    is_active: bool = True
    fields: tuple[str, ...] = ()


class Apps:
    """`client.apps`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, app_id: str) -> App:
        """The app's name; GraphRejected or GraphBlocked if the token may not see it."""
        found = self._call("GET", node(app_id), params={"fields": "id,name,link"}).data
        return App(
            app_id=reading.text(found.get("id")) or app_id,
            name=reading.text(found.get("name")),
            link=reading.text(found.get("link")),
        )

    def list_subscriptions(self, app_id: str, app_secret: str) -> list[AppSubscription]:
        """The app's own callbacks, asked for with the app's own token. Form of the answer (unverified)."""
        path = f"{node(app_id)}/subscriptions"
        answer = self._call("GET", path, token=f"{app_id}|{app_secret}", app_secret=app_secret)
        return [_subscription(found) for found in reading.mappings(answer.data.get("data"))]

    def subscribe(
        self, app_id: str, app_secret: str, *, callback_url: str, verify_token: str, fields: Sequence[str]
    ) -> bool:
        """Set the app's own callback for WhatsApp events; an earlier one is replaced.

        Meta calls `callback_url` at once with `verify_token`. Account and message-template events
        always go here; only `messages` follows an override of an account or number.
        Source: Meta docs, "Webhooks: subscriptions" and "Webhook overrides" pages, read 2026-09.
        """
        answer = self._call(
            "POST",
            f"{node(app_id)}/subscriptions",
            body={
                "object": WEBHOOK_OBJECT,
                "callback_url": callback_url,
                "verify_token": verify_token,
                "fields": ",".join(fields),
                "include_values": True,
            },
            token=f"{app_id}|{app_secret}",
            app_secret=app_secret,
        )
        return succeeded(answer)

    def unsubscribe(self, app_id: str, app_secret: str, *, fields: Sequence[str] = ()) -> bool:
        """Take the app's callback for WhatsApp events away, or only these fields (unverified)."""
        params = {"object": WEBHOOK_OBJECT}
        if fields:
            params["fields"] = ",".join(fields)
        answer = self._call(
            "DELETE",
            f"{node(app_id)}/subscriptions",
            params=params,
            token=f"{app_id}|{app_secret}",
            app_secret=app_secret,
        )
        return succeeded(answer)


def _subscription(found: dict[str, Any]) -> AppSubscription:
    listed = reading.items(found.get("fields"))
    names = (
        reading.text(item.get("name")) if isinstance(item, dict) else reading.text(item) for item in listed
    )
    return AppSubscription(
        object=reading.text(found.get("object")) or "",
        callback_url=reading.text(found.get("callback_url")),
        is_active=reading.boolean(found.get("active")) is not False,
        fields=tuple(name for name in names if name),
    )

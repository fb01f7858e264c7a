"""WhatsApp Business accounts (WABAs).

Source: Meta docs, "WhatsApp Business account" and "Subscribed apps" pages, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.graph import phone_numbers, reading
from app.graph.call_info import CallInfo
from app.graph.calls import Caller, created_id, each, node, post, succeeded
from app.graph.health import HealthStatus, read_health
from app.graph.phone_numbers import PhoneNumber, read_phone_number
from app.graph.problems import Problem, refuse

FIELDS = (
    "id,name,currency,country,timezone_id,account_review_status,business_verification_status,"
    "status,ownership_type,owner_business_info,message_template_namespace,health_status,"
    "whatsapp_business_manager_messaging_limit"
)
MOST_NAME_CHARACTERS = 100
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Waba:
    """An account as Meta describes it; what Meta left out is None, enum values are as they came.

    `timezone_id` is Meta's own number; `business_verification_status` is lower case (`verified`).
    """

    waba_id: str
    name: str | None = None
    currency: str | None = None
    country: str | None = None
    timezone_id: str | None = None
    account_review_status: str | None = None
    business_verification_status: str | None = None
    status: str | None = None
    ownership_type: str | None = None
    owner_business_id: str | None = None
    owner_business_name: str | None = None
    message_template_namespace: str | None = None
    messaging_limit: str | None = None
    health: HealthStatus | None = None
    info: CallInfo = field(default_factory=CallInfo, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SubscribedApp:
    """An app that gets the account's webhooks, and where to if not to its own callback."""

    app_id: str
    name: str | None = None
    link: str | None = None
    override_callback_uri: str | None = None


class Accounts:
    """`client.accounts`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, waba_id: str) -> Waba:
        """The account with its review state, owner, limit and health."""
        answer = self._call("GET", node(waba_id), params={"fields": FIELDS})
        return read_waba({"id": waba_id, **answer.data}, answer.info)

    def update(
        self,
        waba_id: str,
        *,
        name: str | None = None,
        timezone_id: str | None = None,
        is_enabled_for_insights: bool | None = None,
        disable_marketing_messages_on_cloud_api: bool | None = None,
        template_auto_archival_enabled: bool | None = None,
    ) -> bool:
        """Change what is given. `name` has at most 100 characters.

        Insights into message templates can never be switched off again. With marketing messages
        off, `messages.send` refuses marketing message templates (131063).
        """
        if name is not None and not 1 <= len(name) <= MOST_NAME_CHARACTERS:
            refuse([Problem("name", "The account's name has 1 to 100 characters.", "too_long")])
        body: dict[str, object] = {
            "name": name,
            "timezone_id": timezone_id,
            "is_enabled_for_insights": is_enabled_for_insights,
            "disable_marketing_messages_on_cloud_api": disable_marketing_messages_on_cloud_api,
            "template_auto_archival_enabled": template_auto_archival_enabled,
        }
        return post(self._call, node(waba_id), body)

    def add_phone_number(
        self, waba_id: str, *, country_code: str, phone_number: str, verified_name: str
    ) -> str:
        """Add a number and answer its id; a code and the registration follow (`phone_numbers`).

        `country_code` (`49`) and the number without it, digits only; `verified_name` is the name
        that customers will see. Two numbers for a new business, twenty once it is verified.
        """
        if not (country_code.isdecimal() and phone_number.isdecimal()):
            refuse([Problem("phone_number", "Country code and number have digits only.", "bad_phone")])
        body = {"cc": country_code, "phone_number": phone_number, "verified_name": verified_name}
        return created_id(self._call("POST", f"{node(waba_id)}/phone_numbers", body=body), "number")

    def list_phone_numbers(self, waba_id: str) -> list[PhoneNumber]:
        """All numbers of the account, over all pages."""
        path = f"{node(waba_id)}/phone_numbers"
        pages = each(self._call, path, {"fields": phone_numbers.FIELDS, "limit": _PAGE})
        return [read_phone_number(found) for found in pages]

    def subscribe(
        self, waba_id: str, callback_url: str | None = None, verify_token: str | None = None
    ) -> bool:
        """Let the token's app get this account's webhooks, at an address of its own if given.

        Meta calls `callback_url` (at most 200 characters) at once with `verify_token`. Without
        it an address given earlier is removed and the app's own callback counts again.
        """
        body: dict[str, object] = {}
        if callback_url is not None:
            body = {"override_callback_uri": callback_url, "verify_token": verify_token or ""}
        return succeeded(self._call("POST", f"{node(waba_id)}/subscribed_apps", body=body))

    def unsubscribe(self, waba_id: str) -> bool:
        """Stop this account's webhooks to the token's app."""
        return succeeded(self._call("DELETE", f"{node(waba_id)}/subscribed_apps"))

    def list_subscribed_apps(self, waba_id: str) -> list[SubscribedApp]:
        """The apps that get this account's webhooks; without one Meta sends nothing."""
        path = f"{node(waba_id)}/subscribed_apps"
        return [_subscribed_app(found) for found in each(self._call, path, {})]


def read_waba(found: Mapping[str, Any], info: CallInfo | None = None) -> Waba:
    """Read an account node."""
    owner = reading.mapping(found.get("owner_business_info"))
    return Waba(
        waba_id=reading.text(found.get("id")) or "",
        name=reading.text(found.get("name")),
        currency=reading.text(found.get("currency")),
        country=reading.text(found.get("country")),
        timezone_id=reading.text(found.get("timezone_id")),
        account_review_status=reading.text(found.get("account_review_status")),
        business_verification_status=reading.text(found.get("business_verification_status")),
        status=reading.text(found.get("status")),
        ownership_type=reading.text(found.get("ownership_type")),
        owner_business_id=reading.text(owner.get("id")),
        owner_business_name=reading.text(owner.get("name")),
        message_template_namespace=reading.text(found.get("message_template_namespace")),
        messaging_limit=reading.text(found.get("whatsapp_business_manager_messaging_limit")),
        health=read_health(found.get("health_status")),
        info=info or CallInfo(),
    )


def _subscribed_app(found: Mapping[str, Any]) -> SubscribedApp:
    app = reading.mapping(found.get("whatsapp_business_api_data"))
    return SubscribedApp(
        app_id=reading.text(app.get("id")) or "",
        name=reading.text(app.get("name")),
        link=reading.text(app.get("link")),
        override_callback_uri=reading.text(found.get("override_callback_uri")),
    )

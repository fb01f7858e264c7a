"""Phone numbers. Source: Meta docs, "Phone numbers" pages, read 2026-09."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.graph import reading
from app.graph.call_info import CallInfo
from app.graph.calls import Caller, node, post, succeeded
from app.graph.health import HealthStatus, read_health
from app.graph.problems import Problem, refuse

FIELDS = (
    "id,display_phone_number,verified_name,status,quality_rating,code_verification_status,"
    "name_status,platform_type,throughput,account_mode,"
    "whatsapp_business_manager_messaging_limit,messaging_limit_tier,health_status,"
    "webhook_configuration,is_official_business_account,is_pin_enabled,is_on_biz_app"
)
_NAME_FIELDS = "id,display_phone_number,verified_name,name_status,new_display_name,new_name_status"


CODE_METHODS = ("SMS", "VOICE")
MOST_URL_CHARACTERS = 200
_PIN = re.compile(r"[0-9]{6}", re.ASCII)
_CODE = re.compile(r"[0-9]{4,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A business number as Meta describes it; what Meta left out is None.

    Enum values are Meta's words as they came, also ones newer than this code: `status` CONNECTED
    (needed to send), PENDING, BANNED, …; `quality_rating` GREEN, YELLOW, RED, UNKNOWN;
    `messaging_limit` TIER_250 … TIER_UNLIMITED; `throughput_level` STANDARD, HIGH.
    """

    phone_number_id: str
    display_phone_number: str | None = None
    verified_name: str | None = None
    status: str | None = None
    quality_rating: str | None = None
    code_verification_status: str | None = None
    name_status: str | None = None
    platform_type: str | None = None
    throughput_level: str | None = None
    account_mode: str | None = None
    messaging_limit: str | None = None
    is_official_business_account: bool | None = None
    is_pin_enabled: bool | None = None
    is_on_biz_app: bool | None = None
    webhook_urls: Mapping[str, str] = field(default_factory=dict)
    health: HealthStatus | None = None
    new_display_name: str | None = None
    new_name_status: str | None = None
    info: CallInfo = field(default_factory=CallInfo, compare=False, repr=False)


class PhoneNumbers:
    """`client.phone_numbers`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, phone_number_id: str) -> PhoneNumber:
        """The number with its state, quality, limit and health."""
        answer = self._call("GET", node(phone_number_id), params={"fields": FIELDS})
        return read_phone_number({"id": phone_number_id, **answer.data}, answer.info)

    def register(self, phone_number_id: str, pin: str) -> bool:
        """Register the number for the Cloud API.

        `pin`: six digits; sets the two-step PIN if there is none yet, otherwise it must match. Ten
        calls per number in 72 hours.
        """
        body = {"messaging_product": "whatsapp", "pin": pin}
        return succeeded(self._call("POST", f"{node(phone_number_id)}/register", body=body))

    def deregister(self, phone_number_id: str) -> bool:
        """Take the number off the Cloud API; it shares the ten calls in 72 hours."""
        return post(self._call, f"{node(phone_number_id)}/deregister")

    def request_code(self, phone_number_id: str, *, method: str = "SMS", language: str = "en_US") -> bool:
        """Have Meta send a code to the number, by `SMS` or `VOICE`, in a language like `en_US`."""
        if method not in CODE_METHODS:
            refuse([Problem("code_method", "The code comes by SMS or VOICE.", "not_allowed")])
        body = {"code_method": method, "language": language}
        return post(self._call, f"{node(phone_number_id)}/request_code", body)

    def verify_code(self, phone_number_id: str, code: str) -> bool:
        """Prove that the number is ours, with the code that came; its hyphen is left out."""
        digits = code.replace("-", "").replace(" ", "")
        if not _CODE.fullmatch(digits):
            refuse([Problem("code", "The code has digits only.", "bad_code")])
        return post(self._call, f"{node(phone_number_id)}/verify_code", {"code": digits})

    def set_pin(self, phone_number_id: str, pin: str) -> bool:
        """Set or change the two-step PIN, six digits. No call of Meta's switches it off again."""
        refuse(check_pin(pin))
        return post(self._call, node(phone_number_id), {"pin": pin})

    def request_display_name(self, phone_number_id: str, name: str) -> bool:
        """Ask for another name for customers to see; register again once Meta has approved it."""
        if not name.strip():
            refuse([Problem("new_display_name", "The name is missing.", "missing")])
        return post(self._call, node(phone_number_id), {"new_display_name": name})

    def get_display_name(self, phone_number_id: str) -> PhoneNumber:
        """Only the names of the number and how far Meta's review is."""
        answer = self._call("GET", node(phone_number_id), params={"fields": _NAME_FIELDS})
        return read_phone_number({"id": phone_number_id, **answer.data}, answer.info)

    def set_webhook(self, phone_number_id: str, callback_url: str, verify_token: str) -> bool:
        """Send this number's `messages` webhooks to an address of its own (200 characters).

        Meta calls it at once with `verify_token`. It goes before the account's and the app's.
        """
        if not callback_url.startswith("http") or len(callback_url) > MOST_URL_CHARACTERS:
            refuse([Problem("override_callback_uri", "The address has at most 200 characters.", "bad_link")])
        override = {"override_callback_uri": callback_url, "verify_token": verify_token}
        return post(self._call, node(phone_number_id), {"webhook_configuration": override})

    def clear_webhook(self, phone_number_id: str) -> bool:
        """Take the number's own address away; the account's or the app's counts again."""
        override = {"override_callback_uri": ""}
        return post(self._call, node(phone_number_id), {"webhook_configuration": override})


def check_pin(pin: str) -> list[Problem]:
    """What Meta would refuse as a two-step PIN."""
    return [] if _PIN.fullmatch(pin) else [Problem("pin", "A PIN has six digits.", "bad_pin")]


def read_phone_number(found: Mapping[str, Any], info: CallInfo | None = None) -> PhoneNumber:
    """Read a phone-number node."""
    return PhoneNumber(
        phone_number_id=reading.text(found.get("id")) or "",
        display_phone_number=reading.text(found.get("display_phone_number")),
        verified_name=reading.text(found.get("verified_name")),
        status=reading.text(found.get("status")),
        quality_rating=reading.text(found.get("quality_rating")),
        code_verification_status=reading.text(found.get("code_verification_status")),
        name_status=reading.text(found.get("name_status")),
        platform_type=reading.text(found.get("platform_type")),
        throughput_level=reading.text(reading.mapping(found.get("throughput")).get("level")),
        account_mode=reading.text(found.get("account_mode")),
        messaging_limit=_limit(found),
        is_official_business_account=reading.boolean(found.get("is_official_business_account")),
        is_pin_enabled=reading.boolean(found.get("is_pin_enabled")),
        is_on_biz_app=reading.boolean(found.get("is_on_biz_app")),
        webhook_urls=_urls(found.get("webhook_configuration")),
        health=read_health(found.get("health_status")),
        new_display_name=reading.text(found.get("new_display_name")),
        new_name_status=reading.text(found.get("new_name_status")),
        info=info or CallInfo(),
    )


def _limit(found: Mapping[str, Any]) -> str | None:
    """The portfolio's limit (v24+), or what older versions call `messaging_limit_tier`."""
    return reading.text(found.get("whatsapp_business_manager_messaging_limit")) or reading.text(
        found.get("messaging_limit_tier")
    )


def _urls(value: object) -> dict[str, str]:
    pairs = {key: reading.text(url) for key, url in reading.mapping(value).items()}
    return {key: url for key, url in pairs.items() if url}

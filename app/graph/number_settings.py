"""Settings of a number: calls, identity checks, encryption, where messages are kept.

Source: Meta docs, "Phone number settings" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, Params, node, post
from app.graph.checking import Spot
from app.graph.problems import Problem, refuse

FEATURES = ("calling", "user_identity_change", "payload_encryption", "storage_configuration")
ON_OFF = ("ENABLED", "DISABLED")
ICON_VISIBILITY = ("DEFAULT", "DISABLE_ALL")
STORAGE = ("DEFAULT", "IN_COUNTRY_STORAGE_ENABLED", "NO_STORAGE_ENABLED")
REGIONS = ("AU", "ID", "IN", "JP", "SG", "KR", "DE", "CH", "GB", "BR", "BH", "ZA", "AE", "CA")


@dataclass(frozen=True, slots=True)
class NumberSettings:
    """What Meta says of each feature, as Meta's objects (`calling` may hold SIP passwords)."""

    calling: Mapping[str, Any] = field(default_factory=dict, repr=False)
    user_identity_change: Mapping[str, Any] = field(default_factory=dict)
    payload_encryption: Mapping[str, Any] = field(default_factory=dict, repr=False)
    storage_configuration: Mapping[str, Any] = field(default_factory=dict)

    @property
    def calling_status(self) -> str | None:
        """ENABLED or DISABLED, in capitals whichever way Meta writes it; None if not said."""
        return (reading.text(self.calling.get("status")) or "").upper() or None


class NumberSettingsEdge:
    """`client.number_settings`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, phone_number_id: str, *, with_sip_credentials: bool = False) -> NumberSettings:
        """All settings of the number."""
        params: Params = {"include_sip_credentials": "true"} if with_sip_credentials else {}
        found = self._call("GET", f"{node(phone_number_id)}/settings", params=params).data
        return NumberSettings(**{name: reading.mapping(found.get(name)) for name in FEATURES})

    def update(self, phone_number_id: str, feature: str, values: Mapping[str, object]) -> bool:
        """Change one feature; Meta takes one in a call. Raises InvalidPayload.

        `storage_configuration` can be changed only while the number is not registered.
        """
        refuse(check_settings(feature, values))
        return post(self._call, f"{node(phone_number_id)}/settings", {feature: dict(values)})


def check_settings(feature: str, values: Mapping[str, object]) -> list[Problem]:
    """What Meta would refuse in the settings of a feature."""
    problems: list[Problem] = []
    if not Spot(feature, "feature", problems).choice("The feature", FEATURES):
        return problems
    spot = Spot(dict(values), feature, problems)
    if feature == "calling":
        spot["status"].choice("The status", ON_OFF, required=False)
        spot["call_icon_visibility"].choice("The call button", ICON_VISIBILITY, required=False)
        spot["callback_permission_status"].choice("The call-back permission", ON_OFF, required=False)
    elif feature == "user_identity_change":
        spot["enable_identity_key_check"].flag("The identity check")
    elif feature == "payload_encryption":
        spot["status"].choice("The status", ON_OFF)
    else:
        _check_storage(spot)
    return problems


def _check_storage(spot: Spot) -> None:
    status = spot["status"].choice("The kind of storage", STORAGE)
    is_local = status == "IN_COUNTRY_STORAGE_ENABLED"
    spot["data_localization_region"].choice("The region", REGIONS, required=is_local)
    if not spot["retention_minutes"].is_missing:
        spot["retention_minutes"].whole("The minutes of storage", 60, 43_200)

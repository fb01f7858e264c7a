"""Catalogue and cart of a number. Source: Meta docs, "Commerce settings" page, read 2026-09."""

from __future__ import annotations

from dataclasses import dataclass

from app.graph import reading
from app.graph.calls import Caller, Params, node, succeeded


@dataclass(frozen=True, slots=True)
class CommerceSettings:
    """`catalog_id` is the catalogue shown; None if none is connected."""

    catalog_id: str | None = None
    is_cart_enabled: bool | None = None
    is_catalog_visible: bool | None = None


class Commerce:
    """`client.commerce`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, phone_number_id: str) -> CommerceSettings:
        """The number's settings; an empty object if it never had any."""
        answer = self._call("GET", f"{node(phone_number_id)}/whatsapp_commerce_settings")
        found = next(iter(reading.mappings(answer.data.get("data"))), {})
        return CommerceSettings(
            catalog_id=reading.text(found.get("id")),
            is_cart_enabled=reading.boolean(found.get("is_cart_enabled")),
            is_catalog_visible=reading.boolean(found.get("is_catalog_visible")),
        )

    def update(
        self,
        phone_number_id: str,
        *,
        is_cart_enabled: bool | None = None,
        is_catalog_visible: bool | None = None,
    ) -> bool:
        """Change what is given."""
        wanted = {"is_cart_enabled": is_cart_enabled, "is_catalog_visible": is_catalog_visible}
        params: Params = {name: str(value).lower() for name, value in wanted.items() if value is not None}
        path = f"{node(phone_number_id)}/whatsapp_commerce_settings"
        return succeeded(self._call("POST", path, params=params))

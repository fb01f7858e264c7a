"""The fields for one value of a message template, by its kind, and what they come to in Meta's form.

Source of the objects: Meta docs, "Send message templates" page, read 2026-09.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_wtf.file import FileField
from wtforms import DateTimeLocalField, DecimalField, Field, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.services.message_template_text import Variable
from app.web.filters import timezone

FILES = frozenset({"image", "video", "document"})
_LONGEST_VALUE = 1024
_LONGEST_ID = 200
_QUIET = {"autocomplete": "off"}
_PRODUCTS_HELP = "One product’s content id a line; a line that ends with a colon begins a section."


def field_name(blank: Variable) -> str:
    return "value_" + re.sub(r"\W", "_", blank.key)


def fields_of(blank: Variable) -> dict[str, Field]:
    """By name; unbound, to be put into a form's class."""
    name = field_name(blank)
    if blank.kind in FILES:
        return _file(name, blank)
    if blank.kind == "location":
        return _location(name, blank)
    if blank.kind == "product":
        return {
            f"{name}_product": _text(f"{blank.label}: its content id", _LONGEST_ID),
            f"{name}_catalog": _text(f"{blank.label}: id of its catalogue", _LONGEST_ID),
        }
    if blank.kind == "products":
        return {
            f"{name}_shown": _text("Product whose picture is shown", _LONGEST_ID),
            f"{name}_list": TextAreaField(
                f"{blank.label}",
                [DataRequired("Name the products."), _limit(4000)],
                description=_PRODUCTS_HELP,
            ),
        }
    if blank.kind == "expires_at":
        return {name: DateTimeLocalField(blank.label, [DataRequired("Say when the offer ends.")])}
    most = blank.most_characters or _LONGEST_VALUE
    return {name: _text(blank.label, most, hint=blank.example)}


def value_of(blank: Variable, data: Mapping[str, Any]) -> Any:
    """What was given, in Meta's form; None for nothing (or for a file that is yet to be uploaded)."""
    name = field_name(blank)
    if blank.kind == "location":
        return _place(name, data)
    if blank.kind == "product":
        product, catalog = data.get(f"{name}_product"), data.get(f"{name}_catalog")
        return {"product_retailer_id": product, "catalog_id": catalog} if product and catalog else None
    if blank.kind == "products":
        return _products(data.get(f"{name}_shown"), data.get(f"{name}_list") or "")
    given = data.get(name)
    if blank.kind == "expires_at":
        return _moment_ms(given) if isinstance(given, datetime) else None
    return (given or "").strip() or None


def _limit(most: int) -> Length:
    return Length(max=most, message=f"This is too long. WhatsApp allows {most:,} characters.")


def _text(label: str, most: int, hint: str = "") -> Field:
    attributes = {**_QUIET, "placeholder": hint}
    return StringField(label, [DataRequired("Give a value."), _limit(most)], render_kw=attributes)


def _file(name: str, blank: Variable) -> dict[str, Field]:
    """By its address, or from this computer."""
    label = f"{blank.label}: its address on the web"
    return {
        name: StringField(label, [Optional(), _limit(2000)], render_kw={**_QUIET, "placeholder": "https://"}),
        f"{name}_file": FileField(f"{blank.label}: or a file from here"),
    }


def _location(name: str, blank: Variable) -> dict[str, Field]:
    def degrees(most: int) -> list[Any]:
        said = f"Degrees from -{most} to {most}, such as 51.5034."
        return [InputRequired(said), NumberRange(-most, most, said)]

    return {
        f"{name}_latitude": DecimalField(f"{blank.label}: latitude", degrees(90), render_kw=_QUIET),
        f"{name}_longitude": DecimalField(f"{blank.label}: longitude", degrees(180), render_kw=_QUIET),
        f"{name}_name": _text("Name of the place", _LONGEST_VALUE),
        f"{name}_address": _text("Address of the place", _LONGEST_VALUE),
    }


def _place(name: str, data: Mapping[str, Any]) -> dict[str, Any] | None:
    latitude, longitude = data.get(f"{name}_latitude"), data.get(f"{name}_longitude")
    if latitude is None or longitude is None:
        return None
    words = {key: data.get(f"{name}_{key}") or "" for key in ("name", "address")}
    return {"latitude": str(latitude), "longitude": str(longitude), **words}


def _moment_ms(given: datetime) -> int:
    """Typed in the person's own zone."""
    return int(given.replace(tzinfo=timezone()).astimezone(UTC).timestamp() * 1000)


def _products(shown: str | None, text: str) -> dict[str, Any] | None:
    sections: list[dict[str, Any]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.endswith(":"):
            sections.append({"title": line[:-1].strip(), "product_items": []})
            continue
        if not sections:
            sections.append({"title": "Products", "product_items": []})
        sections[-1]["product_items"].append({"product_retailer_id": line})
    filled = [section for section in sections if section["product_items"]]
    return {"thumbnail_product_retailer_id": shown, "sections": filled} if shown and filled else None

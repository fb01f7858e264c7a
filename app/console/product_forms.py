"""Products of a catalogue that an agent shows: one, several, or the whole catalogue.

They are named by the shop's own ids, which is all that a message carries of them. Source of the objects and
limits: Meta docs, "Interactive messages" pages, read 2026-09.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from app.console.forms import EdgedForm, limit

_CATALOGUE = re.compile(r"\d{5,32}", re.ASCII)
_MOST_PRODUCTS, _MOST_SECTIONS = 30, 10
_LONGEST_ID = 100
_LONGEST_TITLE = 24
WHOLE = "catalogue"


class ProductsForm(EdgedForm):
    """What is chosen decides Meta's kind of message: catalog_message, product or product_list."""

    what = SelectField(
        "Show",
        choices=[
            SelectChoice("products", "One or several products"),
            SelectChoice(WHOLE, "The whole catalogue"),
        ],
        default="products",
    )
    catalog = StringField("Id of the catalogue", [Optional(), limit(32)], render_kw={"inputmode": "numeric"})
    products = TextAreaField(
        "Products",
        [Optional(), limit(4000)],
        description="One product’s content id a line; a line that ends with a colon begins a section.",
        render_kw={"rows": 3, "spellcheck": "false"},
    )
    body = TextAreaField("Text", [Optional(), limit(1024)])

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = bool(super().validate(extra_validators))
        problems = list(self._problems_of_whole() if self.is_whole else self._problems_of_products())
        for name, why in problems:
            self[name].errors = [*self[name].errors, why]
        return is_right and not problems

    @property
    def is_whole(self) -> bool:
        return bool(self.what.data == WHOLE)

    @property
    def _sections(self) -> list[tuple[str, list[str]]]:
        """(title, content ids), those without a product left out."""
        found: list[tuple[str, list[str]]] = [("", [])]
        for line in (self.products.data or "").splitlines():
            text = line.strip()
            if text.endswith(":"):
                found.append((text[:-1].strip(), []))
            elif text:
                found[-1][1].append(text)
        return [section for section in found if section[1]]

    @property
    def _ids(self) -> list[str]:
        return [id_ for _, ids in self._sections for id_ in ids]

    def _given(self, name: str) -> str:
        return (self[name].data or "").strip()

    def _problems_of_whole(self) -> Iterator[tuple[str, str]]:
        if not self._given("body"):
            yield "body", "Write the text above the button."
        if self._given("header"):
            yield "header", "A message with the whole catalogue has no header. Take it away."
        if len(self._ids) > 1:
            yield "products", "Name one product at most, whose picture is shown."

    def _problems_of_products(self) -> Iterator[tuple[str, str]]:
        ids = self._ids
        if not _CATALOGUE.fullmatch(self._given("catalog")):
            yield "catalog", "Give the catalogue’s id, a number; Meta’s Commerce Manager shows it."
        if not ids:
            yield "products", "Name at least one product by its content id."
        if len(ids) == 1 and self._given("header"):
            yield "header", "A message with one product has no header. Take it away."
        if any(len(id_) > _LONGEST_ID for id_ in ids):
            yield "products", f"A content id has up to {_LONGEST_ID} characters. Write one a line."
        if len(ids) > 1:
            yield from self._problems_of_several(ids)

    def _problems_of_several(self, ids: list[str]) -> Iterator[tuple[str, str]]:
        sections = self._sections
        if not self._given("body"):
            yield "body", "Write the text above the products."
        if not self._given("header"):
            yield "header", "Several products need a header above the text."
        if len(ids) > _MOST_PRODUCTS:
            yield "products", f"WhatsApp shows {_MOST_PRODUCTS} products at most; these are {len(ids)}."
        if len(set(ids)) < len(ids):
            yield "products", "A product is named twice."
        if len(sections) > _MOST_SECTIONS:
            yield "products", f"There are {_MOST_SECTIONS} sections at most."
        if len(sections) > 1 and not sections[0][0]:
            yield "products", "With several sections each needs a title: begin with a line such as “Teas:”."
        if any(len(title) > _LONGEST_TITLE for title, _ in sections):
            yield "products", f"A section’s title has up to {_LONGEST_TITLE} characters."

    def content(self) -> dict[str, Any]:
        ids, catalogue = self._ids, self._given("catalog")
        if self.is_whole:
            options = {"parameters": {"thumbnail_product_retailer_id": ids[0]}} if ids else {}
            return self._message("catalog_message", {"name": "catalog_message", **options})
        if len(ids) == 1:
            return self._message("product", {"catalog_id": catalogue, "product_retailer_id": ids[0]})
        sections = [
            {
                **({"title": title} if title else {}),
                "product_items": [{"product_retailer_id": id_} for id_ in listed],
            }
            for title, listed in self._sections
        ]
        return self._message("product_list", {"catalog_id": catalogue, "sections": sections})

    def _message(self, kind: str, action: dict[str, Any]) -> dict[str, Any]:
        text = self._given("body")
        return self.edged({"type": kind, **({"body": {"text": text}} if text else {}), "action": action})

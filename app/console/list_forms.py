"""A list that opens from a message: up to ten entries, under the titles of sections or under none.

Source of the limits: Meta docs, "Interactive list messages" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wtforms import Form, FormField, StringField, TextAreaField
from wtforms.fields import FieldList
from wtforms.validators import DataRequired, Optional, ValidationError

from app.console.forms import EdgedForm, limit

MOST_ROWS = 10


class ListRowForm(Form):  # type: ignore[misc]
    """One entry; with `section` a new section begins at it."""

    section = StringField("Section", [Optional(), limit(24)])
    title = StringField("Entry", [Optional(), limit(24)])
    description = StringField("Description", [Optional(), limit(72)])

    def given(self, name: str) -> str:
        return (self[name].data or "").strip()

    def refuse(self, name: str, why: str) -> None:
        self[name].errors = [*self[name].errors, why]


@dataclass
class _Section:
    title: str = ""
    begins_at: ListRowForm | None = None
    rows: list[ListRowForm] = field(default_factory=list)


class ListForm(EdgedForm):
    """A text with a button that opens a list."""

    body = TextAreaField("Text", [DataRequired("Write the text above the list."), limit(4096)])
    button = StringField(
        "Button that opens the list", [DataRequired("Name the button that opens the list."), limit(20)]
    )
    rows = FieldList(FormField(ListRowForm), min_entries=MOST_ROWS, max_entries=MOST_ROWS)

    def validate_rows(self, _field: FieldList) -> None:
        if not self.filled_rows:
            raise ValidationError("Write at least one entry.")

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = bool(super().validate(extra_validators))
        problems = list(self._problems()) if self.filled_rows else []
        for row, name, why in problems:
            row.refuse(name, why)
        return is_right and not problems

    def _problems(self) -> Iterator[tuple[ListRowForm, str, str]]:
        """Beside which field of which entry, and what is wrong."""
        for row in self._entries:
            if row.given("description") and not row.given("title"):
                yield row, "title", "Name the entry too: a description has none beside it."
        sections = self._sections()
        for one in sections:
            if one.begins_at is not None and not one.rows:
                yield one.begins_at, "section", "This section has no entry. Write one, or empty its title."
        filled = [one for one in sections if one.rows]
        if len(filled) > 1 and not filled[0].title:
            why = "With several sections each needs a title, the first one too."
            yield filled[0].rows[0], "section", why

    @property
    def _entries(self) -> list[ListRowForm]:
        return [entry.form for entry in self.rows]

    @property
    def filled_rows(self) -> list[ListRowForm]:
        return [row for row in self._entries if row.given("title")]

    def _sections(self) -> list[_Section]:
        """In their order; the first one without a title where entries stand above the first title."""
        found = [_Section()]
        for row in self._entries:
            if title := row.given("section"):
                found.append(_Section(title, row))
            if row.given("title"):
                found[-1].rows.append(row)
        return found if found[0].rows else found[1:]

    def content(self) -> dict[str, Any]:
        numbers = iter(range(1, MOST_ROWS + 1))
        sections = [
            {
                **({"title": one.title} if one.title else {}),
                "rows": [_row(next(numbers), row) for row in one.rows],
            }
            for one in self._sections()
        ]
        action = {"button": self.button.data, "sections": sections}
        return self.edged({"type": "list", "body": {"text": self.body.data}, "action": action})


def _row(number: int, row: ListRowForm) -> dict[str, str]:
    made = {"id": f"row-{number}", "title": row.given("title")}
    description = row.given("description")
    return made | ({"description": description} if description else {})

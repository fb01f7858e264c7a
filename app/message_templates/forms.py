"""The plain editor of a message template: texts, samples, quick replies.

Lengths are Meta's. Source: Meta docs, "Message templates: components" page, read 2026-09.
"""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import FieldList
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.errors import FieldProblem
from app.services.message_template_drafts import (
    LANGUAGES,
    MOST_BUTTONS,
    PlainFields,
    field_of,
    to_draft,
)

CATEGORIES = [SelectChoice("UTILITY", "Utility"), SelectChoice("MARKETING", "Marketing")]
_SAMPLE = "sample-"
_LONGEST_SAMPLE = 200


def _limit(most: int) -> Length:
    return Length(max=most, message=f"This is too long. Meta allows {most:,} characters.")


class EditorForm(FlaskForm):  # type: ignore[misc]
    """A draft may be unfinished: only what a row needs to be found again is required here."""

    account = SelectField("Account", coerce=int)
    name = StringField(
        "Name",
        [
            DataRequired("Give it a name."),
            _limit(512),
            Regexp(
                r"^[a-z0-9_]+$",
                message="Use small letters, digits and underscores only, such as order_update.",
            ),
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    language = SelectField(
        "Language", choices=[SelectChoice(code, f"{name}, {code}") for code, name in LANGUAGES.items()]
    )
    category = SelectField("Category", choices=CATEGORIES)
    header = StringField("Header", [Optional(), _limit(60)], render_kw={"dir": "auto"})
    body = TextAreaField("Body", [Optional(), _limit(1024)], render_kw={"rows": 6, "dir": "auto"})
    footer = StringField("Footer", [Optional(), _limit(60)], render_kw={"dir": "auto"})
    buttons = FieldList(
        StringField("Button", [Optional(), _limit(25)]), min_entries=MOST_BUTTONS, max_entries=MOST_BUTTONS
    )

    def fields(self) -> PlainFields:
        return PlainFields(
            name=(self.name.data or "").strip(),
            language=self.language.data,
            category=self.category.data,
            header=(self.header.data or "").strip(),
            body=(self.body.data or "").replace("\r\n", "\n").strip(),
            footer=(self.footer.data or "").strip(),
            buttons=[text.strip() for text in self.buttons.data if text and text.strip()],
            samples=_samples(),
        )

    def fix(self, fields: PlainFields) -> None:
        """Name and language of one that is at Meta never change, whatever the form says."""
        self.name.data = fields.name
        self.language.data = fields.language

    def say(self, problems: list[FieldProblem]) -> list[str]:
        """Put each problem at its field; those without a field of their own come back."""
        draft, rest = to_draft(self.fields()), []
        for problem in problems:
            field: Any = self._fields.get(field_of(problem.field, draft))
            if field is None:
                rest.append(problem.message)
            else:
                field.errors = [*field.errors, problem.message]
        return rest


def editor_form(accounts: list[tuple[int, str]], fields: PlainFields | None = None) -> EditorForm:
    """`fields`: what it begins with; what is posted goes before."""
    given: dict[str, Any] = {}
    if fields is not None:
        given = {
            name: getattr(fields, name)
            for name in ("name", "language", "category", "header", "body", "footer", "buttons")
        }
    form = EditorForm(data=given)
    form.account.choices = [SelectChoice(id_, name) for id_, name in accounts]
    return form


def _samples() -> dict[str, str]:
    """By blank, as the page names them: `sample-body.1`."""
    return {
        name.removeprefix(_SAMPLE): value.strip()[:_LONGEST_SAMPLE]
        for name, value in request.form.items()
        if name.startswith(_SAMPLE)
    }

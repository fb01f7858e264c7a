"""The plain editor of a message template: texts, samples, quick replies, a button that opens a Flow.

Lengths are Meta's. Source: Meta docs, "Message templates: components" page, read 2026-09.
"""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
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

    flow = SelectField("Flow button", choices=[], default="")
    flow_text = StringField("Text of the Flow button", [Optional(), _limit(25)], render_kw={"dir": "auto"})
    flow_kept = HiddenField()
    """Meta's id and first screen of the Flow it began with: the screen goes with that Flow only."""

    def fields(self) -> PlainFields:
        kept_id, _, screen = (self.flow_kept.data or "").partition("|")
        flow_id = self.flow.data or ""
        return PlainFields(
            flow_id=flow_id,
            flow_text=(self.flow_text.data or "").strip() if flow_id else "",
            flow_screen=screen if flow_id and flow_id == kept_id else "",
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


def editor_form(
    accounts: list[tuple[int, str]], flows: list[tuple[str, str]], fields: PlainFields | None = None
) -> EditorForm:
    """`flows`: (Meta's id, name) to choose from. `fields`: what it begins with; a post goes before."""
    given: dict[str, Any] = {}
    if fields is not None:
        given = {
            name: getattr(fields, name)
            for name in ("name", "language", "category", "header", "body", "footer", "buttons", "flow_text")
        }
        given |= {"flow": fields.flow_id, "flow_kept": f"{fields.flow_id}|{fields.flow_screen}"}
    form = EditorForm(data=given)
    form.account.choices = [SelectChoice(id_, name) for id_, name in accounts]
    # One that is not known here (any more) stays as it is.
    kept = fields.flow_id if fields is not None else ""
    more = [(kept, f"Flow {kept}")] if kept and kept not in dict(flows) else []
    form.flow.choices = [SelectChoice(id_, name) for id_, name in [("", "None"), *flows, *more]]
    return form


def _samples() -> dict[str, str]:
    """By blank, as the page names them: `sample-body.1`."""
    return {
        name.removeprefix(_SAMPLE): value.strip()[:_LONGEST_SAMPLE]
        for name, value in request.form.items()
        if name.startswith(_SAMPLE)
    }

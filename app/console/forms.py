"""What an agent types: messages, their buttons and lists, values of message templates.

Each form carries a one-time key: pressed twice or sent again by a browser, it is one message.
Lengths are Meta's. Source: Meta docs, "Send messages" and "Interactive messages" pages, read 2026-09.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Form, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import FieldList
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.models import Flow
from app.services import flow_messages
from app.services.flow_messages import FlowText
from app.services.message_template_text import Variable

_MOST_BUTTONS = 3
_MOST_ROWS = 10
_SEND_KEY = re.compile(r"[0-9a-f]{32}")
_LONGEST_VALUE = 1024


def new_send_key() -> str:
    return uuid.uuid4().hex


class SendForm(FlaskForm):  # type: ignore[misc]
    """What all forms that send have."""

    send_key = HiddenField(default=new_send_key)

    @property
    def client_key(self) -> str | None:
        """The one-time key, told apart from those of the JSON API's clients."""
        key = self.send_key.data or ""
        return f"console-{key}" if _SEND_KEY.fullmatch(key) else None

    def renew(self) -> None:
        """Another key: what is typed now is another message than the one sent before."""
        self.send_key.data = new_send_key()


def _limit(most: int) -> Length:
    return Length(max=most, message=f"This is too long. WhatsApp allows {most:,} characters.")


class TextForm(SendForm):
    body = TextAreaField("Message", [DataRequired("Write a message first."), _limit(4096)])


class ButtonsForm(SendForm):
    """A text with up to three reply buttons."""

    body = TextAreaField("Text", [DataRequired("Write the text above the buttons."), _limit(1024)])
    buttons = FieldList(
        StringField("Button", [Optional(), _limit(20)]), min_entries=_MOST_BUTTONS, max_entries=_MOST_BUTTONS
    )

    def validate_buttons(self, _field: FieldList) -> None:
        titles = self.titles
        if not titles:
            raise ValidationError("Write at least one button.")
        if len(set(titles)) < len(titles):
            raise ValidationError("Two buttons have the same text. WhatsApp wants each to be different.")

    @property
    def titles(self) -> list[str]:
        return [title.strip() for title in self.buttons.data if title and title.strip()]

    def content(self) -> dict[str, Any]:
        replies = [
            {"type": "reply", "reply": {"id": f"button-{number}", "title": title}}
            for number, title in enumerate(self.titles, start=1)
        ]
        return {"type": "button", "body": {"text": self.body.data}, "action": {"buttons": replies}}


class ListRowForm(Form):  # type: ignore[misc]
    title = StringField("Entry", [Optional(), _limit(24)])
    description = StringField("Description", [Optional(), _limit(72)])


class ListForm(SendForm):
    """A text with a button that opens a list of up to ten entries."""

    body = TextAreaField("Text", [DataRequired("Write the text above the list."), _limit(4096)])
    button = StringField(
        "Button that opens the list", [DataRequired("Name the button that opens the list."), _limit(20)]
    )
    rows = FieldList(FormField(ListRowForm), min_entries=_MOST_ROWS, max_entries=_MOST_ROWS)

    def validate_rows(self, _field: FieldList) -> None:
        if not self.filled_rows:
            raise ValidationError("Write at least one entry.")
        if any(row["description"] and not row["title"] for row in self.rows.data):
            raise ValidationError("A description has no entry beside it. Name the entry too.")

    @property
    def filled_rows(self) -> list[dict[str, str]]:
        return [row for row in self.rows.data if (row["title"] or "").strip()]

    def content(self) -> dict[str, Any]:
        rows = [_row(number, row) for number, row in enumerate(self.filled_rows, start=1)]
        action = {"button": self.button.data, "sections": [{"rows": rows}]}
        return {"type": "list", "body": {"text": self.body.data}, "action": action}


def _row(number: int, row: dict[str, str]) -> dict[str, str]:
    made = {"id": f"row-{number}", "title": row["title"].strip()}
    return made | ({"description": row["description"].strip()} if row["description"] else {})


class FlowForm(SendForm):
    """A text with a button that opens a Flow; `flow_form` makes it for one."""

    flow = HiddenField()
    header = StringField("Header", [Optional(), _limit(flow_messages.MOST_HEADER)])
    body = TextAreaField("Text", [DataRequired("Write the text above the button."), _limit(1024)])
    footer = StringField("Footer", [Optional(), _limit(flow_messages.MOST_FOOTER)])
    button = StringField(
        "Button that opens it",
        [DataRequired("Name the button that opens the Flow."), _limit(flow_messages.MOST_BUTTON)],
    )
    screen = SelectField("Begins on")

    def text(self) -> FlowText:
        parts = (self.body.data, self.button.data, self.header.data, self.footer.data)
        return FlowText(*((part or "").strip() for part in parts))


def flow_form(flow: Flow | None, **options: Any) -> FlowForm:
    """With the screens on which it can begin; the first one is Meta's own choice."""
    form = FlowForm(**options)
    screens = flow_messages.screens_of(flow) if flow is not None else []
    form.flow.data = str(flow.id) if flow is not None else ""
    form.screen.choices = [SelectChoice("", "The first screen")] + [
        SelectChoice(screen_id, f"{title} ({screen_id})" if title else screen_id)
        for screen_id, title in screens
    ]
    return form


class MessageTemplateForm(SendForm):
    """The values of one message template; the fields are made for it by `message_template_form`."""

    message_template = HiddenField()
    blanks: list[Variable] = []

    def values(self) -> dict[str, str]:
        """By the key of each blank; empty ones are left out."""
        pairs = ((blank.key, (self[field_name(blank)].data or "").strip()) for blank in self.blanks)
        return {key: value for key, value in pairs if value}

    def value_fields(self) -> list[Any]:
        return [self[field_name(blank)] for blank in self.blanks]


class StartForm(MessageTemplateForm):
    """To whom, from which number, with which message template and which values."""

    number = SelectField("From", coerce=int)
    to = StringField(
        "To",
        [DataRequired("Enter the customer’s phone number."), _limit(160)],
        render_kw={"placeholder": "+44 7700 900123", "inputmode": "tel", "autocomplete": "off"},
    )
    message_template = SelectField("Message template", coerce=int)


def message_template_form(
    message_template_id: int, blanks: list[Variable], **options: Any
) -> MessageTemplateForm:
    """A form with one field for each blank."""
    form: MessageTemplateForm = _with_values(MessageTemplateForm, blanks)(**options)
    form.message_template.data = str(message_template_id)
    return form


def start_form(
    numbers: list[tuple[int, str]], options: list[tuple[int, str]], blanks: list[Variable], **given: Any
) -> StartForm:
    """`numbers` and `options` are (id, text) pairs to choose from."""
    form: StartForm = _with_values(StartForm, blanks)(**given)
    form.number.choices = [SelectChoice(id_, text) for id_, text in numbers]
    form.message_template.choices = [SelectChoice(id_, text) for id_, text in options]
    return form


def _with_values(base: type[MessageTemplateForm], blanks: list[Variable]) -> Any:
    fields: dict[str, Any] = {field_name(blank): _value_field(blank) for blank in blanks}
    return type(f"{base.__name__}WithValues", (base,), {**fields, "blanks": blanks})


def field_name(blank: Variable) -> str:
    return "value_" + re.sub(r"\W", "_", blank.key)


def _value_field(blank: Variable) -> StringField:
    is_file = blank.kind in ("image", "video", "document")
    label = f"{blank.label}: its address on the web" if is_file else blank.label
    hint = "https://" if is_file else blank.example
    return StringField(
        label,
        [DataRequired("Give a value."), _limit(_LONGEST_VALUE)],
        render_kw={"placeholder": hint, "autocomplete": "off"},
    )

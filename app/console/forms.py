"""What an agent types: messages, their buttons and lists, values of message templates.

Each form carries a one-time key: pressed twice or sent again by a browser, it is one message.
Lengths are Meta's. Source: Meta docs, "Send messages" and "Interactive messages" pages, read 2026-09.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import FieldList
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.console.value_fields import FILES, field_name, fields_of, value_of
from app.models import Flow
from app.services import flow_messages
from app.services.flow_messages import FlowText
from app.services.message_template_text import Variable
from app.services.teamwork import LONGEST_NOTE
from app.web.page_forms import PageForm

MOST_EDGE = 60
"""Characters of a header or footer."""
_MOST_BUTTONS = 3
_SEND_KEY = re.compile(r"[0-9a-f]{32}")


def new_send_key() -> str:
    return uuid.uuid4().hex


def client_key_of(send_key: str) -> str | None:
    """As messages keep it; None for what no form of ours has made."""
    return f"console-{send_key}" if _SEND_KEY.fullmatch(send_key) else None


class SendForm(PageForm):
    """What all forms that send have."""

    send_key = HiddenField(default=new_send_key)

    @property
    def client_key(self) -> str | None:
        """The one-time key, told apart from those of the JSON API's clients."""
        return client_key_of(self.send_key.data or "")

    def renew(self) -> None:
        """Another key: what is typed now is another message than the one sent before."""
        self.send_key.data = new_send_key()


def limit(most: int) -> Length:
    return Length(max=most, message=f"This is too long. WhatsApp allows {most:,} characters.")


class TextForm(SendForm):
    """A text, files, or both; `has_files` is set by whoever knows."""

    has_files = False
    body = TextAreaField("Message", [limit(4096)])

    def validate_body(self, field: TextAreaField) -> None:
        if not self.has_files and not (field.data or "").strip():
            raise ValidationError("Write a message first.")


class EdgedForm(SendForm):
    """What stands above and below an interactive message."""

    header = StringField("Header", [Optional(), limit(MOST_EDGE)])
    footer = StringField("Footer", [Optional(), limit(MOST_EDGE)])

    def edged(self, content: dict[str, Any]) -> dict[str, Any]:
        header, footer = ((field.data or "").strip() for field in (self.header, self.footer))
        above = {"header": {"type": "text", "text": header}} if header else {}
        return content | above | ({"footer": {"text": footer}} if footer else {})


class NoteForm(SendForm):
    """For colleagues. Its field has a name of its own: changing the face carries no note into a message."""

    note = TextAreaField(
        "Note",
        [
            DataRequired("Write a note first."),
            Length(
                max=LONGEST_NOTE, message=f"This is too long. A note has up to {LONGEST_NOTE:,} characters."
            ),
        ],
    )


class FileHeaderForm(EdgedForm):
    """An interactive message whose header may be a picture, a film or a document, too."""

    header_file = FileField("Picture, film or document above the text")

    def chosen_header(self) -> FileStorage | None:
        given = self.header_file.data
        return given if isinstance(given, FileStorage) and given.filename else None


class ButtonsForm(FileHeaderForm):
    """A text with up to three reply buttons."""

    body = TextAreaField("Text", [DataRequired("Write the text above the buttons."), limit(1024)])
    buttons = FieldList(
        StringField("Button", [Optional(), limit(20)]), min_entries=_MOST_BUTTONS, max_entries=_MOST_BUTTONS
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
        return self.edged(
            {"type": "button", "body": {"text": self.body.data}, "action": {"buttons": replies}}
        )


class NumberForm(SendForm):
    """A text with WhatsApp's own button by which a customer shares their number."""

    body = TextAreaField("Text", [DataRequired("Write the text above the button."), limit(1024)])

    def content(self) -> dict[str, Any]:
        name = "request_contact_info"
        return {"type": name, "body": {"text": self.body.data}, "action": {"name": name}}


class LinkForm(FileHeaderForm):
    """A text with a button that opens a web page."""

    body = TextAreaField("Text", [DataRequired("Write the text above the button."), limit(1024)])
    button = StringField("Button", [DataRequired("Name the button."), limit(20)])
    url = StringField(
        "Address it opens",
        [DataRequired("Give the address that the button opens."), limit(2000)],
        render_kw={"inputmode": "url"},
    )

    def content(self) -> dict[str, Any]:
        parameters = {"display_text": self.button.data.strip(), "url": self.url.data.strip()}
        action = {"name": "cta_url", "parameters": parameters}
        return self.edged({"type": "cta_url", "body": {"text": self.body.data}, "action": action})


class AskLocationForm(SendForm):
    """A text with a button by which the customer sends where they are."""

    body = TextAreaField("Text", [DataRequired("Say what the location is for."), limit(1024)])

    def content(self) -> dict[str, Any]:
        return {
            "type": "location_request_message",
            "body": {"text": self.body.data},
            "action": {"name": "send_location"},
        }


class FlowForm(SendForm):
    """A text with a button that opens a Flow; `flow_form` makes it for one."""

    flow = HiddenField()
    header = StringField("Header", [Optional(), limit(flow_messages.MOST_HEADER)])
    body = TextAreaField("Text", [DataRequired("Write the text above the button."), limit(1024)])
    footer = StringField("Footer", [Optional(), limit(flow_messages.MOST_FOOTER)])
    button = StringField(
        "Button that opens it",
        [DataRequired("Name the button that opens the Flow."), limit(flow_messages.MOST_BUTTON)],
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

    def values(self) -> dict[str, Any]:
        """By the key of each blank; empty ones are left out. Files from here come by `files`."""
        pairs = ((blank.key, value_of(blank, self.data)) for blank in self.blanks)
        return {key: value for key, value in pairs if value is not None}

    def files(self) -> dict[str, FileStorage]:
        """What was chosen on this computer, by the key of its blank."""
        found = {}
        for blank in self.blanks:
            given = self.data.get(f"{field_name(blank)}_file") if blank.kind in FILES else None
            if isinstance(given, FileStorage) and given.filename:
                found[blank.key] = given
        return found

    def validate(self, extra_validators: Any = None) -> bool:
        """A file is given one way or the other."""
        is_right = super().validate(extra_validators)
        for blank in self.blanks:
            field = self._fields.get(field_name(blank)) if blank.kind in FILES else None
            if field is not None and not field.data and blank.key not in self.files():
                field.errors = [*field.errors, "Give its address, or choose a file."]
                is_right = False
        return bool(is_right)

    def value_fields(self) -> list[Any]:
        return [self[name] for blank in self.blanks for name in fields_of(blank)]


class StartForm(MessageTemplateForm):
    """To whom, from which number, with which message template and which values."""

    number = SelectField("From", coerce=int)
    to = StringField(
        "To",
        [DataRequired("Enter the customer’s phone number, user id or @name."), limit(160)],
        render_kw={"placeholder": "+44 7700 900123", "autocomplete": "off"},
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
    fields = {name: field for blank in blanks for name, field in fields_of(blank).items()}
    return type(f"{base.__name__}WithValues", (base,), {**fields, "blanks": blanks})

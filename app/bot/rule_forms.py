"""A rule's form: when it fits, and what it answers. Between typed fields and Meta's objects, both ways.

Lengths are Meta's. Source: Meta docs, "Send messages" and "Interactive messages" pages, read 2026-09.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    Form,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import FieldList
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, Regexp

from app.bot.forms import limit
from app.errors import FieldProblem, InvalidFields
from app.models import BotRule, MessageTemplate, RuleMatch
from app.services.message_template_text import list_blanks
from app.services.messages import message_template_content
from app.web.page_forms import PageForm

MEDIA = ("image", "video", "audio", "document", "sticker")
KINDS = (
    ("text", "Text"),
    ("buttons", "Text with buttons"),
    ("list", "Text with a list"),
    ("media", "Picture or file"),
    ("template", "Message template"),
    ("", "Nothing, only hand over"),
)
_MATCHES = (
    (RuleMatch.CONTAINS.value, "stands anywhere in the message"),
    (RuleMatch.STARTS.value, "begins the message"),
    (RuleMatch.EXACT.value, "is the whole message"),
)
_MEDIA_ID = re.compile(r"[0-9]{5,30}")


def _choices(pairs: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(*pair) for pair in pairs]


_SHOWN: dict[str, tuple[str, ...]] = {
    "": (),
    "text": ("body",),
    "buttons": ("body", "buttons"),
    "list": ("body", "button", "rows"),
    "media": ("media_kind", "media", "caption", "filename"),
    "template": ("message_template", "template_values"),
}
"""Which fields belong to which kind of answer."""
_OF_ANSWERS = tuple(dict.fromkeys(name for names in _SHOWN.values() for name in names))


def _simple(field: Field) -> Iterator[Field]:
    """The field itself, or those within it."""
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _simple(inner)
    elif isinstance(field, FieldList):
        for entry in field.entries:
            yield from _simple(entry)
    else:
        yield field


class RowForm(Form):  # type: ignore[misc]
    title = StringField("Entry", [Optional(), limit(24)])
    description = StringField("Description", [Optional(), limit(72)])


class RuleForm(PageForm):
    """Fields of every kind of reply; the page shows those of the chosen one."""

    class Meta:
        # CSRFProtect has looked at the token of every POST before a view runs.
        csrf = False

    name = StringField("Name", [InputRequired("Give the rule a name."), limit(80)])
    phrases = TextAreaField(
        "Words or phrases",
        [InputRequired("Give at least one word or phrase."), limit(8000)],
        render_kw={"rows": 4, "dir": "auto"},
    )
    match = SelectField("Fits when one of them", choices=_choices(_MATCHES))
    language = StringField(
        "Language",
        [Optional(), Regexp(r"^[a-z]{2,3}(_[A-Z]{2})?$", message="Write the code, such as en or pt_BR.")],
        render_kw={"autocomplete": "off", "placeholder": "any"},
    )
    priority = SelectField("Priority", choices=_choices([(str(n), str(n)) for n in range(1, 10)]))
    is_on = BooleanField("The rule is on")
    hands_over = BooleanField("Then hand over to a person")
    kind = SelectField("Answer with", choices=_choices(KINDS))

    body = TextAreaField("Text", [Optional(), limit(4096)], render_kw={"rows": 4, "dir": "auto"})
    buttons = FieldList(StringField("Button", [Optional(), limit(20)]), min_entries=3, max_entries=3)
    button = StringField("Button that opens the list", [Optional(), limit(20)])
    rows = FieldList(FormField(RowForm), min_entries=10, max_entries=10)
    media_kind = SelectField(
        "Kind of file",
        choices=_choices([(kind, kind.capitalize()) for kind in MEDIA]),
        # Only there with its kind of answer; the service looks at what it says.
        validate_choice=False,
        default="image",
    )
    media = StringField("Its address on the web, or its media ID", [Optional(), limit(2000)])
    caption = TextAreaField("Caption", [Optional(), limit(1024)], render_kw={"rows": 2, "dir": "auto"})
    filename = StringField("File name the customer sees", [Optional(), limit(240)])
    message_template = SelectField("Message template", validate_choice=False)
    template_values = TextAreaField(
        "Values, one per line", [Optional(), limit(8000)], render_kw={"rows": 4, "dir": "auto"}
    )
    message_templates: Sequence[MessageTemplate] = ()

    def offer(self, message_templates: Sequence[MessageTemplate]) -> RuleForm:
        """The approved message templates of the account."""
        self.message_templates = message_templates
        self.message_template.choices = _choices(
            [(str(row.id), f"{row.name}, {row.language}") for row in message_templates]
        )
        return self

    def kept(self) -> list[tuple[str, str]]:
        """What was typed for other kinds of answers: the page carries it along, so that it comes back."""
        shown = _SHOWN.get(self.kind.data or "", ())
        hidden = (field for name in _OF_ANSWERS if name not in shown for field in _simple(self[name]))
        return [(field.name, field.data) for field in hidden if field.data]

    @property
    def chosen(self) -> MessageTemplate | None:
        wanted = self.message_template.data
        return next((row for row in self.message_templates if str(row.id) == str(wanted)), None)

    def values(self, rule: BotRule | None) -> dict[str, Any]:
        """For the service; `rule` is the one that is changed. Raises InvalidFields for what is no message."""
        message_type, content = self._reply()
        if rule is not None:
            message_type, content = self._carried(rule, message_type, content)
        return {
            "name": self.name.data,
            "phrases": (self.phrases.data or "").splitlines(),
            "match": self.match.data,
            "language": self.language.data or "",
            "priority": self.priority.data,
            "is_on": self.is_on.data,
            "hands_over": self.hands_over.data,
            "message_type": message_type,
            "content": content,
        }

    def _carried(
        self, rule: BotRule, message_type: str, content: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """A program may have set what this form has no field for: it stays when the answer is not touched."""
        before = RuleForm(formdata=None, data=shown(rule, self.message_templates))
        try:
            is_same = before.offer(self.message_templates)._reply() == (message_type, content)
        except InvalidFields:
            is_same = False
        if is_same:
            return rule.message_type, rule.content
        if message_type != "interactive" or rule.content.get("type") != content["type"]:
            return message_type, content
        around: dict[str, Any] = {
            name: rule.content[name] for name in ("header", "footer") if name in rule.content
        }
        return message_type, {**around, **content}

    def _text(self) -> str:
        """A browser ends lines with two signs, a phone with one."""
        return (self.body.data or "").replace("\r\n", "\n")

    def _reply(self) -> tuple[str, dict[str, Any]]:
        kind = self.kind.data
        if kind == "text":
            return "text", {"body": self._text(), "preview_url": "://" in self._text()}
        if kind in {"buttons", "list"}:
            return "interactive", self._buttons() if kind == "buttons" else self._list()
        if kind == "media":
            return self.media_kind.data or "", self._media()
        return ("template", self._message_template()) if kind == "template" else ("", {})

    def _buttons(self) -> dict[str, Any]:
        titles = [title.strip() for title in self.buttons.data if title and title.strip()]
        replies = [
            {"type": "reply", "reply": {"id": f"button-{number}", "title": title}}
            for number, title in enumerate(titles, start=1)
        ]
        return {"type": "button", "body": {"text": self._text()}, "action": {"buttons": replies}}

    def _list(self) -> dict[str, Any]:
        filled = [row for row in self.rows.data if (row["title"] or "").strip()]
        rows = [_row(number, row) for number, row in enumerate(filled, start=1)]
        action = {"button": self.button.data or "", "sections": [{"rows": rows}]}
        return {"type": "list", "body": {"text": self._text()}, "action": action}

    def _media(self) -> dict[str, Any]:
        place = (self.media.data or "").strip()
        content: dict[str, Any] = {"id" if _MEDIA_ID.fullmatch(place) else "link": place}
        if self.caption.data and self.media_kind.data in {"image", "video", "document"}:
            content["caption"] = self.caption.data.replace("\r\n", "\n")
        if self.filename.data and self.media_kind.data == "document":
            content["filename"] = self.filename.data
        return content

    def _message_template(self) -> dict[str, Any]:
        chosen = self.chosen
        if chosen is None:
            raise InvalidFields([FieldProblem("content.template.name", "Choose a message template.")])
        blanks = list_blanks(chosen.components)
        lines = (self.template_values.data or "").splitlines()
        if len(lines) != len(blanks):
            wanted = ", ".join(blank.label for blank in blanks) or "none"
            text = f"This message template takes {len(blanks)} values, one per line: {wanted}."
            raise InvalidFields([FieldProblem("content.template.components", text)])
        values = {blank.key: line.strip() for blank, line in zip(blanks, lines, strict=True)}
        return message_template_content(chosen, values)


def _row(number: int, row: Mapping[str, str]) -> dict[str, str]:
    made = {"id": f"row-{number}", "title": row["title"].strip()}
    return made | ({"description": row["description"].strip()} if row["description"] else {})


def shown(rule: BotRule, message_templates: Sequence[MessageTemplate]) -> dict[str, Any]:
    """The form's data for a kept rule."""
    base = {
        "name": rule.name,
        "phrases": "\n".join(rule.phrases),
        "match": rule.match.value,
        "language": rule.language,
        "priority": str(rule.priority),
        "is_on": rule.is_on,
        "hands_over": rule.hands_over,
    }
    return base | _shown_reply(rule.message_type, rule.content, message_templates)


def _shown_reply(
    message_type: str, content: Mapping[str, Any], message_templates: Sequence[MessageTemplate]
) -> dict[str, Any]:
    if message_type == "interactive":
        return _shown_interactive(content)
    if message_type in MEDIA:
        place = content.get("id") or content.get("link") or ""
        more = {name: content.get(name, "") for name in ("caption", "filename")}
        return {"kind": "media", "media_kind": message_type, "media": place, **more}
    if message_type == "template":
        return _shown_message_template(content, message_templates)
    return {"kind": message_type, "body": content.get("body", "")}


def _shown_interactive(content: Mapping[str, Any]) -> dict[str, Any]:
    action, body = content.get("action", {}), content.get("body", {}).get("text", "")
    if content.get("type") == "button":
        titles = [one["reply"]["title"] for one in action.get("buttons", [])]
        return {"kind": "buttons", "body": body, "buttons": titles}
    rows = [row for section in action.get("sections", []) for row in section.get("rows", [])]
    shown_rows = [{"title": row["title"], "description": row.get("description", "")} for row in rows]
    return {"kind": "list", "body": body, "button": action.get("button", ""), "rows": shown_rows}


def _shown_message_template(
    content: Mapping[str, Any], message_templates: Sequence[MessageTemplate]
) -> dict[str, Any]:
    language = content.get("language", {}).get("code")
    named = (content.get("name"), language)
    chosen = next((row for row in message_templates if (row.name, row.language) == named), None)
    values = [
        _parameter_text(parameter)
        for component in content.get("components", [])
        for parameter in component.get("parameters", [])
    ]
    return {
        "kind": "template",
        "message_template": str(chosen.id) if chosen else "",
        "template_values": "\n".join(values),
    }


def _parameter_text(parameter: Mapping[str, Any]) -> str:
    kind = str(parameter.get("type", "text"))
    inner = parameter.get(kind)
    if isinstance(inner, Mapping):
        return str(inner.get("link") or inner.get("id") or inner.get("fallback_value") or "")
    return str(inner or "")


_PLACES = (
    (re.compile(r"content\.interactive\.action\.(buttons|sections|button)\b.*"), ""),
    (re.compile(r"content\.(text|interactive)\.body.*|content\.text"), "body"),
    (re.compile(r"content\.(image|video|audio|document|sticker)\.caption"), "caption"),
    (re.compile(r"content\.document\.filename"), "filename"),
    (re.compile(r"content\.(image|video|audio|document|sticker)\b.*"), "media"),
    (re.compile(r"content\.(template\.)?(components|header|body|button).*"), "template_values"),
    (re.compile(r"content\.template.*"), "message_template"),
    (re.compile(r"message_type"), "kind"),
)
_PARTS = {"buttons": "buttons", "sections": "rows", "button": "button"}


def to_fields(error: InvalidFields) -> InvalidFields:
    """The same problems under the form's names."""
    return InvalidFields([FieldProblem(_place(one.field), one.message) for one in error.problems])


def _place(path: str) -> str:
    for pattern, name in _PLACES:
        found = pattern.fullmatch(path)
        if found is not None:
            return name or _PARTS[found[1]]
    return path

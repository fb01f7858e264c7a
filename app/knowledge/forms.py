"""An article's form and the form that takes a file. Their limits are the services' own."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from app.services.knowledge.contents import (
    LONGEST_ANSWER,
    LONGEST_BODY,
    LONGEST_LINK,
    LONGEST_TITLE,
    Contents,
)
from app.services.knowledge.languages import NAMES
from app.web.page_forms import PageForm

LANGUAGES = [SelectChoice(code, name) for code, name in NAMES.items()]


class ArticleForm(PageForm):
    """What is wrong with an article is said by the service, the same as to programs."""

    account = SelectField("Account", coerce=int)
    title = StringField("Title", render_kw={"dir": "auto", "autocomplete": "off", "maxlength": LONGEST_TITLE})
    language = SelectField("Language", choices=LANGUAGES)
    short_answer = TextAreaField(
        "Short answer", render_kw={"rows": 4, "dir": "auto", "maxlength": LONGEST_ANSWER}
    )
    link = StringField(
        "Link", render_kw={"inputmode": "url", "autocomplete": "off", "maxlength": LONGEST_LINK}
    )
    questions = TextAreaField("Questions it answers", render_kw={"rows": 5, "dir": "auto"})
    tags = StringField("Tags", render_kw={"dir": "auto", "autocomplete": "off"})
    body = TextAreaField("Text", render_kw={"rows": 10, "dir": "auto", "maxlength": LONGEST_BODY})
    is_on = BooleanField("The bot may use it")

    def offer(self, accounts: list[tuple[int, str]]) -> None:
        self.account.choices = [SelectChoice(id_, name) for id_, name in accounts]

    def contents(self) -> Contents:
        return Contents(
            title=self.title.data or "",
            short_answer=self.short_answer.data or "",
            body=self.body.data or "",
            link=self.link.data or "",
            language=self.language.data or "",
            tags=tuple((self.tags.data or "").split(",")),
            questions=tuple((self.questions.data or "").splitlines()),
        )


def values_of(contents: Contents) -> dict[str, Any]:
    """What the form shows of an article."""
    return {
        **vars(contents),
        "tags": ", ".join(contents.tags),
        "questions": "\n".join(contents.questions),
    }


class ImportForm(PageForm):
    """A file, the account it is for, and its language."""

    account = SelectField("Account", coerce=int)
    file = FileField("File", [FileRequired("Choose a file.")])
    language = SelectField("Language", choices=[SelectChoice("", "Find out by the words"), *LANGUAGES])

    def offer(self, accounts: list[tuple[int, str]]) -> None:
        self.account.choices = [SelectChoice(id_, name) for id_, name in accounts]


def choices(accounts: list[Any]) -> list[tuple[int, str]]:
    return [(account.id, account.name) for account in accounts]

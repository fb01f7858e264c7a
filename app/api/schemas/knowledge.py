"""Knowledge articles, imports of files, and what a search finds."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields, validate

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import (
    Choice,
    Flag,
    Id,
    ListQuery,
    Moment,
    QueryInteger,
    Text,
    described,
    list_of,
)
from app.models import ArticleSource, ImportItemState, ImportState
from app.services.knowledge.contents import (
    LONGEST_ANSWER,
    LONGEST_BODY,
    LONGEST_LINK,
    LONGEST_QUESTION,
    LONGEST_TAG,
    LONGEST_TITLE,
)
from app.services.knowledge.languages import NAMES

_ANSWER = "We answer every day from 8 to 20."


def _texts(longest: int, text: str, example: list[str], **options: Any) -> fields.Field[Any]:
    return fields.List(Text(longest), metadata=described(text, example), **options)


class ArticleChange(Schema):
    """What an article says and is found by."""

    title = Text(LONGEST_TITLE, least=1, required=True, metadata=described("", "Opening hours"))
    short_answer = Text(
        LONGEST_ANSWER, least=1, required=True, metadata=described("What the bot says.", _ANSWER)
    )
    body = Text(
        LONGEST_BODY, load_default="", metadata=described("Markdown; the article is found by it too.")
    )
    link = Text(LONGEST_LINK, load_default="", metadata=described("Stands under the answer."))
    language = Choice(*NAMES, required=True, metadata=described("", "en"))
    tags = _texts(LONGEST_TAG, "Other words for it.", ["hours"], load_default=list)
    questions = _texts(
        LONGEST_QUESTION,
        "Questions it answers, in customers' words.",
        ["When are you open?"],
        load_default=list,
    )
    is_on = Flag(load_default=True, metadata=described("Whether the bot may use it."))


class ArticleIn(ArticleChange):
    """A new article."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))


class ArticleOut(Schema):
    """An article."""

    id = fields.Integer(required=True, metadata=described("", 12))
    waba_account_id = fields.Integer(
        required=True, attribute="account_id", metadata=described("The account, by our id.", 1)
    )
    title = fields.String(required=True, metadata=described("", "Opening hours"))
    short_answer = fields.String(required=True, metadata=described("What the bot says.", _ANSWER))
    body = fields.String(required=True, metadata=described("Markdown."))
    link = fields.String(required=True)
    language = fields.String(required=True, metadata=described("", "en"))
    tags = fields.List(fields.String(), required=True, metadata=described("", ["hours"]))
    questions = fields.List(fields.String(), required=True, metadata=described("", ["When are you open?"]))
    is_on = fields.Boolean(required=True)
    source = Choice(*ArticleSource, required=True, metadata=described("Where it comes from.", "hand"))
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


ArticleList = list_of(ArticleOut, "ArticleList")


class ArticleQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    language = Choice(*NAMES, metadata=described("", "en"))
    tag = Text(LONGEST_TAG, least=1, metadata=described("", "hours"))
    source = Choice(*ArticleSource, metadata=described("", "hand"))
    state = Choice("on", "off", metadata=described("", "on"))
    search = Text(200, least=1, metadata=described("In title, short answer and text.", "hours"))


class SearchIn(Schema):
    """A question, as a customer writes it."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
    question = Text(4096, least=1, required=True, metadata=described("", "when are you open"))
    limit = fields.Integer(
        strict=True,
        validate=validate.Range(1, 20),
        load_default=3,
        metadata=described("Articles at most.", 3),
    )


class FoundOut(Schema):
    """An article that may answer a question."""

    article_id = fields.Integer(required=True, metadata=described("", 12))
    title = fields.String(required=True, metadata=described("", "Opening hours"))
    short_answer = fields.String(required=True, metadata=described("", _ANSWER))
    link = fields.String(required=True)
    passage = fields.String(required=True, metadata=described("The part of it that fits best."))
    score = fields.Float(required=True, metadata=described("0 to 1; from 0.6 on the bot answers.", 0.71))
    language = fields.String(required=True, metadata=described("", "en"))


class SearchOut(Schema):
    """What was found, best first."""

    results = fields.List(fields.Nested(FoundOut), required=True, dump_only=True)


class ImportIn(Schema):
    """A file of articles: its text, or its bytes in base64."""

    waba_account_id = Id(required=True, metadata=described("The account, by our id.", 1))
    file_name = Text(
        200,
        least=1,
        required=True,
        metadata=described("Its ending says what it is: .md, .txt, .csv or .pdf.", "help.md"),
    )
    text = fields.String(metadata=described("The file as text.", "# Opening hours\n\n" + _ANSWER))
    content_base64 = fields.String(metadata=described("The file as it is; needed for PDF."))
    language = Choice(
        *NAMES, metadata=described("Where the file does not say it; left out: by the words.", "en")
    )


class ImportItemOut(Schema):
    """What became of one article of a file."""

    position = fields.Integer(required=True, metadata=described("Counted from 0.", 0))
    title = fields.String(required=True, metadata=described("", "Opening hours"))
    state = Choice(*ImportItemState, required=True, metadata=described("", "created"))
    error = fields.String(required=True)
    article_id = fields.Integer(required=True, allow_none=True)


class ImportOut(Schema):
    """The import of a file: how far it is, and how many articles it made of what."""

    id = fields.Integer(required=True, metadata=described("", 3))
    waba_account_id = fields.Integer(
        required=True, attribute="account_id", metadata=described("The account, by our id.", 1)
    )
    file_name = fields.String(required=True, metadata=described("", "help.md"))
    kind = fields.String(required=True, metadata=described("markdown, text, csv or pdf.", "markdown"))
    size_bytes = fields.Integer(required=True)
    state = Choice(*ImportState, required=True, metadata=described("", "done"))
    error = fields.String(required=True, metadata=described("Why the file as a whole was not taken."))
    total = fields.Integer(
        required=True, allow_none=True, metadata=described("Articles of the file; null until it was read.")
    )
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    created_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class ImportDetail(ImportOut):
    """The import of a file, with each of its articles."""

    items = fields.List(fields.Nested(ImportItemOut), required=True, dump_only=True)


ImportList = list_of(ImportOut, "ImportList")


class ImportQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))

"""The bot's knowledge base: articles, what it finds for a question, imports of files."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.field_names import renamed
from app.api.paging import page_of
from app.api.schemas.knowledge import (
    ArticleChange,
    ArticleIn,
    ArticleList,
    ArticleOut,
    ArticleQuery,
    ImportDetail,
    ImportIn,
    ImportList,
    ImportOut,
    ImportQuery,
    SearchIn,
    SearchOut,
)
from app.errors import FieldProblem, InvalidFields
from app.models import ArticleSource, KnowledgeArticle, KnowledgeImport
from app.queries import knowledge as queries
from app.queries.accounts import get_account
from app.services.knowledge import articles, imports
from app.services.knowledge.contents import Contents
from app.services.knowledge.files.reading import kind_of
from app.services.knowledge.search import search_articles
from app.web.identity import current_actor

_TAGS = ["Knowledge base"]


@blueprint.get("/knowledge/articles/")
@allowed("knowledge.view")
@blueprint.input(ArticleQuery, location="query", unknown=RAISE)
@blueprint.output(ArticleList)
@blueprint.doc(tags=_TAGS)
def list_articles(query_data: dict[str, Any]) -> dict[str, Any]:
    """List knowledge articles

    Newest first.
    """
    source, state = query_data.get("source"), query_data.get("state")
    filters = queries.ArticleFilters(
        account_id=query_data.get("account"),
        language=query_data.get("language", ""),
        tag=query_data.get("tag", ""),
        source=ArticleSource(source) if source else None,
        is_on={"on": True, "off": False}.get(state) if state else None,
        search=query_data.get("search", ""),
    )
    scope = current_actor().scope("knowledge.view")
    return page_of(queries.slice_articles(scope, filters, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/knowledge/articles/")
@allowed("knowledge.manage")
@blueprint.input(ArticleIn, location="json")
@blueprint.output(ArticleOut, status_code=201)
@blueprint.doc(tags=_TAGS)
def create_article(json_data: dict[str, Any]) -> KnowledgeArticle:
    """Write a knowledge article

    The bot uses it from its next message on, unless `is_on` is false.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope("knowledge.manage"))
    return articles.create_article(
        account_id=account.id,
        contents=_contents(json_data),
        actor=current_actor(),
        is_on=json_data["is_on"],
    )


@blueprint.get("/knowledge/articles/<int:article_id>/")
@allowed("knowledge.view", article=queries.get_article)
@blueprint.output(ArticleOut)
@blueprint.doc(tags=_TAGS)
def show_article(article: KnowledgeArticle) -> KnowledgeArticle:
    """Show a knowledge article"""
    return article


@blueprint.put("/knowledge/articles/<int:article_id>/")
@allowed("knowledge.manage", article=queries.get_article)
@blueprint.input(ArticleChange, location="json")
@blueprint.output(ArticleOut)
@blueprint.doc(tags=_TAGS)
def change_article(article: KnowledgeArticle, json_data: dict[str, Any]) -> KnowledgeArticle:
    """Change a knowledge article

    One that came from the text of the set-up's step 5 no longer follows that text.
    """
    return articles.update_article(
        article=article, contents=_contents(json_data), actor=current_actor(), is_on=json_data["is_on"]
    )


@blueprint.delete("/knowledge/articles/<int:article_id>/")
@allowed("knowledge.manage", article=queries.get_article)
@blueprint.output({}, status_code=204)
@blueprint.doc(tags=_TAGS)
def delete_article(article: KnowledgeArticle) -> str:
    """Delete a knowledge article"""
    articles.delete_article(article=article, actor=current_actor())
    return ""


@blueprint.post("/knowledge/search/")
@allowed("knowledge.view")
@blueprint.input(SearchIn, location="json")
@blueprint.output(SearchOut)
@blueprint.doc(tags=_TAGS)
def search_knowledge(json_data: dict[str, Any]) -> dict[str, Any]:
    """Ask the knowledge base

    What the bot finds for a question, with its score. Nothing is sent, and nothing is kept.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope("knowledge.view"))
    return {"results": search_articles(account.id, json_data["question"], limit=json_data["limit"])}


@blueprint.get("/knowledge/imports/")
@allowed("knowledge.view")
@blueprint.input(ImportQuery, location="query", unknown=RAISE)
@blueprint.output(ImportList)
@blueprint.doc(tags=_TAGS)
def list_imports(query_data: dict[str, Any]) -> dict[str, Any]:
    """List imports of files

    Newest first; they are kept for 90 days.
    """
    scope = current_actor().scope("knowledge.view")
    account_id = query_data.get("account")
    return page_of(queries.slice_imports(scope, account_id, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/knowledge/imports/")
@allowed("knowledge.manage")
@blueprint.input(ImportIn, location="json")
@blueprint.output(ImportOut, status_code=202, description="Kept; a worker takes its articles over.")
@blueprint.doc(tags=_TAGS)
def create_import(json_data: dict[str, Any]) -> KnowledgeImport:
    """Import a file of articles

    At most 25 MB. The same file again changes its articles instead of doubling them.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope("knowledge.manage"))
    content, is_known = _content(json_data), kind_of(json_data["file_name"]) is not None
    given = "content_base64" if "content_base64" in json_data else "text"
    try:
        return imports.queue_import(
            account_id=account.id,
            file_name=json_data["file_name"],
            content=content,
            language=json_data.get("language", ""),
            actor=current_actor(),
        )
    except InvalidFields as error:
        raise renamed(error, {"file": given if is_known else "file_name"}) from error


@blueprint.get("/knowledge/imports/<int:import_id>/")
@allowed("knowledge.view", **{"import": queries.get_import})
@blueprint.output(ImportDetail)
@blueprint.doc(tags=_TAGS)
def show_import(**found: KnowledgeImport) -> dict[str, Any]:
    """Show the import of a file, with each of its articles"""
    row = found["import"]
    names = [name for name in ImportOut().fields if name != "waba_account_id"]
    values = {name: getattr(row, name) for name in [*names, "account_id"]}
    return {**values, "items": queries.list_items(row.id)}


def _contents(data: dict[str, Any]) -> Contents:
    return Contents(
        title=data["title"],
        short_answer=data["short_answer"],
        body=data["body"],
        link=data["link"],
        language=data["language"],
        tags=tuple(data["tags"]),
        questions=tuple(data["questions"]),
    )


def _content(data: dict[str, Any]) -> bytes:
    """The file's bytes. Raises InvalidFields unless exactly one of the two ways is used."""
    text, encoded = data.get("text"), data.get("content_base64")
    if (text is None) == (encoded is None):
        raise InvalidFields([FieldProblem("text", "Give the file as text, or in content_base64.")])
    if text is not None:
        return str(text).encode()
    try:
        return base64.b64decode(str(encoded), validate=True)
    except (ValueError, binascii.Error):
        raise InvalidFields([FieldProblem("content_base64", "This is not base64.")]) from None

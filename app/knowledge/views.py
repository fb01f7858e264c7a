"""The list of articles, one of them, switching and deleting, and all of them as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for

from app.knowledge.blueprint import blueprint
from app.models import Account, ArticleSource, KnowledgeArticle
from app.queries import accounts as account_queries
from app.queries import knowledge as queries
from app.queries.access import AccountScope
from app.queries.knowledge import ArticleFilters, ArticlePage
from app.services.knowledge import articles
from app.services.knowledge.files.table import write_csv
from app.services.knowledge.languages import NAMES
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond
from app.web.routing import row_id

_VIEW, _MANAGE = "knowledge.view", "knowledge.manage"
_LONGEST_SEARCH = 100
_LONGEST_TAG = 40
SOURCES = {
    ArticleSource.HAND: "Written here",
    ArticleSource.IMPORT: "Imported",
    ArticleSource.SETUP: "Step 5 of the set-up",
}
_STATES = {"on": True, "off": False}


@dataclass(frozen=True)
class Listing:
    """The list page: rows, filters, and what can be chosen in them."""

    page: ArticlePage
    filters: ArticleFilters
    accounts: list[Account]
    languages: list[str]
    tags: list[str]
    total: int
    on: int
    after: int | None
    may_manage: bool

    @property
    def account(self) -> Account | None:
        """The one account that the page is about, if it is about one."""
        if len(self.accounts) == 1:
            return self.accounts[0]
        return next((one for one in self.accounts if one.id == self.filters.account_id), None)

    def args(self, **changes: Any) -> dict[str, Any]:
        """The filters as an address carries them; empty ones are left out."""
        filters = self.filters
        values: dict[str, Any] = {
            "account": filters.account_id,
            "language": filters.language,
            "tag": filters.tag,
            "source": filters.source.value if filters.source else None,
            "state": {True: "on", False: "off", None: None}[filters.is_on],
            "search": filters.search,
            **changes,
        }
        return {name: value for name, value in values.items() if value}


@blueprint.get("/")
@permission_required("knowledge.view")
def index() -> Response:
    return respond(
        page="knowledge/index.html",
        fragment="knowledge/_list.html",
        listing=_listing(current_actor().scope(_VIEW)),
        sources=SOURCES,
        languages=NAMES,
    )


@blueprint.get("/<int:article_id>/")
@permission_required("knowledge.view")
def detail(article_id: int) -> Response:
    article = queries.get_article(article_id, current_actor().scope(_VIEW))
    return make_response(
        render_template(
            "knowledge/detail.html",
            article=article,
            may_manage=current_actor().may(_MANAGE, article.account_id),
            sources=SOURCES,
            languages=NAMES,
        )
    )


@blueprint.post("/<int:article_id>/switch")
@permission_required("knowledge.manage")
def switch(article_id: int) -> Response:
    """On, or off: the bot then does as if it were not there."""
    article = _managed(article_id)
    is_on = request.form.get("is_on") == "1"
    articles.switch_article(article=article, is_on=is_on, actor=current_actor())
    flash("The bot uses the article." if is_on else "The bot no longer uses the article.", "ok")
    return go_to(url_for("knowledge.detail", article_id=article_id))


@blueprint.post("/<int:article_id>/delete")
@permission_required("knowledge.manage")
def delete(article_id: int) -> Response:
    article = _managed(article_id)
    title, account_id = article.title, article.account_id
    articles.delete_article(article=article, actor=current_actor())
    flash(f"“{title}” is deleted.", "ok")
    return go_to(url_for("knowledge.index", account=account_id))


@blueprint.get("/export.csv")
@permission_required("knowledge.view")
def export() -> Response:
    """What the list is narrowed to, in the columns that an import takes."""
    rows = queries.every_article(current_actor().scope(_VIEW), _read_filters())
    return Response(
        write_csv((row.id, articles.contents_of(row)) for row in rows),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="knowledge.csv"'},
    )


def _managed(article_id: int) -> KnowledgeArticle:
    return queries.get_article(article_id, current_actor().scope(_MANAGE))


def _listing(scope: AccountScope) -> Listing:
    filters, after = _read_filters(), request.args.get("after", type=row_id)
    total, on = queries.count_articles(scope, filters.account_id)
    return Listing(
        page=queries.list_articles(scope, filters, after),
        filters=filters,
        accounts=account_queries.list_accounts(scope),
        languages=queries.list_languages(scope, filters.account_id),
        tags=queries.list_tags(scope, filters.account_id),
        total=total,
        on=on,
        after=after,
        may_manage=current_actor().may(_MANAGE, filters.account_id),
    )


def _read_filters() -> ArticleFilters:
    """Out of the address; nonsense counts as nothing."""
    source = request.args.get("source", "")
    return ArticleFilters(
        account_id=request.args.get("account", type=row_id),
        language=_plain("language", 2),
        tag=_plain("tag", _LONGEST_TAG),
        source=ArticleSource(source) if source in set(ArticleSource) else None,
        is_on=_STATES.get(request.args.get("state", "")),
        search=_plain("search", _LONGEST_SEARCH),
    )


def _plain(name: str, longest: int) -> str:
    return request.args.get(name, "").strip()[:longest]

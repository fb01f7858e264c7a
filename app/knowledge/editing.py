"""Writing an article, with a preview of what the bot would say."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, request, url_for

from app.errors import DomainError, InvalidFields
from app.knowledge.blueprint import blueprint
from app.knowledge.forms import ArticleForm, choices, values_of
from app.models import KnowledgeArticle
from app.queries import accounts as account_queries
from app.queries import knowledge as queries
from app.services.knowledge import articles
from app.services.knowledge.contents import tidy
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id

_MANAGE = "knowledge.manage"


@blueprint.get("/new/")
@permission_required("knowledge.manage")
def new() -> Response:
    form = _form(ArticleForm(is_on=True, language="en"))
    if not form.account.choices:
        flash("Connect an account first; an article belongs to one.", "info")
        return go_to(url_for("knowledge.index"))
    form.account.data = request.args.get("account", type=row_id) or form.account.choices[0].value
    form.title.data = request.args.get("title", "")
    return _page(form, None)


@blueprint.post("/new/")
@permission_required("knowledge.manage")
def create() -> Response:
    form = _form(ArticleForm())
    if request.form.get("step") == "preview":
        return _page(form, None)
    if not form.validate_on_submit():
        return _page(form, None, 422)
    account = account_queries.get_account(form.account.data, current_actor().scope(_MANAGE))
    try:
        article = articles.create_article(
            account_id=account.id, contents=form.contents(), actor=current_actor(), is_on=form.is_on.data
        )
    except DomainError as error:
        return _refused(form, error, None)
    flash("The article is saved.", "ok")
    return go_to(url_for("knowledge.detail", article_id=article.id))


@blueprint.get("/<int:article_id>/edit/")
@permission_required("knowledge.manage")
def edit(article_id: int) -> Response:
    article = _managed(article_id)
    given = {**values_of(articles.contents_of(article)), "is_on": article.is_on}
    return _page(_form(ArticleForm(data={**given, "account": article.account_id})), article)


@blueprint.post("/<int:article_id>/edit/")
@permission_required("knowledge.manage")
def save(article_id: int) -> Response:
    article = _managed(article_id)
    form = _form(ArticleForm())
    form.account.data = article.account_id
    if request.form.get("step") == "preview":
        return _page(form, article)
    if not form.validate_on_submit():
        return _page(form, article, 422)
    try:
        articles.update_article(
            article=article, contents=form.contents(), actor=current_actor(), is_on=form.is_on.data
        )
    except DomainError as error:
        return _refused(form, error, article)
    flash("The article is saved.", "ok")
    return go_to(url_for("knowledge.detail", article_id=article_id))


@blueprint.post("/preview")
@permission_required("knowledge.manage")
def preview() -> Response:
    """What is typed so far, as customers and colleagues would see it; nothing is kept."""
    contents = tidy(ArticleForm().contents())
    return make_response(render_template("knowledge/_preview.html", contents=contents))


def _managed(article_id: int) -> KnowledgeArticle:
    return queries.get_article(article_id, current_actor().scope(_MANAGE))


def _form(form: ArticleForm) -> ArticleForm:
    form.offer(choices(account_queries.list_accounts(current_actor().scope(_MANAGE))))
    return form


def _refused(form: ArticleForm, error: DomainError, article: KnowledgeArticle | None) -> Response:
    """Nothing that was typed is lost."""
    if isinstance(error, InvalidFields):
        show_problems(form, error)
    else:
        form.form_errors.append(error.message)
    return _page(form, article, 422)


def _page(form: ArticleForm, article: KnowledgeArticle | None, status: int = 200) -> Response:
    return make_response(
        render_template("knowledge/editor.html", form=form, article=article, contents=tidy(form.contents())),
        status,
    )

"""Saved views: keep the list's filters and order under a name, begin with one, delete one."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from app.console import pages
from app.console.blueprint import blueprint
from app.console.narrowing import parse
from app.console.places import Places
from app.console.shown_views import may_change
from app.errors import DomainError, NotAllowed
from app.models import ConversationView, User
from app.queries import conversation_views as queries
from app.services import conversation_views as views
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id


@blueprint.post("/views")
@permission_required("console.use")
def save_view() -> Response:
    """`name`; `share`: the account whose people see it too, empty for oneself; and the filters.

    What was searched for is not kept: it may name a person, and would outlive their erasing.
    """
    me, places = _me(), Places(pages.console_scope())
    accounts = {account.id for account in places.accounts}
    known = {"account": accounts, "number": {number.id for number in places.numbers}}
    _, words = parse(request.form, places)
    query = {
        name: value
        for name, value in words.items()
        if name != "search" and value in known.get(name, (value,))
    }
    account_id = request.form.get("share", type=row_id)
    if account_id is not None and account_id not in accounts:
        account_id = None
    try:
        view = views.save_view(
            name=request.form.get("name", ""),
            query=query,
            user=me,
            account_id=account_id,
            actor=current_actor(),
        )
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash(f"The view “{view.name}” is saved.", "ok")
    return go_to(url_for("console.index", **(query or {"desk": "all"})))


@blueprint.post("/views/<int:view_id>/delete")
@permission_required("console.use")
def delete_view(view_id: int) -> Response:
    view = _view(view_id)
    if not may_change(view.user_id, view.account_id):
        raise NotAllowed("Only who made a shared view, or a manager of its account, may delete it.")
    views.delete_view(view=view, actor=current_actor())
    flash("The view is deleted. The conversations are untouched.", "ok")
    return go_to(url_for("console.index", desk="all"))


@blueprint.post("/views/<int:view_id>/start")
@permission_required("console.use")
def start_with_view(view_id: int) -> Response:
    """With `on` the list begins with it from now on, without again with all conversations."""
    view, is_on = _view(view_id), request.form.get("on") == "1"
    views.start_with(view=view if is_on else None, user=_me())
    flash("The list begins with this view." if is_on else "The list begins with all conversations.", "ok")
    return go_to(url_for("console.index", **(view.query or {"desk": "all"})))


def _view(view_id: int) -> ConversationView:
    return queries.get_view(view_id, pages.console_scope(), _me().id)


def _me() -> User:
    user = current_actor().user
    if user is None:
        raise NotAllowed("Views belong to people.")
    return user

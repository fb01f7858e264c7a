"""One thing done to many conversations of the list, or to one of them by its row's menu; and its undo."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, flash, request, url_for

from app.console import pages
from app.console.blueprint import blueprint
from app.console.narrowing import read_filters
from app.console.places import Places
from app.errors import DomainError
from app.models import ListAction, ListChange
from app.queries import conversation_lists
from app.services import list_changes, list_undo
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, wants_fragment
from app.web.routing import row_id

_MOST_DIGITS = 18
_LONGEST_KEY = 64


class _Unclear(DomainError):
    """The form does not say what to do, or to which."""

    status = 422


@dataclass(frozen=True)
class _Wanted:
    action: ListAction
    user_id: int | None
    ids: Sequence[int]


@blueprint.post("/changes")
@permission_required("console.use")
def change_many() -> Response:
    """`action` (`assign:` with a person's id) for the conversations `chosen`, or, with `whole`, for all that
    the filters let through; `quick` is `action:id`, for one."""
    try:
        wanted = _read()
        change = list_changes.change_many(
            ids=wanted.ids,
            action=wanted.action,
            actor=current_actor(),
            user_id=wanted.user_id,
            tag=request.form.get("tag_name", ""),
            client_key=_key(wanted),
        )
    except DomainError as error:
        return _answer(None, error.message)
    return _answer(change)


@blueprint.post("/changes/<int:change_id>/undo")
@permission_required("console.use")
def undo_change(change_id: int) -> Response:
    """Put back what has not changed since."""
    change = list_undo.get_change(change_id, current_actor())
    try:
        list_undo.undo(change=change, actor=current_actor())
    except DomainError as error:
        return _answer(None, error.message)
    return _answer(change)


def _read() -> _Wanted:
    quick = request.form.get("quick", "")
    word, _, rest = (quick or request.form.get("action", "")).partition(":")
    if word not in set(ListAction):
        raise _Unclear("Choose what to do with them. Nothing was changed.")
    action = ListAction(word)
    if quick:
        # An id stands at its end: `assign:7:12`, `close:12`.
        rest, _, id_ = rest.rpartition(":")
        ids: Sequence[int] = _ids([id_])
    else:
        ids = _whole(action) if request.form.get("whole") else _ids(request.form.getlist("chosen"))
    if not ids:
        raise _Unclear("Choose at least one conversation. Nothing was changed.")
    return _Wanted(action, _person(rest) if action is ListAction.ASSIGN else None, ids)


def _whole(action: ListAction) -> list[int]:
    scope = pages.console_scope()
    filters, _ = read_filters(Places(scope))
    closes_quiet = action is ListAction.CLOSE and filters.is_quiet
    most = list_changes.MOST_QUIET if closes_quiet else list_changes.MOST
    return conversation_lists.list_ids(scope, filters, most)


def _ids(given: Sequence[str]) -> list[int]:
    ids = {int(one) for one in given if one.isascii() and one.isdigit() and len(one) <= _MOST_DIGITS}
    if len(ids) > list_changes.MOST:
        raise _Unclear(f"At most {list_changes.MOST} at once. Nothing was changed.")
    return sorted(ids)


def _person(given: str) -> int | None:
    try:
        return row_id(given) if given else None
    except ValueError:
        raise _Unclear("This is not a person. Choose one from the menu. Nothing was changed.") from None


def _key(wanted: _Wanted) -> str | None:
    """One press of one form: of the menus of rows each has the same key, so what is wanted is part of it."""
    key = request.form.get("key", "")[:_LONGEST_KEY]
    if not key:
        return None
    text = repr((current_actor().name, key, wanted, request.form.get("tag_name", "")))
    return hashlib.blake2s(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _answer(change: ListChange | None, problem: str = "") -> Response:
    done = change.id if change is not None else None
    if wants_fragment():
        context = pages.pane_context(request.form.get("current", type=int), problem, done)
        return pages.fragment("_pane.html", 422 if problem else 200, **context)
    if problem:
        flash(problem, "bad")
    args = pages.list_context(None)["list"].args(done=done)
    return go_to(url_for("console.index", **args))

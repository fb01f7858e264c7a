"""A person's own desk: signs of an open page, away or there, what is new, and notes that name them."""

from __future__ import annotations

from flask import Response, jsonify, make_response, render_template, request, url_for

from app.console import pages
from app.console.blueprint import blueprint
from app.errors import NotFound
from app.queries import conversation_lists as list_queries
from app.queries import mentions as mention_queries
from app.queries.desks import settings_of
from app.queries.news import News, Place, latest_place, list_news
from app.services import desks, mentions, presence
from app.services.message_text import preview
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.redirects import own_path
from app.web.responses import go_to
from app.web.routing import row_id

_TITLES = {
    "own": "New message from {}",
    "unassigned": "{} waits, and nobody has it",
    "assigned": "{} is yours now",
    "mention": "A note about {} names you",
}
_LONGEST_TEXT = 160


def _me() -> int | None:
    user = current_actor().user
    return user.id if user else None


@blueprint.post("/presence")
@permission_required("console.use")
def note_presence() -> Response:
    """A page is open, on this conversation or on none. What this person does not see counts as none."""
    me, conversation_id = _me(), request.form.get("conversation", type=row_id)
    if conversation_id is not None:
        try:
            pages.get_conversation(conversation_id)
        except NotFound:
            conversation_id = None
    if me is not None:
        is_answering = request.form.get("answering") == "1"
        presence.note(user_id=me, conversation_id=conversation_id, is_answering=is_answering)
    return Response(status=204)


@blueprint.post("/away")
@permission_required("console.use")
def set_away() -> Response:
    """`away`: 1 or 0. Back to the page it was said on."""
    me = _me()
    if me is not None:
        desks.set_away(user_id=me, is_away=request.form.get("away") == "1")
    return go_to(own_path(request.form.get("next")) or url_for("console.index"))


@blueprint.get("/news")
@permission_required("console.use")
def show_news() -> Response:
    """For the page's script: how many are unread, and what happened since `after` that this person wants to
    be told. Without `after`: where asking begins. No text where the person chose so."""
    me, scope = _me(), pages.console_scope()
    place, here = Place.parse(request.args.get("after")), latest_place()
    found: list[dict[str, str]] = []
    if me is not None and place is not None:
        settings = settings_of(me)
        news = list_news(scope, settings, place)
        found = [_shown(one, tells_content=settings.tells_content) for one in news]
    answer = {
        "after": str(here),
        "unread": list_queries.count_unread(scope),
        "mentions": mention_queries.count_unread(scope, me) if me is not None else 0,
        "news": found,
    }
    return jsonify(answer)


def _shown(one: News, *, tells_content: bool) -> dict[str, str]:
    name = one.conversation.contact.display_name if tells_content else "A customer"
    text = preview("text", one.text)[:_LONGEST_TEXT] if tells_content else ""
    url = url_for("console.thread", conversation_id=one.conversation.id, _anchor=one.anchor or None)
    return {
        "key": one.key,
        "kind": one.kind,
        "title": _TITLES[one.kind].format(name),
        "text": text,
        "url": url,
    }


@blueprint.get("/mentions")
@permission_required("console.use")
def list_mentions() -> Response:
    """Notes that name this person, the newest first."""
    me = _me()
    rows = mention_queries.list_mentions(pages.console_scope(), me) if me is not None else []
    return make_response(render_template("console/mentions.html", rows=rows))


@blueprint.post("/mentions/read")
@permission_required("console.use")
def read_mentions() -> Response:
    """All of them."""
    me = _me()
    if me is not None:
        mentions.mark_read(user_id=me)
    return go_to(url_for("console.list_mentions"))

"""What colleagues do among themselves in a conversation: take it, pass it on, close it."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from app.console import pages
from app.console.blueprint import blueprint
from app.console.views import after_choice
from app.errors import DomainError, NotFound
from app.services import teamwork
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to
from app.web.routing import row_id


@blueprint.post("/<int:conversation_id>/assign")
@permission_required("console.use")
def assign(conversation_id: int) -> Response:
    """`user_id`: to whom; empty: to nobody. `team_id`: to which team."""
    conversation = pages.get_conversation(conversation_id)
    person, team, problem = request.form.get("user_id"), request.form.get("team_id"), ""
    actor = current_actor()
    try:
        if team:
            teamwork.assign_team(conversation=conversation, team_id=row_id(team), actor=actor)
        else:
            id_ = row_id(person) if person else None
            teamwork.assign(conversation=conversation, user_id=id_, actor=actor)
    except ValueError:
        problem = "This is not a person or a team. Choose one from the menu."
    except DomainError as error:
        problem = error.message
    return _after(conversation_id, problem)


@blueprint.post("/<int:conversation_id>/close")
@permission_required("console.use")
def close(conversation_id: int) -> Response:
    teamwork.close(conversation=pages.get_conversation(conversation_id), actor=current_actor())
    return _after(conversation_id)


@blueprint.post("/<int:conversation_id>/reopen")
@permission_required("console.use")
def reopen(conversation_id: int) -> Response:
    teamwork.reopen(conversation=pages.get_conversation(conversation_id), actor=current_actor())
    return _after(conversation_id)


def _after(conversation_id: int, problem: str = "") -> Response:
    try:
        conversation = pages.get_conversation(conversation_id)
    except NotFound:
        # Passed on to where this person may not look.
        flash("The conversation is passed on.")
        return go_to(url_for("console.index"))
    response = after_choice(conversation, problem)
    response.headers["HX-Trigger"] = "conversation-changed"
    return response

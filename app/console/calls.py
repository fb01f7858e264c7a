"""From a message to what Meta was told about it: every try, and every call that is still kept."""

from __future__ import annotations

from flask import Response, current_app, make_response, render_template

from app.console.blueprint import blueprint
from app.queries import conversations as queries
from app.queries.graph_calls import list_attempts, list_message_calls
from app.web.call_rows import attempt_outcome, call_row
from app.web.identity import current_actor
from app.web.permissions import permission_required


@blueprint.get("/<int:conversation_id>/messages/<int:message_id>/calls")
@permission_required("graph_calls.view")
def message_calls(conversation_id: int, message_id: int) -> Response:
    scope = current_actor().scope("graph_calls.view")
    message = queries.get_message(queries.get_conversation(conversation_id, scope), message_id)
    return make_response(
        render_template(
            "console/calls.html",
            message=message,
            attempts=list_attempts(message),
            attempt_outcome=attempt_outcome,
            calls=[call_row(call) for call in list_message_calls(message)],
            keep_days=current_app.config["SETTINGS"].graph_call_retention_days,
        )
    )

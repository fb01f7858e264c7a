"""Messages planned for later: their list, the page of one, and what is done with them."""

from __future__ import annotations

from flask import Response
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.console import pages, times
from app.console.blueprint import blueprint
from app.console.views import after_choice
from app.errors import DomainError, InvalidFields
from app.models import PlannedMessage
from app.queries import planned as queries
from app.services import planning
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to, respond


class PlannedForm(PageForm):
    """A planned message's time, and of a text the words."""

    body = TextAreaField("Message", [Optional(), Length(max=4096)])
    send_at = StringField("Leaves at", [DataRequired("Choose a time.")])
    hold = BooleanField("Hold it back if the customer writes before then")


@blueprint.get("/planned/")
@permission_required("messages.send")
def planned_messages() -> Response:
    """All that is still to leave, or is held for somebody to look at."""
    rows = queries.list_all_open(current_actor().scope("messages.send"))
    page = "console/planned_messages.html"
    is_cut = len(rows) == queries.MOST_LISTED
    return respond(page=page, fragment=page, rows=[times.shown(row) for row in rows], is_cut=is_cut)


@blueprint.get("/planned/<int:planned_id>")
@permission_required("messages.send")
def planned(planned_id: int) -> Response:
    row = _get(planned_id)
    form = PlannedForm(
        data={
            "body": row.text_content,
            "send_at": times.typed(row.send_at, row.account.time_zone),
            "hold": row.holds_if_answered,
        }
    )
    return _show(row, form)


@blueprint.post("/planned/<int:planned_id>")
@permission_required("messages.send")
def change_planned(planned_id: int) -> Response:
    row, form = _get(planned_id), PlannedForm()
    if not form.validate_on_submit():
        return _show(row, form, 422)
    is_text = row.message_type == "text"
    try:
        planning.change(
            planned=row,
            body=form.body.data if is_text else None,
            send_at=times.read(form.send_at.data, row.account.time_zone),
            holds_if_answered=form.hold.data,
            actor=current_actor(),
        )
    except InvalidFields as error:
        for problem in error.problems:
            field = form.send_at if problem.field == "send_at" else form.body
            field.errors = [*field.errors, problem.message]
        return _show(_get(planned_id), form, 422)
    except DomainError as error:
        return _show(_get(planned_id), form, 422, error.message)
    return go_to(pages.thread_url(row.conversation))


@blueprint.post("/planned/<int:planned_id>/cancel")
@permission_required("messages.send")
def cancel_planned(planned_id: int) -> Response:
    row, problem = _get(planned_id), ""
    try:
        planning.cancel(planned=row, actor=current_actor())
    except DomainError as error:
        problem = error.message
    return _after(row, problem)


@blueprint.post("/planned/<int:planned_id>/send-now")
@permission_required("messages.send")
def send_planned(planned_id: int) -> Response:
    row, problem = _get(planned_id), ""
    try:
        planning.send_now(planned=row, actor=current_actor())
    except DomainError as error:
        problem = error.message
    return _after(row, problem)


def _get(planned_id: int) -> PlannedMessage:
    return queries.get_planned(planned_id, current_actor().scope("messages.send"))


def _show(row: PlannedMessage, form: PlannedForm, status: int = 200, problem: str = "") -> Response:
    context = {"plan": times.shown(row), "form": form, "problem": problem}
    page = "console/planned_message.html"
    return respond(page=page, fragment=page, status=status, **context)


def _after(row: PlannedMessage, problem: str) -> Response:
    response = after_choice(pages.get_conversation(row.conversation_id), problem)
    response.headers["HX-Trigger"] = "conversation-changed"
    return response

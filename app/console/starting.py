"""Writing to somebody first: number, recipient and, the window being closed, a message template."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from app.console import pages
from app.console.blueprint import blueprint
from app.console.composing import Option, options_of
from app.console.forms import StartForm, start_form
from app.console.value_uploads import upload_values
from app.errors import DomainError, InvalidFields, KeyReused
from app.models import PhoneNumber
from app.queries import accounts as account_queries
from app.queries import message_templates as message_template_queries
from app.services import messages, teamwork
from app.services.message_template_text import Preview, list_blanks, show
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, respond
from app.web.routing import row_id

_MOST_OPTIONS = 250
_LONGEST_NUMBER = 160


@dataclass(frozen=True)
class Start:
    """The form, and what the choices made so far lead to."""

    form: StartForm
    number: PhoneNumber | None
    chosen: Option | None
    preview: Preview | None
    problem: str = ""


@blueprint.get("/new/")
@permission_required("messages.send")
def start() -> Response:
    return _show(_build(), 200)


@blueprint.post("/new/")
@permission_required("messages.send")
def send_first() -> Response:
    """Send it; or, while choices are being made, only show what they lead to."""
    built = _build()
    if request.form.get("step") == "fill":
        return _show(built, 200)
    if not built.form.validate_on_submit():
        return _show(built, 422)
    try:
        return go_to(_send(built))
    except KeyReused as error:
        built.form.renew()
        return _show(_failed(built, error), 422)
    except DomainError as error:
        return _show(_failed(built, error), 422)


def _send(built: Start) -> str:
    if built.number is None or built.chosen is None:
        raise DomainError("Choose a message template. Nothing was sent.")
    actor = current_actor()
    conversation = messages.open_conversation(
        account=built.number.account, phone_number=built.number, to=built.form.to.data
    )
    teamwork.require_free(conversation, actor)
    messages.queue_message_template(
        conversation=conversation,
        message_template=built.chosen.message_template,
        values=built.form.values() | upload_values(built.form, built.number.account, built.number),
        actor=actor,
        client_key=built.form.client_key,
    )
    if actor.limits is not None and actor.user is not None and conversation.assigned_to_id is None:
        # Who sees only some conversations sees the one that they began.
        teamwork.assign(conversation=conversation, user_id=actor.user.id, actor=actor)
    return pages.thread_url(conversation)


def _build() -> Start:
    """From what is chosen so far: the number decides the account, the account the message templates."""
    numbers = [
        number
        for number in account_queries.list_numbers(current_actor().scope("messages.send"))
        if number.account.is_live
    ]
    wanted = request.values.get("number", type=row_id)
    number = next((item for item in numbers if item.id == wanted), numbers[0] if numbers else None)
    options = _options(number)
    wanted = request.values.get("message_template", type=row_id)
    chosen = next((item for item in options if item.message_template.id == wanted), None)
    form = start_form(
        [(item.id, _number_text(item)) for item in numbers],
        [(0, "Choose one"), *((item.message_template.id, _option_text(item)) for item in options)],
        list_blanks(chosen.message_template.components) if chosen else [],
        data={
            "number": number.id if number else None,
            "message_template": chosen.message_template.id if chosen else 0,
            "to": request.args.get("to", "")[:_LONGEST_NUMBER],
        },
    )
    preview = show(chosen.message_template.components, form.values()) if chosen else None
    return Start(form, number, chosen, preview)


def _options(number: PhoneNumber | None) -> list[Option]:
    if number is None:
        return []
    role = current_actor().role_in(number.account_id)
    rows = message_template_queries.list_sendable(number.account_id, limit=_MOST_OPTIONS, role=role)
    return [options_of(row) for row in rows]


def _number_text(number: PhoneNumber) -> str:
    return f"{number.verified_name or number.account.name}, {number.shown_number}"


def _option_text(option: Option) -> str:
    return f"{option.message_template.name} ({option.message_template.language})"


def _failed(built: Start, error: DomainError) -> Start:
    """Say it at the field it is about, or above the form."""
    rest = []
    for problem in error.problems if isinstance(error, InvalidFields) else []:
        if problem.field == "to_phone_number":
            built.form.to.errors = [*built.form.to.errors, problem.message]
        else:
            rest.append(problem.message)
    text = " ".join(rest) if isinstance(error, InvalidFields) else error.message
    return Start(built.form, built.number, built.chosen, built.preview, text)


def _show(built: Start, status: int) -> Response:
    return respond(page="console/start.html", fragment="console/_start.html", status=status, start=built)

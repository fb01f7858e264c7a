"""Routes of a Flow on the phone: open it, tap in it, start it again."""

from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ..context import Sandbox, current_sandbox
from ..database import Row
from ..flow_player import rich_text
from ..flow_player.player import GO_BACK, REFRESH
from ..flow_player.state import CLOSED, OPEN, SENT, from_json
from ..inbound import InvalidInbound
from ..store import flow_runs, messages
from . import chat, flow_files, flow_messages, flow_session, playing
from .chat import Chat
from .flow_entries import FormEntries
from .views import back_to, blueprint, finished, shown_chat

GONE = "That message is gone."


@blueprint.get("/phone/flow")
def show_flow() -> Response:
    """The screen on which the customer stands in the Flow of the message `wamid`; the first look opens it."""
    sandbox, shown = current_sandbox(), chat.find(current_sandbox(), request.args)
    message = messages.find(sandbox.db, request.args.get("wamid", ""))
    if shown is None or message is None or not _is_theirs(message, shown):
        return redirect(url_for("phone.index"), 303)
    run = flow_runs.find_of(sandbox.db, message["wamid"], shown.customer.wa_id)
    run = run or _started(sandbox, shown, message)
    if run is None:
        return finished(FlaskResponse(render_template("flow_gone.html", chat=shown)))
    page = render_run(
        sandbox,
        run,
        chat=shown,
        message=message,
        notice=flow_session.MOVED_ON if request.args.get("moved") else "",
        action=url_for("phone.press_flow"),
        again=url_for("phone.open_flow_again"),
    )
    return finished(FlaskResponse(page))


@blueprint.post("/phone/flow")
def press_flow() -> Response:
    """`do`: what was tapped; `step`: how far the form was when the page was made."""
    sandbox, shown = current_sandbox(), shown_chat()
    message = messages.find(sandbox.db, request.form.get("wamid", ""))
    run = flow_runs.find_of(sandbox.db, message["wamid"], shown.customer.wa_id) if message else None
    if message is None or run is None or not _is_theirs(message, shown):
        raise InvalidInbound(GONE)
    if request.form.get("step") != step_of(run):
        return _back_to_flow(shown, message["wamid"], moved="1")
    state = flow_session.press(sandbox, run, request.form.get("do", ""), entries(sandbox, shown.number))
    answer = flow_session.answer_of(state)
    with sandbox.db.write():
        is_kept = flow_runs.advance(sandbox.db, run, state.as_json())
        if is_kept and answer is not None:
            playing.answer_flow(sandbox, shown, message["wamid"], answer, sandbox.base_url())
    if not is_kept:
        return _back_to_flow(shown, message["wamid"], moved="1")
    return back_to(shown) if answer is not None else _back_to_flow(shown, message["wamid"])


@blueprint.post("/phone/flow/again")
def open_flow_again() -> Response:
    """From the beginning, whatever was entered."""
    sandbox, shown = current_sandbox(), shown_chat()
    message = messages.find(sandbox.db, request.form.get("wamid", ""))
    if message is None or not _is_theirs(message, shown):
        raise InvalidInbound(GONE)
    _started(sandbox, shown, message)
    return _back_to_flow(shown, message["wamid"])


@blueprint.get("/_flows/files/<media_id>/<key>")
def show_flow_file(media_id: str, key: str) -> Response:
    """An encrypted file that was picked in a Flow, for the business's endpoint."""
    return flow_files.answer_file(media_id, key)


def entries(sandbox: Sandbox, number: Row) -> FormEntries:
    """What this request submits."""
    return FormEntries(
        request.form,
        request.files,
        lambda file: flow_files.keep(sandbox, number, file),
        lambda kind: flow_files.keep_sample(sandbox, number, kind),
    )


def render_run(sandbox: Sandbox, run: Row, **more: object) -> str:
    """The page of a run. `more`: what flow.html names at its head."""
    state = from_json(run["state"])
    return render_template(
        "flow.html",
        step=step_of(run),
        state=state,
        screen=flow_session.page_of(sandbox, run),
        blocks=rich_text.of_item,
        words={"open": OPEN, "sent": SENT, "closed": CLOSED, "back": GO_BACK, "refresh": REFRESH},
        **more,
    )


def step_of(run: Row) -> str:
    """What a page carries to say which run it shows, and how far it was."""
    return f"{run['id']}.{run['step']}"


def _is_theirs(message: Row, shown: Chat) -> bool:
    """Of this conversation: a form that was sent to somebody else is not this customer's."""
    return (message["phone_number_id"], message["wa_id"]) == (shown.number["id"], shown.customer.wa_id)


def _started(sandbox: Sandbox, shown: Chat, message: Row) -> Row | None:
    opening = flow_messages.read(sandbox, shown.number["waba_id"], message)
    if opening is None:
        return None
    where = {"wamid": message["wamid"], "wa_id": shown.customer.wa_id}
    return flow_session.start(sandbox, shown.number, opening, **where)


def _back_to_flow(shown: Chat, wamid: str, **more: str) -> Response:
    query = urlencode({"wamid": wamid} | more)
    return redirect(f"{url_for('phone.show_flow')}?{shown.query}&{query}", 303)

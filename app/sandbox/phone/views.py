"""Routes of the page. Everything works by plain GET and POST; the script only saves reloading."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from .. import clock
from .. import settings as settings_store
from ..context import Sandbox, current_sandbox
from ..inbound import InvalidInbound
from ..store import accounts, faults, media, messages
from . import bubbles, chat, playing, trace
from .chat import Chat

blueprint = Blueprint("phone", __name__)

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# kind → label, explanation, and what is switched on.
SWITCHES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "throttle": (
        "Rate limit",
        "Every second send fails with 130429, then works on retry",
        {"every": 2, "match": {"path": "/messages"}},
    ),
    "outage": ("Meta outage", "Each call fails with status 503", {}),
    "slow": ("Slow network", "Each call takes 8 seconds", {"options": {"seconds": 8}}),
    "lost_answer": (
        "Lost answers",
        "Every second send is delivered, but its answer never arrives",
        {"every": 2, "match": {"path": "/messages"}},
    ),
    "token_expired": ("Token expired", "Each call fails with 190", {}),
    "duplicate_webhooks": ("Webhooks twice", "Each webhook comes two times", {}),
    "reject_message_templates": (
        "Reject message templates",
        "The next one sent to review comes back rejected",
        {"count": 1},
    ),
}


@blueprint.get("/")
def index() -> Response:
    return _page("phone.html")


@blueprint.get("/phone/live")
def live() -> Response:
    """The parts that change, for the script: same templates, same ids as the page."""
    return _page("_live.html")


@blueprint.get("/phone/media/<media_id>")
def show_media(media_id: str) -> Response:
    """Pictures and sounds inside the thread; not the Graph address, so no token."""
    row = media.find(current_sandbox().db, media_id)
    if row is None:
        return Response("Not found", 404, content_type="text/plain")
    is_shown = row["mime_type"].split("/")[0] in {"image", "audio", "video"} and "svg" not in row["mime_type"]
    response = Response(
        media.read_bytes(current_sandbox().db, media_id),
        content_type=row["mime_type"] if is_shown else "application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.post("/phone/messages")
def send() -> BaseResponse:
    """`text`, or `thing` from the plus menu."""
    sandbox, shown = current_sandbox(), _chat()
    if thing := request.form.get("thing"):
        playing.send_thing(sandbox, shown, thing, sandbox.base_url())
    else:
        playing.write(sandbox, shown, request.form.get("text", ""), sandbox.base_url())
    return _back(shown)


@blueprint.post("/phone/taps")
def tap() -> BaseResponse:
    """The message stands in the query: each button of the thread's one form has its own address."""
    sandbox, shown = current_sandbox(), _chat()
    playing.tap(
        sandbox, shown, request.args.get("wamid", ""), request.form.get("tap", ""), sandbox.base_url()
    )
    return _back(shown)


@blueprint.post("/phone/scenes")
def scene() -> BaseResponse:
    sandbox, shown = current_sandbox(), _chat()
    playing.play(sandbox, shown, request.form.get("scene", ""), sandbox.base_url())
    return _back(shown)


@blueprint.post("/phone/switches")
def switch() -> BaseResponse:
    """Turn a fault, the reading or the window to its other side."""
    sandbox, shown = current_sandbox(), _chat()
    name = request.form.get("switch", "")
    if name == "reads_messages":
        settings_store.change(sandbox.db, {name: not sandbox.settings.reads_messages})
    elif name == "window":
        _turn_window(sandbox, shown)
    elif name in SWITCHES:
        _turn_fault(sandbox, name)
    else:
        raise InvalidInbound(f"There is no switch called {name}.")
    return _back(shown)


@blueprint.post("/phone/start-over")
def start_over() -> BaseResponse:
    shown = _chat()
    playing.start_over(current_sandbox(), shown)
    return _back(shown)


@blueprint.post("/phone/accounts")
def create_account() -> BaseResponse:
    """A further account, made up."""
    sandbox = current_sandbox()
    with sandbox.db.write():
        account = accounts.plan(sandbox.db, {})
        accounts.create(sandbox.db, account)
    return redirect(url_for("phone.show_account", waba_id=account.waba_id), 303)


@blueprint.get("/phone/accounts/<waba_id>")
def show_account(waba_id: str) -> BaseResponse:
    """Everything the console's set-up asks for. These secrets open nothing but this sandbox."""
    account = accounts.find_complete(current_sandbox().db, waba_id)
    if account is None:
        return redirect(url_for("phone.index"), 303)
    return _finished(Response(render_template("account.html", account=account)))


def _turn_fault(sandbox: Sandbox, kind: str) -> None:
    if faults.delete(sandbox.db, kind=kind):
        return
    how = SWITCHES[kind][2]
    faults.insert(
        sandbox.db,
        kind,
        remaining=how.get("count"),
        every=how.get("every", 1),
        match=how.get("match", {}),
        options=how.get("options", {}),
    )


def _turn_window(sandbox: Sandbox, shown: Chat) -> None:
    """As if 25 hours had passed, or as if the customer had just written."""
    where = (shown.number["id"], shown.customer.wa_id)
    is_open = messages.is_window_open(sandbox.db, *where)
    at = clock.now() - (messages.WINDOW_S + 3600 if is_open else 0)
    messages.open_window(sandbox.db, *where, at)


def _chat() -> Chat:
    """The conversation a form names. Raises InvalidInbound when there is no account at all."""
    found = chat.find(current_sandbox(), request.form)
    if found is None:
        raise InvalidInbound("This sandbox has no account yet.")
    return found


def _back(shown: Chat) -> BaseResponse:
    return redirect(url_for("phone.index") + "?" + shown.query, 303)


def _page(template: str) -> Response:
    sandbox = current_sandbox()
    shown = chat.find(sandbox, request.args)
    if shown is None:
        return _finished(Response(render_template("empty.html")))
    on = {fault["kind"] for fault in faults.list_active(sandbox.db)}
    closes_at = messages.window_closes_at(sandbox.db, shown.number["id"], shown.customer.wa_id)
    return _finished(
        Response(
            render_template(
                template,
                chat=shown,
                bubbles=bubbles.thread(sandbox, shown),
                steps=trace.newest(sandbox),
                switches=SWITCHES,
                scenes=playing.SCENES,
                faults_on=on,
                settings=sandbox.settings,
                window_left_s=(closes_at or 0) - clock.now(),
                now=clock.now(),
            )
        )
    )


def _finished(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response

"""Routes of the page. Everything works by plain GET and POST; the script only saves reloading."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from .. import clock
from ..context import Sandbox, current_sandbox
from ..inbound import InvalidInbound
from ..store import accounts, customers, faults, media, messages, subscriptions, typing
from . import bubbles, chat, fault_words, files, people, playing, review_queue, switches, trace
from .chat import Chat

blueprint = Blueprint("phone", __name__)

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


# What only time changes (a countdown, the end of typing) may be so old.
STALE_AFTER_S = 5


@blueprint.get("/")
def index() -> Response:
    return _page("phone.html")


@blueprint.get("/phone/live")
def live() -> Response:
    """The parts that change, for the script: same templates, same ids as the page; 304 when nothing did."""
    tag = f"{current_sandbox().db.stamp}-{int(clock.now() // STALE_AFTER_S)}"
    if request.if_none_match.contains(tag):
        return Response(status=304)
    response = _page("_live.html")
    response.set_etag(tag)
    return response


@blueprint.get("/phone/media/<media_id>")
def show_media(media_id: str) -> BaseResponse:
    """A file of the thread, in parts when a player asks so; not the Graph address, so no token."""
    row = media.find(current_sandbox().db, media_id)
    if row is None:
        return Response("Not found", 404, content_type="text/plain")
    is_shown = row["mime_type"].split("/")[0] in {"image", "audio", "video"} and "svg" not in row["mime_type"]
    data = media.read_bytes(current_sandbox().db, media_id)
    response = Response(data, content_type=row["mime_type"] if is_shown else "application/octet-stream")
    if not is_shown:
        response.headers.set("Content-Disposition", "attachment", filename=row["filename"] or "document")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # A file never changes: the thread may be drawn anew without fetching it again.
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response.make_conditional(request, accept_ranges=True, complete_length=len(data))


@blueprint.post("/phone/messages")
def send() -> BaseResponse:
    """`text` (with `reply` or `edit`, a wamid), `files`, or `thing` from the plus menu."""
    sandbox, shown, form = current_sandbox(), shown_chat(), request.form
    base_url, text = sandbox.base_url(), form.get("text", "")
    thing = form.get("thing", "")
    if thing == "place":
        playing.send_place(sandbox, shown, form, base_url)
    elif thing == "contact":
        playing.send_contact(sandbox, shown, form, base_url)
    elif thing:
        playing.send_thing(sandbox, shown, thing, base_url)
    elif any(file.filename for file in request.files.getlist("files")):
        chosen = request.files.getlist("files")
        made = files.messages_of(chosen, text, as_documents="as_documents" in form)
        playing.send_files(sandbox, shown, made, text, base_url)
    elif wamid := form.get("edit"):
        playing.edit(sandbox, shown, wamid, text, base_url)
    else:
        playing.write(sandbox, shown, text, base_url, form.get("reply", ""))
    return back_to(shown)


@blueprint.post("/phone/taps")
def tap() -> BaseResponse:
    """The message stands in the query: each button of the thread's one form has its own address."""
    sandbox, shown = current_sandbox(), shown_chat()
    playing.tap(
        sandbox, shown, request.args.get("wamid", ""), request.form.get("tap", ""), sandbox.base_url()
    )
    return back_to(shown)


@blueprint.post("/phone/scenes")
def scene() -> BaseResponse:
    sandbox, shown = current_sandbox(), shown_chat()
    playing.play(sandbox, shown, request.form.get("scene", ""), sandbox.base_url())
    return back_to(shown)


@blueprint.post("/phone/switches")
def switch() -> BaseResponse:
    """Turn a fault, the reading or the window to its other side."""
    sandbox, shown = current_sandbox(), shown_chat()
    name = request.form.get("switch", "")
    if name in customers.TRAITS:
        people.turn(sandbox, shown, name)
    elif name == "window":
        _turn_window(sandbox, shown)
    elif name in switches.SWITCHES:
        switches.turn(sandbox, name)
    else:
        raise InvalidInbound(f"There is no switch called {name}.")
    return back_to(shown)


@blueprint.post("/phone/start-over")
def start_over() -> BaseResponse:
    shown = shown_chat()
    playing.start_over(current_sandbox(), shown)
    return back_to(shown)


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
    return finished(Response(render_template("account.html", account=account)))


@blueprint.errorhandler(InvalidInbound)
def refuse(error: InvalidInbound) -> Response:
    """What is wrong and a way back; the script shows the sentence over the page instead."""
    back = chat.find(current_sandbox(), request.form)
    page = render_template("refused.html", reason=str(error), back=back.query if back else "")
    return finished(Response(page, 400))


def _turn_window(sandbox: Sandbox, shown: Chat) -> None:
    """As if 25 hours had passed, or as if the customer had just written."""
    where = (shown.number["id"], shown.customer.wa_id)
    is_open = messages.is_window_open(sandbox.db, *where)
    at = clock.now() - (messages.WINDOW_S + 3600 if is_open else 0)
    messages.open_window(sandbox.db, *where, at)


def shown_chat() -> Chat:
    """The conversation a form names. Raises InvalidInbound when there is no account at all."""
    found = chat.find(current_sandbox(), request.form)
    if found is None:
        raise InvalidInbound("This sandbox has no account yet.")
    return found


def back_to(shown: Chat) -> BaseResponse:
    return redirect(url_for("phone.index") + "?" + shown.query, 303)


def _page(template: str) -> Response:
    sandbox = current_sandbox()
    shown = chat.find(sandbox, request.args)
    if shown is None:
        return finished(Response(render_template("empty.html")))
    faults_on = faults.list_active(sandbox.db)
    if shown.customer.unseen:
        messages.mark_seen(sandbox.db, shown.number["id"], shown.customer.wa_id)
    shown_bubbles = bubbles.thread(sandbox, shown)
    edited = next(
        (one for one in shown_bubbles if one.is_editable and one.wamid == request.args.get("edit")), None
    )
    quoted = messages.find(sandbox.db, request.args.get("reply", ""))
    closes_at = messages.window_closes_at(sandbox.db, shown.number["id"], shown.customer.wa_id)
    return finished(
        Response(
            render_template(
                template,
                chat=shown,
                bubbles=shown_bubbles,
                steps=trace.newest(sandbox),
                switches=switches.SWITCHES,
                scenes=playing.SCENES,
                groups=switches.GROUPS,
                kinds=fault_words.KINDS,
                explained=fault_words.EXPLAINED,
                faults_on=faults_on,
                kinds_on={fault["kind"] for fault in faults_on if switches.is_own(fault)},
                reviews=review_queue.list_rows(sandbox, shown),
                reasons=review_queue.REASONS,
                edited=edited.text if edited else "",
                quoted=bubbles.summary(sandbox, quoted) if quoted else "",
                set_up=None if _is_connected(sandbox, shown) else _values(sandbox, shown),
                lost=bubbles.never_arrived(sandbox, shown),
                is_typing=typing.is_typing(sandbox.db, shown.number["id"], shown.customer.wa_id),
                unread=len(playing.unread(sandbox, shown)),
                is_reading=sandbox.settings.reads_messages and shown.customer.traits["reads_messages"],
                window_left_s=(closes_at or 0) - clock.now(),
                now=clock.now(),
            )
        )
    )


def _is_connected(sandbox: Sandbox, shown: Chat) -> bool:
    found = subscriptions.listeners(sandbox.db, shown.number["waba_id"], shown.number, "messages")
    return any(listener.url for listener in found)


def _values(sandbox: Sandbox, shown: Chat) -> accounts.NewAccount | None:
    return accounts.find_complete(sandbox.db, shown.number["waba_id"])


def finished(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response

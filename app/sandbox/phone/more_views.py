"""Routes beside the conversation: customers, faults, reviews, the wire log."""

from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ..context import current_sandbox
from ..store import faults, phone_numbers
from . import people, playing, review_queue, switches, wire
from .views import back_to, blueprint, finished, shown_chat


@blueprint.post("/phone/reactions")
def react() -> Response:
    """`emoji`, blank to take it back; the message stands in the query."""
    sandbox, shown = current_sandbox(), shown_chat()
    wamid, emoji = request.args.get("wamid", ""), request.form.get("emoji", "")
    playing.react(sandbox, shown, wamid, emoji, sandbox.base_url())
    return back_to(shown)


@blueprint.post("/phone/deletions")
def delete() -> Response:
    """An own message, for everyone; it stands in the query."""
    sandbox, shown = current_sandbox(), shown_chat()
    playing.delete(sandbox, shown, request.args.get("wamid", ""), sandbox.base_url())
    return back_to(shown)


@blueprint.post("/phone/read")
def read() -> Response:
    """All that lies unread, or with `wamid` in the query: play that voice message."""
    shown = shown_chat()
    playing.read(current_sandbox(), shown, request.args.get("wamid", ""))
    return back_to(shown)


@blueprint.post("/phone/customers")
def add_customer() -> Response:
    sandbox, shown = current_sandbox(), shown_chat()
    wa_id = people.add(sandbox, shown, request.form)
    query = urlencode({"to": shown.number["id"], "as": wa_id})
    return redirect(f"{url_for('phone.index')}?{query}", 303)


@blueprint.post("/phone/faults")
def change_faults() -> Response:
    """Add one by the form, or with `remove` delete that one, or `all` of them."""
    sandbox, shown = current_sandbox(), shown_chat()
    wanted = request.form.get("remove")
    if wanted == "all":
        faults.delete(sandbox.db)
    elif wanted:
        faults.delete(sandbox.db, fault_id=int(wanted[:15]) if wanted.isascii() and wanted.isdigit() else 0)
    else:
        switches.add(sandbox, request.form)
    return back_to(shown)


@blueprint.post("/phone/reviews")
def review() -> Response:
    """`decision`: what is decided, the message template's id and a reason, with colons between."""
    shown = shown_chat()
    decision, template_id, reason = (*request.form.get("decision", "").split(":", 2), "", "")[:3]
    review_queue.decide(current_sandbox(), shown, template_id, decision, reason)
    return back_to(shown)


@blueprint.get("/phone/wire")
def show_wire() -> Response:
    """Filters: what (a key of wire.WHATS), result (trouble), number (an id), q (anywhere in it)."""
    sandbox = current_sandbox()
    chosen = {key: request.args.get(key, "") for key in ("what", "result", "number", "q")}
    found = wire.newest(
        sandbox,
        sandbox.base_url(),
        what=chosen["what"],
        result=chosen["result"],
        number=chosen["number"],
        text=chosen["q"],
    )
    page = render_template(
        "wire.html",
        exchanges=found,
        chosen=chosen,
        whats=wire.WHATS,
        results=wire.RESULTS,
        numbers=phone_numbers.list_all(sandbox.db),
        most=wire.MOST,
    )
    return finished(FlaskResponse(page))


@blueprint.post("/phone/wire")
def send_again() -> Response:
    """`delivery`: the webhook to send once more, as a new one."""
    wanted = request.form.get("delivery", "")
    wire.send_again(current_sandbox(), int(wanted[:15]) if wanted.isascii() and wanted.isdigit() else 0)
    return redirect(url_for("phone.show_wire", what="webhooks"), 303)

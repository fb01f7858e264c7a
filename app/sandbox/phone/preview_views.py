"""The preview of a Flow behind `preview_url`: its draft, played without sending anything.

Source: Meta docs, "Flows API" page (preview), read 2026-05. `phone_number` and `debug` change nothing here.
"""

import hmac
import json
from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from .. import clock
from ..context import Sandbox, current_sandbox
from ..database import Row
from ..flow_json.reading import is_modest, is_writable
from ..flow_player.state import Setup
from ..inbound import InvalidInbound
from ..store import flow_runs, flows, phone_numbers
from . import flow_messages, flow_session
from .flow_messages import Opening
from .flow_views import entries, render_run, step_of
from .views import blueprint, finished

PARAMETERS = ("key", "interactive", "flow_token", "flow_action", "flow_action_payload")


@blueprint.get("/_flows/<flow_id>/preview")
def show_preview(flow_id: str) -> Response:
    """`interactive=true` asks the endpoint too; `run` is the preview that goes on."""
    sandbox = current_sandbox()
    row = flows.find(sandbox.db, flow_id)
    if row is None or not _is_open(row):
        return FlaskResponse("Not found", 404, content_type="text/plain")
    run = flow_runs.find(sandbox.db, request.args.get("run", ""))
    if run is None or run["flow_id"] != flow_id or run["wamid"] is not None:
        return redirect(_address(flow_id, _started(sandbox, row)["id"]), 303)
    query = urlencode(_parameters())
    page = render_run(
        sandbox,
        run,
        flow=row,
        notice=flow_session.MOVED_ON if request.args.get("moved") else "",
        action=url_for("phone.press_preview", run_id=run["id"]) + "?" + query,
        again=url_for("phone.open_preview_again", flow_id=flow_id) + "?" + query,
    )
    return finished(FlaskResponse(page))


@blueprint.post("/phone/previews/<run_id>")
def press_preview(run_id: str) -> Response:
    sandbox = current_sandbox()
    run = flow_runs.find(sandbox.db, run_id)
    row = flows.find(sandbox.db, run["flow_id"]) if run and run["wamid"] is None else None
    if run is None or row is None or not _is_open(row):
        raise InvalidInbound("That preview is gone; open its link again.")
    if request.form.get("step") != step_of(run):
        return redirect(_address(row["id"], run_id, moved="1"), 303)
    state = flow_session.press(
        sandbox, run, request.form.get("do", ""), entries(sandbox, _number(sandbox, row))
    )
    is_kept = flow_runs.advance(sandbox.db, run, state.as_json())
    return redirect(_address(row["id"], run_id, **({} if is_kept else {"moved": "1"})), 303)


@blueprint.post("/phone/previews/of/<flow_id>")
def open_preview_again(flow_id: str) -> Response:
    """A new run of the draft as it is now."""
    sandbox = current_sandbox()
    row = flows.find(sandbox.db, flow_id)
    if row is None or not _is_open(row):
        raise InvalidInbound("That preview is gone; open its link again.")
    return redirect(_address(flow_id, _started(sandbox, row)["id"]), 303)


def _started(sandbox: Sandbox, row: Row) -> Row:
    opening = Opening(row, row["json"] or "", _setup())
    return flow_session.start(sandbox, _number(sandbox, row), opening, wamid=None, wa_id=None)


def _setup() -> Setup:
    start = _start()
    screen = start.get("screen")
    return Setup(
        token=request.args.get("flow_token") or "preview",
        action=request.args.get("flow_action") or "navigate",
        screen=screen if isinstance(screen, str) and screen else None,
        data=flow_messages.data_of(start),
        is_preview=True,
        is_interactive=request.args.get("interactive") == "true",
    )


def _start() -> dict[str, object]:
    """`flow_action_payload` is a JSON text; one that cannot be read counts as none."""
    try:
        start = json.loads(request.args.get("flow_action_payload") or "{}")
    except (ValueError, RecursionError):
        return {}
    return start if isinstance(start, dict) and is_modest(start) and is_writable(start) else {}


def _is_open(row: Row) -> bool:
    is_right = hmac.compare_digest(row["preview_key"].encode(), request.args.get("key", "").encode())
    return is_right and row["preview_expires_at"] > clock.now()


def _number(sandbox: Sandbox, row: Row) -> Row:
    numbers = phone_numbers.list_of(sandbox.db, row["waba_id"])
    return numbers[0] if numbers else {"id": "", "waba_id": row["waba_id"]}


def _parameters() -> dict[str, str]:
    return {name: request.args[name] for name in PARAMETERS if name in request.args}


def _address(flow_id: str, run_id: str, **more: str) -> str:
    query = urlencode(_parameters() | {"run": run_id} | more)
    return f"{url_for('phone.show_preview', flow_id=flow_id)}?{query}"

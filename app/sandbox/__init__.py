"""A pretend Meta: Graph API, signed webhooks, and a phone to play the customer. Nothing reaches Meta.

It imports nothing else of this app. `create_sandbox_app` builds it, `serve` runs it as its own process.
"""

import atexit
import weakref
from functools import partial
from pathlib import Path

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import ClientDisconnected, HTTPException

from . import settings
from .connection import CuttableConnection
from .context import EXTENSION, Sandbox
from .control import init_control
from .database import Database
from .graph import init_graph
from .graph.dispatch import graph_error_response
from .graph.errors import GraphError, unknown_path
from .guard import refuse_foreign_pages
from .phone import init_phone
from .server import serve
from .webhooks.clockwork import Clockwork

__all__ = ["create_sandbox_app", "serve"]

# Documents may have 100 MB.
LONGEST_REQUEST = 110 * 1024 * 1024
# Flow JSON of 10 MB may come as a field of a form.
LONGEST_FIELD = 12 * 1024 * 1024


def create_sandbox_app(
    database_path: str | Path, *, public_base_url: str | None = None, speed: float = 1.0
) -> Flask:
    """The sandbox as a WSGI application; its background threads run at once.

    database_path: its own SQLite file, made if missing. public_base_url: where it is reached from outside, if
    not as the request says. speed: 2 makes delays half as long; kept settings win over it.
    `app.extensions["sandbox"].stop()` ends the threads and closes the file.
    """
    app = Flask(__name__, static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_REQUEST
    app.config["MAX_FORM_MEMORY_SIZE"] = LONGEST_FIELD
    app.json.sort_keys = False  # type: ignore[attr-defined]
    sandbox = Sandbox(Database(database_path), public_base_url)
    settings.set_default(sandbox.db, "speed", speed)
    app.extensions[EXTENSION] = sandbox
    app.before_request(refuse_foreign_pages)
    init_graph(app)
    init_control(app)
    init_phone(app)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.wsgi_app = CuttableConnection(app.wsgi_app)  # type: ignore[method-assign]
    _start(sandbox)
    return app


def _start(sandbox: Sandbox) -> None:
    clockwork = Clockwork(sandbox)

    def stop() -> None:
        clockwork.stop()
        sandbox.db.close()

    # Woken before the commit it would find nothing, and sleep on.
    sandbox.wake = partial(sandbox.db.after_commit, clockwork.wake)
    sandbox.wake_for = lambda at: sandbox.db.after_commit(partial(clockwork.wake_for, at))
    sandbox.stop = stop
    atexit.register(_stop_if_alive, weakref.ref(sandbox))


def _stop_if_alive(reference: "weakref.ref[Sandbox]") -> None:
    sandbox = reference()
    if sandbox is not None:
        sandbox.stop()


def _answer_http_error(error: HTTPException) -> Response:
    """Control and page paths answer JSON; everything else is a Graph path that does not exist."""
    status = error.code or 500
    if request.path.startswith("/_sandbox") or request.path.startswith("/phone") or status >= 500:
        response = jsonify({"error": {"message": error.description or error.name}})
        response.status_code = status
        return response
    if status == 413:
        details = "The request is larger than 110 MB, or a field of its form than 12 MB."
        return graph_error_response(GraphError(100, details=details, http=413))
    if isinstance(error, ClientDisconnected):
        details = "The body ended too early, or is not what its headers announced."
        return graph_error_response(GraphError(100, details=details))
    return graph_error_response(unknown_path(request.path.strip("/")))

"""pywa against the sandbox: the bare client, and a bot that pywa runs in a Flask app on a port of its own."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import httpx
from flask import Flask
from pywa import WhatsApp, handlers
from pywa.types import RawUpdate
from werkzeug.serving import make_server

from tests.sandbox.support import POLL_S, TIMEOUT_S, Meta, QuietHandler, eventually

VERIFY_TOKEN = "let-me-in"
Update = TypeVar("Update")


def connect(meta: Meta, **more: Any) -> WhatsApp:
    """pywa as it comes; `base_url` of the session it is given is the only thing that knows of the sandbox."""
    archive = {"all://api.facebook.com": OtherHost(httpx.URL(meta.sandbox.url))}
    session = httpx.Client(timeout=TIMEOUT_S, mounts=archive)
    whatsapp = WhatsApp(
        phone_id=meta.number_id,
        token=meta.token,
        waba_id=meta.waba_id,
        app_id=int(meta.app_id),
        app_secret=meta.account["app_secret"],
        session=session,
        **more,
    )
    session.base_url = f"{meta.sandbox.url}/v26.0"
    return whatsapp


class OtherHost(httpx.HTTPTransport):
    """Sends what was meant for another host of Meta's to the sandbox: archiving names one in full."""

    def __init__(self, sandbox: httpx.URL) -> None:
        super().__init__()
        self._sandbox = sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = self._sandbox.copy_with(raw_path=request.url.raw_path)
        return super().handle_request(request)


class Bot:
    """A shop's bot: pywa checks the signatures of what comes in and parses it; every update is kept."""

    def __init__(self, meta: Meta) -> None:
        flask_app = Flask("bot")
        self.meta = meta
        self.updates: list[Any] = []
        self.raw: list[RawUpdate] = []
        self.whatsapp = connect(meta, server=flask_app, webhook_endpoint="/hook", verify_token=VERIFY_TOKEN)
        # Each kind of update has its handler class; pywa itself knows which.
        for kind in WhatsApp._handlers_to_updates:
            self.whatsapp.add_handlers(kind(callback=lambda _, update: self.updates.append(update)))
        self.whatsapp.add_handlers(handlers.RawUpdateHandler(callback=lambda _, raw: self.raw.append(raw)))
        self._server = make_server("127.0.0.1", 0, flask_app, threaded=True, request_handler=QuietHandler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.whatsapp.api._session.close()

    def register(self) -> None:
        """The app's callback with every field pywa knows, then the app to the account."""
        app_id = int(self.meta.app_id)
        app_token = self.whatsapp.get_app_access_token(app_id, self.meta.account["app_secret"])
        fields = self.whatsapp._webhook_fields
        assert self.whatsapp.set_app_callback_url(app_id, app_token, self.url, VERIFY_TOKEN, fields)
        assert self.whatsapp.delete_waba_callback_url()  # the bare call is what subscribes

    def next(self, kind: type[Update], **wanted: Any) -> Update:
        """The first update of that type of pywa's whose attributes are as wanted."""

        def found() -> list[Update]:
            fitting = (update for update in list(self.updates) if isinstance(update, kind))
            return [update for update in fitting if _is(update, wanted)]

        return eventually(found)[0]


def _is(update: Any, wanted: dict[str, Any]) -> bool:
    return all(getattr(update, name) == value for name, value in wanted.items())

"""A small real SMTP server that keeps what it is sent: well, or with the answers a test wants."""

from __future__ import annotations

import base64
import email
import socketserver
import ssl
import threading
import time
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast


class Mailbox:
    """`recipient_answers`: what the next addresses are answered, one after the other (`b"451 later"`), then
    always 250. `accounts`: who may sign in; empty: nobody has to. `is_closing`: hangs up at once.
    `context`: offers STARTTLS, or with `is_tls` speaks TLS from the first byte."""

    def __init__(
        self,
        accounts: dict[str, str] | None = None,
        context: ssl.SSLContext | None = None,
        is_tls: bool = False,
    ) -> None:
        self.messages: list[EmailMessage] = []
        self.received_at: list[float] = []
        self.recipient_answers: list[bytes] = []
        self.accounts = accounts or {}
        self.signed_in: list[str] = []
        self.is_closing = False
        self.context, self.is_tls = context, is_tls
        self.lock = threading.Lock()
        mailbox = self

        class Handler(socketserver.StreamRequestHandler):
            def setup(self) -> None:
                if mailbox.is_tls and mailbox.context is not None:
                    self.request = mailbox.context.wrap_socket(self.request, server_side=True)
                super().setup()

            def handle(self) -> None:
                _Talk(mailbox, self).run()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, *_args: Any) -> None:
                """A client that hangs up is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, raw: bytes) -> None:
        with self.lock:
            self.messages.append(cast(EmailMessage, email.message_from_bytes(raw, policy=default)))
            self.received_at.append(time.time())

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.messages]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Talk:
    """One client's conversation."""

    def __init__(self, mailbox: Mailbox, handler: socketserver.StreamRequestHandler) -> None:
        self._mailbox, self._handler = mailbox, handler
        self._is_over = False

    def run(self) -> None:
        if self._mailbox.is_closing:
            return
        self._say(b"220 mailbox ready")
        while not self._is_over and (line := self._handler.rfile.readline(2000)):
            self._answer(line.strip())

    def _say(self, line: bytes) -> None:
        self._handler.wfile.write(line + b"\r\n")
        self._handler.wfile.flush()

    def _answer(self, line: bytes) -> None:
        word = line.split(b" ")[0].upper()
        if word == b"EHLO":
            self._greet()
        elif word == b"STARTTLS":
            self._encrypt()
        elif word == b"AUTH":
            self._sign_in(line)
        elif word == b"RCPT":
            answers = self._mailbox.recipient_answers
            self._say(answers.pop(0) if answers else b"250 known")
        elif word == b"DATA":
            self._take()
        elif word == b"QUIT":
            self._is_over = True
            self._say(b"221 bye")
        else:
            self._say(b"250 fine")

    def _greet(self) -> None:
        offers = [b"mailbox"]
        if self._mailbox.context is not None and not self._mailbox.is_tls:
            offers.append(b"STARTTLS")
        if self._mailbox.accounts:
            offers.append(b"AUTH PLAIN")
        for number, offer in enumerate(offers, start=1):
            self._say(b"250" + (b" " if number == len(offers) else b"-") + offer)

    def _encrypt(self) -> None:
        context = self._mailbox.context
        if context is None:
            self._say(b"454 not here")
            return
        self._say(b"220 go on")
        self._handler.connection = context.wrap_socket(self._handler.request, server_side=True)
        self._handler.rfile = self._handler.connection.makefile("rb")
        self._handler.wfile = self._handler.connection.makefile("wb")

    def _sign_in(self, line: bytes) -> None:
        _empty, name, password = base64.b64decode(line.split(b" ")[2]).decode().split("\0")
        if self._mailbox.accounts.get(name) != password:
            self._say(f"535 not {password}".encode())
            return
        self._mailbox.signed_in.append(name)
        self._say(b"235 welcome")

    def _take(self) -> None:
        self._say(b"354 go on")
        lines = []
        while (line := self._handler.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        self._mailbox.take(b"".join(lines))
        self._say(b"250 kept")

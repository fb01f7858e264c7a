"""The pages people live on, with ten thousand messages and with a million: server time and queries."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, select, text

from bench.console import Console
from bench.filling import fill
from bench.pages import MOST_QUERIES, signed_in
from bench.report import Report

FEW = 10_000
MANY = 1_000_000
TIMES = 15
DEEP = 400
MOST_TIMES_SLOWER = 1.5


@dataclass(frozen=True)
class Page:
    """A page's median time and its queries."""

    ms: float
    queries: int


def run(make_console: Callable[[], Console], report: Report, many: int = MANY) -> None:
    """`make_console` gives an empty console on a new database."""
    consoles = {count: make_console() for count in (FEW, many)}
    for count, console in consoles.items():
        started = time.perf_counter()
        fill(console, count)
        _roll_up(console)
        stored = _size(console)
        report.line(
            f"{count} messages stored",
            f"{time.perf_counter() - started:.0f} s",
            f"{stored / count:.0f} B each",
        )
        seconds = _make_searchable(console)
        report.line(
            f"{count} made searchable",
            f"{count / seconds:.0f}/s",
            f"{(_size(console) - stored) / count:.0f} B each",
        )
    few, large = (Reader(console) for console in consoles.values())
    report.heading(f"Pages, {consoles[FEW].database_name}, {FEW} and {many} messages, medians of {TIMES}")
    for path, path_few in zip(large.paths, few.paths, strict=True):
        # In turns, so that both see the same machine.
        small, big = _medians(few, path_few, large, path)
        report.line(path, f"{small.ms:.1f} ms", f"{big.ms:.1f} ms", f"{big.queries} queries")
        report.ratio(f"{path} {many} to {FEW}", big.ms / small.ms, "at most", MOST_TIMES_SLOWER)
        report.ratio(f"{path} queries to {MOST_QUERIES}", big.queries / MOST_QUERIES, "at most", 1.0)


def _medians(few: Reader, path_few: str, many: Reader, path: str) -> tuple[Page, Page]:
    for _ in range(2):
        few.get(path_few), many.get(path)
    pages = [(few.get(path_few), many.get(path)) for _ in range(TIMES)]
    small, big = zip(*pages, strict=True)
    return tuple(sorted(found, key=lambda page: page.ms)[TIMES // 2] for found in (small, big))


class Reader:
    """A signed-in person of one console, and the pages he looks at."""

    def __init__(self, console: Console) -> None:
        self._app = console.app
        # Secrets of sessions are the same for both; what is in the environment is the last console's.
        os.environ.update(console.env)
        self._client = signed_in(console.app)
        with self._app.app_context():
            self.paths = _paths()
            self._engine = _engine()

    def get(self, path: str) -> Page:
        """Ask once. Fails unless the answer is 200."""
        count = [0]

        def counted(*_arguments: Any) -> None:
            count[0] += 1

        event.listen(self._engine, "before_cursor_execute", counted)
        started = time.perf_counter()
        answer = self._client.get(path)
        took = 1000 * (time.perf_counter() - started)
        event.remove(self._engine, "before_cursor_execute", counted)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return Page(took, count[0])


def _engine() -> Any:
    from app.extensions import db

    return db.engine


def _paths() -> list[str]:
    """Dashboard, list (first page, an account's, unread, a deep page), thread, a message's passport; searches
    for a person, nothing that is there, a number's last digits, a word of every message, one old message;
    usage; records: first page, one in the middle, an account's, one message."""
    from app.extensions import db
    from app.models import Contact, Conversation, Message
    from app.queries.cursors import Cursor

    by_time = select(Conversation.last_message_at, Conversation.id).order_by(
        Conversation.last_message_at.desc()
    )
    newest = db.session.execute(by_time.limit(1)).one()
    deep = db.session.execute(by_time.offset(DEEP).limit(1)).one()
    wa_id = db.session.scalar(select(Contact.wa_id).order_by(Contact.id.desc()).limit(1)) or ""
    last_id = db.session.scalar(select(Message.id).order_by(Message.id.desc()).limit(1)) or 0
    of_old = select(Message.id, Message.wamid, Message.conversation_id).where(Message.id == last_id // 2)
    old = db.session.execute(of_old).one()
    db.session.rollback()
    return [
        "/",
        "/?days=7",
        "/console/",
        "/console/?account=1",
        "/console/?show=unread",
        f"/console/?before={Cursor(deep.last_message_at, deep.id)}",
        "/console/?search=Customer+17",
        "/console/?search=nobody+at+all",
        f"/console/?search={wa_id[-6:]}",
        "/console/?search=number",
        f"/console/?search=message+number+{last_id // 2}",
        f"/console/{newest.id}/",
        f"/console/{old.conversation_id}/messages/{old.id}/passport",
        "/accounts/",
        "/accounts/1/usage",
        "/admin/whatsapp_messages/",
        f"/admin/whatsapp_messages/?after={last_id // 2}",
        "/admin/whatsapp_messages/?account_id=1",
        f"/admin/whatsapp_messages/?q={old.wamid}",
    ]


def _roll_up(console: Console) -> None:
    from app.services import usage

    with console.app.app_context():
        usage.roll_up()


def _make_searchable(console: Console) -> float:
    """As the worker does, without its rests. The seconds it took."""
    from app.services.search_index import Indexer

    with console.app.app_context():
        indexer, started = Indexer(), time.perf_counter()
        while indexer.step():
            continue
        took = time.perf_counter() - started
        with _engine().connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
    return took


def _size(console: Console) -> int:
    """Bytes of the database, with indexes and conversations."""
    with console.app.app_context():
        engine = _engine()
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                pages = connection.scalar(text("PRAGMA page_count")) or 0
                return int(pages * (connection.scalar(text("PRAGMA page_size")) or 0))
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)

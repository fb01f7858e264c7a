"""From a customer's message to the agent's screen, with fifty agents' pages open on the default install.

A page asks as a browser does: each part that polls, at its own interval, at the address it was last given.
"""

from __future__ import annotations

import http.client
import itertools
import re
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from sqlalchemy import select

from bench import posts
from bench.console import Console, Server
from bench.report import Report
from tests.support.processes import Process, wait_until

AGENTS = 50
MESSAGES_PER_SECOND = 2.0
SECONDS = 60.0
_LET_THE_LAST_ARRIVE_S = 10.0
MOST_MEDIAN_S = 1.5
MOST_P95_S = 2.5

_POLL = re.compile(r"<[a-z]+ (?P<attributes>[^>]*\bdata-poll\b[^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_EVERY = re.compile(r"every (\d+)(ms|s)\b")
_MARK = re.compile(r"bench-screen-(\d+)")
_ROW = re.compile(r'<li id="conversation-(\d+)"(?: data-mark="([^"]*)"| data-kept)')
_TABS = re.compile(r'id="conversation-tabs" data-mark="([^"]*)"')


def run(console: Console, report: Report, seconds: float = SECONDS) -> None:
    """`console` is empty: its agents and their conversations are made here."""
    account = console.make_account()
    with _serving(console) as server:
        for place in range(AGENTS):
            _post(server.port, account, _customer(place), f"Hello, this is {place}")
        wait_until(lambda: len(_conversations(console)) == AGENTS, what="the customers are known")
        agents = _agents(console)
        posted = _messages(server, account, agents, seconds)
    _print(report, console, agents, posted, seconds)


@contextmanager
def _serving(console: Console) -> Iterator[Server]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    worker = Process(command, console.env, console.folder / "worker.log")
    worker.start()
    try:
        with console.server("wsgi:app") as server:
            yield server
    finally:
        worker.kill()


def _conversations(console: Console) -> dict[str, int]:
    """By the customer's number."""
    from app.extensions import db
    from app.models import Contact, Conversation

    statement = select(Contact.wa_id, Conversation.id).join(Conversation.contact)
    with console.app.app_context():
        return {str(wa_id): id_ for wa_id, id_ in db.session.execute(statement)}


def _agents(console: Console) -> list[_Agent]:
    """One for each customer, signed in."""
    from app.crypto import hash_token
    from app.extensions import db
    from app.models import Role, User, UserSession

    conversations = _conversations(console)
    agents = []
    with console.app.app_context():
        for place in range(AGENTS):
            token = f"bench-agent-{place}"
            user = User(email=f"{token}@example.com", role=Role.OWNER, password_hash="-")  # noqa: S106
            db.session.add(user)
            db.session.flush()
            db.session.add(UserSession(user_id=user.id, token_hash=hash_token(token)))
            customer = _customer(place)
            agents.append(_Agent(place, _cookie(console, token), conversations[customer], customer))
        db.session.commit()
    return agents


def _customer(place: int) -> str:
    return f"4477009{place:05d}"


def _cookie(console: Console, token: str) -> str:
    client = console.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    cookie = client.get_cookie(console.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return f"{cookie.key}={cookie.value}"


@dataclass
class _Poll:
    """A part of the page that asks for itself."""

    path: str
    every_s: float
    due: float


@dataclass
class _Agent:
    """One browser tab on a conversation."""

    number: int
    cookie: str
    conversation_id: int
    customer: str
    in_thread: dict[int, float] = field(default_factory=dict)
    in_list: dict[int, float] = field(default_factory=dict)
    asked: int = 0
    failed: int = 0
    read_bytes: int = 0
    rows: dict[str, str] = field(default_factory=dict)
    """Of the list as it stands on the page: the mark of each row, by conversation."""
    tabs: str = ""

    def look(self, port: int, stop: threading.Event) -> None:
        """Open the page, then ask as it says until told to stop."""
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        # Fifty people do not open their pages in the same instant.
        stop.wait(self.number * 0.03)
        page = self._get(f"/console/{self.conversation_id}/", is_poll=False)
        polls = {id_: _Poll(path, every, time.monotonic() + every) for id_, path, every in _polls(page)}
        self._keep_list(page)
        assert "thread-log" in polls, "the page of a conversation asks for its messages"
        assert "conversation-list" in polls, "the page of a conversation asks for the list"
        while not stop.is_set():
            next_one = min(polls.values(), key=lambda poll: poll.due)
            if stop.wait(max(0.0, next_one.due - time.monotonic())):
                return
            self._ask(polls, next_one)
            next_one.due = time.monotonic() + next_one.every_s

    def _ask(self, polls: dict[str, _Poll], poll: _Poll) -> None:
        is_list = poll is polls["conversation-list"]
        text = self._get(
            f"{poll.path}&marks={''.join(self.rows.values())}&tabs={self.tabs}" if is_list else poll.path
        )
        now = time.monotonic()
        seen = self.in_list if is_list else self.in_thread
        if is_list and text:
            self._keep_list(text)
        for mark in _MARK.findall(text):
            seen.setdefault(int(mark), now)
        for id_, path, _every in _polls(text):
            if id_ in polls:
                polls[id_].path = path

    def _keep_list(self, text: str) -> None:
        """As the page's script: rows that are said to be there already stay as they are."""
        self.rows = {id_: mark or self.rows[id_] for id_, mark in _ROW.findall(text)}
        self.tabs = "".join(_TABS.findall(text)) or self.tabs

    def _get(self, path: str, *, is_poll: bool = True) -> str:
        status, text = self._answer(path, {"HX-Request": "true"} if is_poll else {})
        if is_poll:
            self.asked += 1
            self.read_bytes += len(text)
        if status not in (200, 204, 304):
            self.failed += 1
        return text

    def _answer(self, path: str, headers: dict[str, str]) -> tuple[int, str]:
        """A kept line that the server has let go is opened anew, as browsers do."""
        headers = {"Cookie": self.cookie, "Accept": "text/html", **headers}
        try:
            self._line.request("GET", path, headers=headers)
            answer = self._line.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._line.close()
            self._line.request("GET", path, headers=headers)
            answer = self._line.getresponse()
        return answer.status, answer.read().decode()


def _polls(html: str) -> Iterator[tuple[str, str, float]]:
    """Of each polling element its id, its address, and its seconds."""
    for tag in _POLL.finditer(html):
        attributes = dict(_ATTRIBUTE.findall(tag["attributes"]))
        every = _EVERY.search(attributes.get("hx-trigger", ""))
        if every and "id" in attributes:
            unit = 1000 if every[2] == "ms" else 1
            yield attributes["id"], unescape(attributes["hx-get"]), int(every[1]) / unit


def _messages(
    server: Server, account: dict[str, Any], agents: list[_Agent], seconds: float
) -> dict[int, tuple[int, float]]:
    """By each message's number: whose it is, and when Meta began to post it."""
    stop = threading.Event()
    threads = [threading.Thread(target=agent.look, args=(server.port, stop)) for agent in agents]
    for thread in threads:
        thread.start()
    time.sleep(AGENTS * 0.03 + 5)
    posted = {}
    began = time.monotonic()
    for mark in itertools.count():
        due = began + mark / MESSAGES_PER_SECOND
        if due > began + seconds:
            break
        time.sleep(max(0.0, due - time.monotonic()))
        # Seven and fifty have no common part: each agent's turn comes.
        agent = agents[mark * 7 % len(agents)]
        posted[mark] = (agent.number, time.monotonic())
        _post(server.port, account, agent.customer, f"bench-screen-{mark}")
    time.sleep(_LET_THE_LAST_ARRIVE_S)
    stop.set()
    for thread in threads:
        thread.join()
    return posted


def _post(port: int, account: dict[str, Any], customer: str, text: str) -> None:
    wamid = f"wamid.{text.replace(' ', '')}"
    body = posts.body(account, posts.text_value(account, customer, wamid, text))
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", **posts.signature(account, body)}
    line.request("POST", posts.PATH, body, headers)
    status = line.getresponse().status
    assert status == 200, status
    line.close()


def _print(
    report: Report,
    console: Console,
    agents: list[_Agent],
    posted: dict[int, tuple[int, float]],
    seconds: float,
) -> None:
    threads = [
        agents[owner].in_thread[mark] - at
        for mark, (owner, at) in posted.items()
        if mark in agents[owner].in_thread
    ]
    report.heading(
        f"Customer's message to the screen, {console.database_name}, {AGENTS} pages open, "
        f"{MESSAGES_PER_SECOND:.0f} messages/s for {seconds:.0f} s"
    )
    report.line("messages", str(len(posted)), f"{len(posted) - len(threads)} not seen")
    asked, failed = sum(agent.asked for agent in agents), sum(agent.failed for agent in agents)
    report.line("polls", str(asked), f"{failed} failed")
    bytes_each = sum(agent.read_bytes for agent in agents) / len(agents) / (seconds / 60)
    report.line("read by a page in a minute", f"{bytes_each / 1024:.0f} KB")
    if len(threads) < 2:
        return
    report.ratio("into the open thread, median, s", statistics.median(threads), "at most", MOST_MEDIAN_S)
    report.ratio("into the open thread, p95, s", _p95(threads), "at most", MOST_P95_S)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]

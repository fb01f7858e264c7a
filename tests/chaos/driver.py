"""Meta's side and the API's clients, each with a journal of what it was told."""

from __future__ import annotations

import contextlib
import heapq
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from app.graph.signatures import sign
from tests.chaos.corpus import Post

_COMES_AGAIN_S = 1.0
_COME_AGAIN = (408, 503)
"""408: a server that was stopped for a while has lost patience with a body that it was just reading."""
_PATIENCE_S = 15.0


@dataclass
class Journal:
    """What the other side was told; the truth that the database is held against."""

    posts: list[Post] = field(default_factory=list)
    sends: dict[str, int] = field(default_factory=dict)
    refused_posts: int = 0
    refused_sends: int = 0
    slowest_no_s: float = 0.0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def events(self) -> int:
        """Acknowledged messages, statuses and other events."""
        return sum(max(1, len(post.messages) + len(post.statuses)) for post in self.posts)


class Driver:
    """A few threads that keep a steady rate until `finish`; what was refused comes again."""

    def __init__(self, name: str, attempt: Callable[[Any], bool], work: Iterator[Any], per_s: float) -> None:
        self._attempt = attempt
        self._work = work
        self._pause_s = 1.0 / per_s
        self._again: list[tuple[float, int, Any]] = []
        self._lock = threading.Lock()
        self._no_more = threading.Event()
        self._busy = 0
        self._count = 0
        self._next_at = time.monotonic()
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{index}", daemon=True) for index in range(4)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self, patience_s: float) -> bool:
        """Nothing new; True once everything that was begun has been taken."""
        self._no_more.set()
        end = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while True:
            job = self._next_job()
            if job is None:
                if self._no_more.is_set() and not self._is_open():
                    return
                time.sleep(0.02)
                continue
            taken = False
            with contextlib.suppress(requests.RequestException):
                taken = self._attempt(job)
            with self._lock:
                self._busy -= 1
                if not taken:
                    self._count += 1
                    heapq.heappush(self._again, (time.monotonic() + _COMES_AGAIN_S, self._count, job))

    def _is_open(self) -> bool:
        with self._lock:
            return bool(self._again or self._busy)

    def _next_job(self) -> Any:
        with self._lock:
            now = time.monotonic()
            job = None
            if self._again and self._again[0][0] <= now:
                job = heapq.heappop(self._again)[2]
            elif not self._no_more.is_set() and now >= self._next_at:
                self._next_at = max(self._next_at + self._pause_s, now - 1.0)
                job = next(self._work, None)
                if job is None:
                    self._no_more.set()
            if job is not None:
                self._busy += 1
            return job


class MetaSide:
    """Posts signed webhooks; only 200 counts as taken."""

    def __init__(self, url: str, journal: Journal) -> None:
        self._url = f"{url}/webhooks/whatsapp"
        self._journal = journal

    def __call__(self, post: Post) -> bool:
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": sign(post.secret, post.body),
        }
        begun = time.monotonic()
        answer = requests.post(self._url, data=post.body, headers=headers, timeout=_PATIENCE_S)
        with self._journal.lock:
            if answer.status_code == 200:
                self._journal.posts.append(post)
                return True
            self._journal.refused_posts += 1
            self._journal.slowest_no_s = max(self._journal.slowest_no_s, time.monotonic() - begun)
            if answer.status_code not in _COME_AGAIN:
                self._journal.wrong.append(f"a webhook was answered {answer.status_code}")
        return False


@dataclass(frozen=True)
class Send:
    account_id: int
    to: str

    @property
    def key(self) -> str:
        return f"send-{self.to}"


class ApiSide:
    """Sends the ready-made message template; only 202 counts as taken, and the key is repeated."""

    def __init__(self, url: str, api_key: str, journal: Journal) -> None:
        self._base = f"{url}/api/whatsapp/api/accounts"
        self._api_key = api_key
        self._journal = journal

    def __call__(self, send: Send) -> bool:
        body = {
            "to_phone_number": f"+{send.to}",
            "message_type": "template",
            "template_name": "hello_world",
            "template_language": "en_US",
        }
        headers = {"Authorization": f"Bearer {self._api_key}", "Idempotency-Key": send.key}
        answer = requests.post(
            f"{self._base}/{send.account_id}/send_message/", json=body, headers=headers, timeout=_PATIENCE_S
        )
        with self._journal.lock:
            if answer.status_code == 202:
                self._journal.sends[send.to] = answer.json()["id"]
                return True
            self._journal.refused_sends += 1
            if answer.status_code < 500:
                self._journal.wrong.append(f"a send was answered {answer.status_code}: {answer.text[:200]}")
        return False

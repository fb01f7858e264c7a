"""The sender: keeps up to N posts to Meta in the air, and writes down how they end.

One thread does all the database work (claim and record, a group at a time); the pool only posts.
"""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app.extensions import db
from app.services import claiming, outcomes, sending
from app.services.departures import Departures
from app.services.sending import Outcome, Outgoing

_FIRST_ANSWER_S = 0.05
_GATHER_S = 0.004
"""Answers that come this close together are recorded in one transaction."""

# Half as many again as there are threads are claimed, so that no thread waits for the database.


class Sender:
    """`step` claims what fits, posts it, and records what has come back."""

    def __init__(self, app: Flask, worker: str, departures: Departures) -> None:
        settings = app.config["SETTINGS"]
        self._app = app
        self._worker = worker
        self._departures = departures
        self._room = settings.send_threads + settings.send_threads // 2
        self._pool = ThreadPoolExecutor(settings.send_threads, thread_name_prefix="post")
        self._finished: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._in_flight = 0
        self.is_stopping = False

    def step(self) -> int:
        """Returns how many messages were claimed, recorded or are still in the air."""
        outcomes_now = self._collect()
        claimed: list[Outgoing] = []
        with self._app.app_context():
            try:
                outcomes.record(outcomes_now)
                if not self.is_stopping:
                    claimed = claiming.claim(self._worker, self._room - self._in_flight)
            except Exception:
                db.session.rollback()
                self._give_back(outcomes_now)
                raise
        for outgoing in claimed:
            self._in_flight += 1
            self._pool.submit(self._post, outgoing)
        return len(claimed) + len(outcomes_now) + self._in_flight

    def finish(self) -> None:
        """Take nothing new, wait for what is in the air, record it."""
        self.is_stopping = True
        while self._in_flight or not self._finished.empty():
            self.step()
        self._pool.shutdown()

    def _post(self, outgoing: Outgoing) -> None:
        self._finished.put(sending.deliver(outgoing, self._departures))

    def _collect(self) -> list[Outcome]:
        """All that has come back; waits a moment for the first, and a little for each that follows."""
        found: list[Outcome] = []
        try:
            if self._in_flight:
                found.append(self._finished.get(timeout=_FIRST_ANSWER_S))
            while len(found) < self._in_flight:
                found.append(self._finished.get(timeout=_GATHER_S))
            while True:
                found.append(self._finished.get_nowait())
        except queue.Empty:
            pass
        self._in_flight -= len(found)
        return found

    def _give_back(self, unrecorded: list[Outcome]) -> None:
        """The database would not take them: they are recorded with the next group."""
        for outcome in unrecorded:
            self._in_flight += 1
            self._finished.put(outcome)

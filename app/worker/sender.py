"""The sender: keeps up to N posts to Meta in the air, and writes down how they end.

One thread does all the database work (claim and record, a group at a time); the pool only posts.
"""

from __future__ import annotations

import logging
import queue
import time
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from app.extensions import db
from app.services import claiming, outcomes, sending, settling
from app.services.claiming import Claim
from app.services.departures import Departures
from app.services.sending import Outcome, Outgoing

log = logging.getLogger(__name__)

_FIRST_ANSWER_S = 0.05
_GATHER_S = 0.004
"""Answers that come this close together are recorded in one transaction."""
_TROUBLE_PAUSE_S = 0.5
_CONTENDED_PAUSE_S = 0.02
"""Another worker holds the numbers for some milliseconds: not worth a whole poll."""

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
        self._in_the_air: set[int] = set()
        self._is_in_doubt = False
        self._is_retold = False
        self.is_stopping = False

    def step(self) -> int:
        """Returns how many messages were claimed, recorded or are still in the air."""
        finished = self._collect()
        with self._app.app_context():
            self._record(finished)
            claimed = Claim([]) if self.is_stopping else self._claim()
        for outgoing in claimed.outgoing:
            self._in_the_air.add(outgoing.attempt_id)
            self._pool.submit(self._post, outgoing)
        if claimed.is_contended and not self._in_the_air:
            time.sleep(_CONTENDED_PAUSE_S)
            return 1
        return len(claimed.outgoing) + len(finished) + len(self._in_the_air)

    def _record(self, finished: list[Outcome]) -> None:
        try:
            outcomes.record(finished, is_retold=self._is_retold)
        except Exception:
            # The database would not take them: they are recorded with the next group.
            self._is_retold = True
            for outcome in finished:
                self._finished.put(outcome)
            db.session.rollback()
            raise
        self._is_retold = bool(self._is_retold and not self._finished.empty())
        ended = [outcome.outgoing.attempt_id for outcome in finished]
        self._in_the_air.difference_update(ended)
        self._departures.forget(ended)

    def _claim(self) -> Claim:
        if self._is_in_doubt:
            settling.take_back(self._worker, self._in_the_air)
            self._is_in_doubt = False
        try:
            return claiming.claim(self._worker, self._room - len(self._in_the_air))
        except Exception:
            # A commit that broke off may have reached the database all the same: look before the next claim.
            self._is_in_doubt = True
            db.session.rollback()
            raise

    def finish(self, within_s: float) -> bool:
        """Take nothing new, wait for what is in the air, record it. False: not all came back in time."""
        self.is_stopping = True
        end = time.monotonic() + within_s
        while self._in_the_air and time.monotonic() < end:
            try:
                self.step()
            except Exception:
                log.exception("what came back could not be recorded and is tried again")
                time.sleep(_TROUBLE_PAUSE_S)
        self._pool.shutdown(wait=not self._in_the_air)
        return not self._in_the_air

    def _post(self, outgoing: Outgoing) -> None:
        self._finished.put(sending.deliver(outgoing, self._departures))

    def _collect(self) -> list[Outcome]:
        """All that has come back; waits a moment for the first, and a little for each that follows."""
        found: list[Outcome] = []
        try:
            if self._in_the_air:
                found.append(self._finished.get(timeout=_FIRST_ANSWER_S))
            while len(found) < len(self._in_the_air):
                found.append(self._finished.get(timeout=_GATHER_S))
        except queue.Empty:
            pass
        return found

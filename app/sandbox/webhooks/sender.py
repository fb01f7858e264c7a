"""Posts claimed deliveries: a few lanes with a thread each; what belongs together keeps its order.

What goes into a lane is a list: one delivery, or several that make one POST.
"""

import queue
import threading
from collections.abc import Callable

import requests

from ..database import Database, Row
from ..settings import load
from ..store import deliveries
from ..store.deliveries import Outcome
from . import batches, outgoing, payloads

USER_AGENT = "facebookexternalua"
# Claimed rows wait in memory; more than this would only delay the ones of other lanes.
MOST_WAITING = 400


class Sender:
    """Starts its threads at once; `stop` lets each finish the request it is in.

    on_failure: called when a delivery has got a new time, so that nobody sleeps past it.
    """

    def __init__(self, db: Database, on_failure: Callable[[], None]) -> None:
        self._db = db
        self._on_failure = on_failure
        self._lanes: list[queue.Queue[list[Row] | None]] = [queue.Queue() for _ in range(deliveries.LANES)]
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"webhook-lane-{index}", daemon=True)
            for index, lane in enumerate(self._lanes)
        ]
        for thread in self._threads:
            thread.start()

    def has_room(self) -> bool:
        return sum(lane.qsize() for lane in self._lanes) < MOST_WAITING

    def put(self, together: list[Row]) -> None:
        """Deliveries to one callback, not empty; the first one's lane is theirs."""
        self._lanes[together[0]["lane"] % len(self._lanes)].put(together)

    def stop(self) -> None:
        """What still waits in memory stays `sending` in the database and is released at the next start."""
        for lane in self._lanes:
            _empty(lane)
            lane.put(None)
        for thread in self._threads:
            thread.join(timeout=sum(outgoing.TIMEOUT_S) + 1)

    def _work(self, lane: "queue.Queue[list[Row] | None]") -> None:
        with outgoing.new_session() as session:
            while (together := lane.get()) is not None:
                # Deleted while it waited in memory: not sent.
                if waiting := [row for row in together if deliveries.is_sending(self._db, row["id"])]:
                    self._deliver(session, waiting)

    def _deliver(self, session: requests.Session, together: list[Row]) -> None:
        outcome = self._post(session, together)
        speed = load(self._db).speed
        with self._db.write():
            for delivery in together:
                deliveries.mark(self._db, delivery, outcome, speed)
        if not outcome.is_ok:
            self._on_failure()

    def _post(self, session: requests.Session, together: list[Row]) -> Outcome:
        app_id, url = together[0]["app_id"], together[0]["url"]
        secret = self._db.value("SELECT secret FROM apps WHERE id = ?", app_id) or ""
        body = (together[0]["body"] if len(together) == 1 else batches.merged(together)).encode("ascii")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-Hub-Signature-256": payloads.signature(secret, body),
        }
        try:
            answer = outgoing.ask(session, "POST", url, data=body, headers=headers)
        except outgoing.Unreachable as error:
            return Outcome(is_ok=False, result=str(error))
        # Only 200 counts. Source: Meta docs, webhooks "overview" page, read 2026-09.
        return Outcome(answer.status == 200, str(answer.status), answer.text)


def _empty(lane: "queue.Queue[list[Row] | None]") -> None:
    while True:
        try:
            lane.get_nowait()
        except queue.Empty:
            return

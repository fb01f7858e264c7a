"""Posts claimed deliveries: a few lanes with a thread each; what belongs together keeps its order."""

import queue
import threading
from collections.abc import Callable

import requests

from ..database import Database, Row
from ..settings import load
from ..store import deliveries
from . import payloads

TIMEOUT_S = (5, 10)
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
        self._lanes: list[queue.Queue[Row | None]] = [queue.Queue() for _ in range(deliveries.LANES)]
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"webhook-lane-{index}", daemon=True)
            for index, lane in enumerate(self._lanes)
        ]
        for thread in self._threads:
            thread.start()

    def has_room(self) -> bool:
        return sum(lane.qsize() for lane in self._lanes) < MOST_WAITING

    def put(self, delivery: Row) -> None:
        self._lanes[delivery["lane"] % len(self._lanes)].put(delivery)

    def stop(self) -> None:
        """What still waits in memory stays `sending` in the database and is released at the next start."""
        for lane in self._lanes:
            _empty(lane)
            lane.put(None)
        for thread in self._threads:
            thread.join(timeout=sum(TIMEOUT_S) + 1)

    def _work(self, lane: "queue.Queue[Row | None]") -> None:
        with requests.Session() as session:
            session.trust_env = False  # neither a proxy nor a .netrc may touch what goes to the console
            while (delivery := lane.get()) is not None:
                self._deliver(session, delivery)

    def _deliver(self, session: requests.Session, delivery: Row) -> None:
        is_ok, result = self._post(session, delivery)
        if is_ok:
            deliveries.mark_delivered(self._db, delivery["id"], result)
        else:
            deliveries.mark_failed(self._db, delivery, result, load(self._db).speed)
            self._on_failure()

    def _post(self, session: requests.Session, delivery: Row) -> tuple[bool, str]:
        secret = self._db.value("SELECT secret FROM apps WHERE id = ?", delivery["app_id"]) or ""
        body = delivery["body"].encode("ascii")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-Hub-Signature-256": payloads.signature(secret, body),
        }
        try:
            answer = session.post(
                delivery["url"], data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException as error:
            return False, type(error).__name__
        # Only 200 counts. Source: Meta docs, webhooks "overview" page, read 2026-09.
        return answer.status_code == 200, str(answer.status_code)


def _empty(lane: "queue.Queue[Row | None]") -> None:
    while True:
        try:
            lane.get_nowait()
        except queue.Empty:
            return

"""The thread that makes time pass: plays due timers, hands due deliveries to the sender, forgets old rows."""

import logging
import threading

from .. import clock
from ..context import Sandbox
from ..store import deliveries, request_log, timers
from . import batches, number_life, pacing, pauses, recategorising, reviews, statuses
from .sender import Sender

logger = logging.getLogger(__name__)

TIMERS_AT_ONCE = 100
# A full batch must fit in one look.
DELIVERIES_AT_ONCE = batches.MOST_UPDATES
LONGEST_NAP_S = 1.0
TIDY_EVERY_S = 60.0
ROWS_KEPT = 20_000

PLAYERS = {
    timers.STATUS: statuses.play,
    timers.REVIEW: reviews.play,
    timers.LIMIT: number_life.play_rise,
    timers.UPGRADE: number_life.play_upgrade,
    timers.NAME: number_life.play_name_review,
    timers.UNPAUSE: pauses.play_unpause,
    timers.CATEGORY: recategorising.play,
    timers.PACING: pacing.play,
}


class Clockwork:
    """Started with the sandbox; everything it works on is a row, so a restart loses nothing."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._wake = threading.Event()
        self._asleep_until = 0.0
        self._stopping = threading.Event()
        self._tidied_at = clock.now()
        deliveries.release_all(sandbox.db)
        self._sender = Sender(sandbox.db, self.wake)
        self._thread = threading.Thread(target=self._run, name="sandbox-clockwork", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def wake_for(self, at: float) -> None:
        """Something is due then (UNIX seconds): wakes only if it would be slept through."""
        if at < self._asleep_until:
            self._wake.set()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout=5)
        self._sender.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                was_busy = self._turn()
            except Exception:
                # One bad row must not stop time for all others.
                logger.exception("The sandbox's clockwork stumbled")
                was_busy = False
            if not was_busy:
                self._nap()

    def _turn(self) -> bool:
        """True when there was something to do, so more may be due already."""
        played = self._play_timers()
        claimed = self._hand_over() if self._sender.has_room() else 0
        if clock.now() - self._tidied_at > TIDY_EVERY_S:
            self._tidy()
        return bool(played or claimed)

    def _play_timers(self) -> int:
        db = self._sandbox.db
        due_at = timers.next_due_at(db)
        if due_at is None or due_at > clock.now():
            return 0
        with db.write():
            due = timers.take_due(db, TIMERS_AT_ONCE)
            for timer in due:
                self._play(timer["kind"], timer["payload"])
        return len(due)

    def _play(self, kind: str, payload: dict[str, object]) -> None:
        try:
            PLAYERS[kind](self._sandbox, payload)
        except Exception:
            logger.exception("A timer of kind %s could not be played", kind)

    def _hand_over(self) -> int:
        claimed = deliveries.claim_due(self._sandbox.db, DELIVERIES_AT_ONCE)
        for together in batches.group(claimed):
            self._sender.put(together)
        return len(claimed)

    def _nap(self) -> None:
        # First the longest, then the right one: what is committed between the look and the sleep wakes.
        self._asleep_until = clock.now() + LONGEST_NAP_S
        if self._sandbox.db.has_later():
            self._sandbox.db.flush()
        due = [timers.next_due_at(self._sandbox.db), deliveries.next_due_at(self._sandbox.db)]
        waits = [at - clock.now() for at in due if at is not None]
        # With the lanes full a due delivery cannot be claimed: look again soon, do not spin.
        shortest = max(0.01, min([*waits, LONGEST_NAP_S]))
        self._asleep_until = clock.now() + shortest
        self._wake.wait(timeout=shortest)
        self._wake.clear()

    def _tidy(self) -> None:
        self._tidied_at = clock.now()
        deliveries.forget_old(self._sandbox.db, ROWS_KEPT)
        request_log.forget_old(self._sandbox.db, ROWS_KEPT)

"""The worker process: Huey's consumer for rings and jobs, and a drainer for each table and for the search.

SIGTERM or Ctrl-C: take nothing new, finish what is under way, go (at most `STOP_WITHIN_S`). A second
signal ends it at once; the rows tell the next worker what was left.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from flask import Flask

from app.log_fields import set_process_fields
from app.services import (
    assigning,
    bell,
    contact_work,
    event_work,
    health_watch,
    heartbeats,
    media_claims,
    message_template_watch,
    planning,
    receipts,
    settling,
)
from app.services.bot import model_work
from app.services.departures import Departures, worker_name
from app.services.knowledge import upkeep
from app.services.mail import sending as mail_sending
from app.services.outgoing import claims as delivery_claims
from app.services.search_index import Indexer
from app.services.thumbnails import work as thumbnail_work
from app.worker import jobs
from app.worker.deliverer import Deliverer
from app.worker.drainer import Drainer
from app.worker.fetcher import Fetcher
from app.worker.queue import queue_for
from app.worker.sender import Sender
from app.worker.tasks import tasks_for

log = logging.getLogger(__name__)

EVENT_POLL_S = 0.25
MESSAGE_POLL_S = 0.25
KNOWLEDGE_POLL_S = 2.0
CONTACTS_POLL_S = 2.0
SEARCH_POLL_S = 1.0
MEDIA_POLL_S = 1.0
THUMBNAIL_POLL_S = 1.0
MODEL_POLL_S = 0.5
DELIVERY_POLL_S = 0.5
HEALTH_POLL_S = 1.0
MAIL_POLL_S = 1.0
MESSAGE_TEMPLATE_POLL_S = 1.0
PLAN_POLL_S = 2.0
RECEIPT_POLL_S = 1.0
ASSIGNING_POLL_S = 1.0
MODEL_THREADS = 3
"""Language models take seconds; nothing else waits for them."""
HEARTBEAT_S = 5.0
STOP_WITHIN_S = 25.0
FETCHES_STOP_WITHIN_S = 2.0
"""A file that does not come is not waited for: another worker fetches it from the beginning."""
DELIVERIES_STOP_WITHIN_S = 3.0
"""A receiver that does not answer is not waited for either: it is told again."""


class Worker:
    """One worker process's threads. `run` returns when it has been told to stop."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.name = worker_name()
        set_process_fields(worker=self.name)
        self._stop = threading.Event()
        folder = app.config["SETTINGS"].instance_path / "workers"
        self._departures = Departures(folder, self.name)
        self._folder = folder
        self._sender = Sender(app, self.name, self._departures)
        self._events = Drainer("events", self._in_context(event_work.work_off), poll_s=EVENT_POLL_S)
        self._messages = Drainer("messages", self._sender.step, poll_s=MESSAGE_POLL_S)
        self._knowledge = Drainer(
            "knowledge",
            self._in_context(lambda: upkeep.work_off(self.name)),
            poll_s=KNOWLEDGE_POLL_S,
        )
        self._contacts = Drainer(
            "contacts", self._in_context(lambda: contact_work.work_off(self.name)), poll_s=CONTACTS_POLL_S
        )
        self._indexer = Indexer()
        self._search = Drainer("search", self._index, poll_s=SEARCH_POLL_S)
        self._fetcher = Fetcher(app, self.name)
        self._media = Drainer("media", self._fetcher.step, poll_s=MEDIA_POLL_S)
        self._thumbnails = Drainer(
            "thumbnails",
            self._in_context(lambda: thumbnail_work.work_off(rest=self._stop.wait)),
            poll_s=THUMBNAIL_POLL_S,
        )
        self._fetcher.on_room = self._after_a_fetch
        self._drainers = {
            bell.EVENTS: self._events,
            bell.MESSAGES: self._messages,
            bell.MEDIA: self._media,
            bell.KNOWLEDGE: self._knowledge,
            bell.CONTACTS: self._contacts,
        }
        self._models = [
            Drainer(f"model-{number}", self._in_context(model_work.work_off), poll_s=MODEL_POLL_S)
            for number in range(1, MODEL_THREADS + 1)
        ]
        self._deliverer = Deliverer(app, self.name)
        self._deliveries = Drainer("deliveries", self._deliverer.step, poll_s=DELIVERY_POLL_S)
        self._deliverer.on_room = self._deliveries.ring
        self._health = Drainer("health", self._in_context(health_watch.work_off), poll_s=HEALTH_POLL_S)
        self._mail = Drainer(
            "mail", self._in_context(lambda: mail_sending.work_off(self.name)), poll_s=MAIL_POLL_S
        )
        self._message_templates = Drainer(
            "message-templates",
            self._in_context(message_template_watch.work_off),
            poll_s=MESSAGE_TEMPLATE_POLL_S,
        )
        self._plans = Drainer("plans", self._in_context(planning.work_off), poll_s=PLAN_POLL_S)
        self._receipts = Drainer("receipts", self._in_context(receipts.work_off), poll_s=RECEIPT_POLL_S)
        self._assigning = Drainer("assigning", self._in_context(assigning.work_off), poll_s=ASSIGNING_POLL_S)
        self._everything = (
            *self._drainers.values(),
            self._search,
            self._thumbnails,
            self._deliveries,
            self._health,
            self._mail,
            self._message_templates,
            self._plans,
            self._receipts,
            self._assigning,
            *self._models,
        )
        self._queue = queue_for(app.config["SETTINGS"])

    def run(self) -> None:
        self._beat()
        self._listen()
        consumer = self._queue.create_consumer(
            workers=1, initial_delay=0.1, max_delay=0.25, backoff=1.2, scheduler_interval=1
        )
        for drainer in self._everything:
            drainer.start()
        consumer.start()
        self._take_signals()
        log.info("worker %s is at work", self.name)
        while not self._stop.is_set():
            self._beat()
            self._stop.wait(HEARTBEAT_S)
        consumer.stop()
        self._finish()

    def stop(self) -> None:
        self._stop.set()

    def _listen(self) -> None:
        """Rings from the queue, and from this process itself (a bot's reply, say)."""
        tasks = tasks_for(self._queue)
        for what, drainer in self._drainers.items():
            tasks.on_look(what, drainer.ring)
        jobs.register(self._app, tasks)
        bell.rang.connect(self._rung_here)

    def _rung_here(self, what: str) -> None:
        self._drainers[what].ring()

    def _beat(self) -> None:
        try:
            self._in_context(lambda: heartbeats.beat(self.name))()
            self._in_context(lambda: settling.settle_dead_workers(self._folder))()
        except Exception:
            log.exception("the heartbeat could not be written")

    def _take_signals(self) -> None:
        """After Huey has set its own handlers: ours decide how this process ends."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._signalled)
            signal.signal(signal.SIGINT, self._signalled)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():
            os._exit(1)
        self._stop.set()

    def _finish(self) -> None:
        self._sender.is_stopping = True
        self._fetcher.stop()
        self._deliverer.stop()
        # A question in hand for a language model is asked again by another worker once its lease has run out.
        for drainer in self._everything:
            drainer.stop()
        end = time.monotonic() + STOP_WITHIN_S
        is_all_back = self._messages.join(STOP_WITHIN_S) and self._sender.finish(end - time.monotonic())
        for drainer in (self._events, self._search):
            is_all_back = drainer.join(max(0.1, end - time.monotonic())) and is_all_back
        is_fetched = self._media.join(FETCHES_STOP_WITHIN_S) and self._fetcher.finish(FETCHES_STOP_WITHIN_S)
        # One that is not ready in time is made by another worker, once its lease has run out.
        self._thumbnails.join(FETCHES_STOP_WITHIN_S)
        is_told = self._deliveries.join(DELIVERIES_STOP_WITHIN_S) and self._deliverer.finish(
            DELIVERIES_STOP_WITHIN_S
        )
        self._say_goodbye()
        log.info("worker %s has stopped", self.name)
        if is_all_back:
            self._departures.close()
        else:
            # A thread still waits for Meta or the database. What becomes of it, the next worker settles.
            log.warning("worker %s leaves tries behind that have no answer yet", self.name)
        if not (is_all_back and is_fetched and is_told):
            os._exit(0)

    def _say_goodbye(self) -> None:
        try:
            self._in_context(lambda: media_claims.release(self.name))()
            self._in_context(lambda: delivery_claims.release(self.name))()
            self._in_context(lambda: heartbeats.retire(self.name))()
        except Exception:
            log.exception("the goodbye could not be written")

    def _after_a_fetch(self) -> None:
        """There is room for another file, and perhaps a picture."""
        self._media.ring()
        self._thumbnails.ring()

    def _index(self) -> int:
        """A batch for the search, then as long a rest: who takes in and sends goes first."""
        started = time.monotonic()
        count = self._in_context(self._indexer.step)()
        if count:
            self._stop.wait(time.monotonic() - started)
        return count

    def _in_context(self, work: Callable[[], int | None]) -> Callable[[], int]:
        def run() -> int:
            with self._app.app_context():
                return work() or 0

        return run


def run_worker(app: Flask) -> None:
    """Work until a signal says stop."""
    spare_the_collector()
    Worker(app).run()


def spare_the_collector() -> None:
    """What is there at the start stays: looking through it for garbage again and again took a fifth of the
    time of working off."""
    gc.collect()
    gc.freeze()

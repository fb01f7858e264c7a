"""Several web servers and workers in threads of the test, each with an app and connections of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask, has_app_context
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import EventState, WebhookEvent
from app.services import event_work
from config import Settings
from tests.support.pages import IsolatedClient


def more_apps(settings: Settings, count: int) -> list[Flask]:
    apps = [create_app(settings) for _ in range(count)]
    for app in apps:
        app.test_client_class = IsolatedClient
    return apps


def close(apps: Iterable[Flask]) -> None:
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def at_once(jobs: Iterable[Callable[[], Any]]) -> list[Any]:
    """All jobs at the same time; their results."""
    listed = list(jobs)
    if has_app_context():
        # The test's own transaction would lock them out.
        db.session.rollback()
    with ThreadPoolExecutor(len(listed)) as pool:
        return [future.result() for future in [pool.submit(job) for job in listed]]


def work_off_together(apps: Iterable[Flask], *, batch: int, patience_s: float = 60) -> None:
    """Each app is a worker; a few events at a time, so that they meet often."""
    at_once([lambda app=app: _work_off(app, batch, patience_s) for app in apps])


def _work_off(app: Flask, batch: int, patience_s: float) -> None:
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        with app.app_context():
            event_work.work_off(batch)
            pending = db.session.scalar(
                select(WebhookEvent.id).where(WebhookEvent.state == EventState.PENDING).limit(1)
            )
            db.session.rollback()
        if pending is None:
            return
    raise AssertionError(f"events were still pending after {patience_s:.0f} s")

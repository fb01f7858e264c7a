"""Fetching one file: from Meta into a temporary file, checked, then into the store. No transaction is open
while bytes travel."""

from __future__ import annotations

import logging
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import IO

from flask import current_app

from app import failpoints
from app.extensions import db
from app.graph.client import GraphClient
from app.graph.downloads import Download, FileTooLarge
from app.graph.errors import (
    GraphAuthError,
    GraphBlocked,
    GraphError,
    GraphRejected,
    GraphThrottled,
    GraphUnexpected,
)
from app.graph.media_limits import bare_type, size_in_words
from app.log_fields import about
from app.media_store import StoreTrouble, open_store
from app.models import MediaState, utcnow
from app.services import media_claims
from app.services.media_claims import LEASE, TOO_OLD, Claim, Ending, LeaseLost
from app.services.picture_size import measure
from config import Settings

log = logging.getLogger(__name__)

_PIECE_BYTES = 256 * 1024
_PROLONG_EVERY_S = LEASE.total_seconds() / 4
_LONGEST_WAIT = timedelta(hours=6)
_OPERATOR_WAIT = timedelta(minutes=15)
MOST_STRANGE_ANSWERS = 5
"""After so many tries a file that is never the promised one is left to a person."""
_EXPIRED = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_NO_SUCH_OBJECT = 100
"""Source: Meta docs, "Error codes" page, read 2026-09: the id is unknown, or nothing this token may see."""
_AWAY = "Meta has no such file any more, or does not let this account’s token see it."
_REFUSED = (
    "Meta refuses this account’s access token. Enter a new one in step 3 of its set-up; the file is then "
    "fetched by itself."
)
_TOO_LARGE = "The file has more than {most}, and such large ones are not fetched."


class Stopped(Exception):
    """The worker is asked to go; the file is left for the next one."""


class _Progress:
    """Told about every piece: keeps the lease alive, and ends the work when the worker is to go."""

    def __init__(self, claim: Claim, stopping: threading.Event) -> None:
        self._claim = claim
        self._stopping = stopping
        self._prolonged_at = time.monotonic()

    def note(self) -> None:
        if self._stopping.is_set():
            raise Stopped
        if time.monotonic() - self._prolonged_at >= _PROLONG_EVERY_S:
            self._prolonged_at = time.monotonic()
            media_claims.prolong(self._claim)


class _Into:
    """A file to write into that tells its progress."""

    def __init__(self, file: IO[bytes], note: Callable[[], None]) -> None:
        self._file = file
        self._note = note

    def write(self, data: bytes) -> None:
        self._note()
        try:
            self._file.write(data)
        except OSError as error:
            # Not to be taken for the network's: the downloader turns that kind of error into Meta's.
            raise StoreTrouble(f"This worker’s disk does not take the file: {error.strerror}.") from error


def fetch(claim: Claim, stopping: threading.Event) -> None:
    """Fetch the file and write down how it ended. Needs an app context of its own."""
    settings = current_app.config["SETTINGS"]
    progress = _Progress(claim, stopping)
    try:
        ending = _try(claim, progress, settings)
    except LeaseLost:
        db.session.rollback()
        ending = Ending(MediaState.WAITING, leaves_bytes=True)
    is_ours = media_claims.finish(claim, ending)
    level = logging.INFO if ending.state in (MediaState.STORED, MediaState.WAITING) else logging.WARNING
    log.log(
        level,
        "a file is %s%s",
        ending.state.value,
        "" if is_ours else ", but somebody else had taken it",
        extra=about(account_id=claim.account_id, attempt=claim.attempts, outcome=ending.state.value),
    )


def _try(claim: Claim, progress: _Progress, settings: Settings) -> Ending:
    if utcnow() >= claim.expires_at:
        return Ending(MediaState.GONE, TOO_OLD)
    if claim.client is None:
        return Ending(MediaState.WAITING, claim.obstacle, _OPERATOR_WAIT)
    try:
        with tempfile.TemporaryFile(dir=settings.instance_path) as spool:
            into = _Into(spool, progress.note)
            got = _download(claim, claim.client, spool, into, settings.media_max_bytes)
            return _keep(claim, spool, got, progress, settings)
    except Stopped:
        return Ending(MediaState.WAITING, again_in=timedelta(0), is_tried=False, leaves_bytes=True)
    except StoreTrouble as trouble:
        return Ending(MediaState.WAITING, str(trouble), _back_off(claim.attempts), leaves_bytes=True)
    except GraphError as error:
        return _after(error, claim)
    except OSError as error:
        words = f"This worker’s disk does not take the file: {error.strerror}."
        return Ending(MediaState.WAITING, words, _back_off(claim.attempts))


def _download(claim: Claim, client: GraphClient, spool: IO[bytes], into: _Into, most_bytes: int) -> Download:
    """By the webhook's own address while it lives, which saves a call; otherwise Meta is asked for one."""
    if claim.fresh_url:
        try:
            return client.media.download(
                claim.fresh_url, into, most_bytes=most_bytes, sha256=claim.sha256 or None
            )
        except FileTooLarge:
            raise
        except (GraphRejected, GraphUnexpected, GraphAuthError):
            spool.seek(0)
            spool.truncate()
    found = client.media.get(claim.meta_id, claim.meta_number_id)
    if found.size_bytes is not None and found.size_bytes > most_bytes:
        raise FileTooLarge("The file is too large")
    if found.url is None:
        raise GraphUnexpected("Meta gave no address for the file")
    return client.media.download(found.url, into, most_bytes=most_bytes, sha256=claim.sha256 or found.sha256)


def _keep(claim: Claim, spool: IO[bytes], got: Download, progress: _Progress, settings: Settings) -> Ending:
    mime_type = bare_type(claim.mime_type or got.mime_type or "")
    width, height = measure(spool, mime_type) or (None, None)
    failpoints.reach("media-before-store")
    store = open_store(claim.store, settings, db.engine)
    store.put(claim.store_key, _pieces(spool, progress), size_bytes=got.size_bytes)
    values = {
        "sha256": got.sha256,
        "size_bytes": got.size_bytes,
        "mime_type": mime_type,
        "width": width,
        "height": height,
        "stored_at": utcnow(),
    }
    return Ending(MediaState.STORED, values=values)


def _pieces(spool: IO[bytes], progress: _Progress) -> Iterator[bytes]:
    spool.seek(0)
    while piece := spool.read(_PIECE_BYTES):
        progress.note()
        yield piece


def _after(error: GraphError, claim: Claim) -> Ending:
    """What a refusal or a broken call means for this file."""
    if isinstance(error, FileTooLarge):
        most = size_in_words(current_app.config["SETTINGS"].media_max_bytes)
        return Ending(MediaState.FAILED, _TOO_LARGE.format(most=most))
    if isinstance(error, GraphAuthError):
        return Ending(MediaState.WAITING, _REFUSED, _OPERATOR_WAIT)
    if error.code == _NO_SUCH_OBJECT:
        return Ending(MediaState.GONE, _AWAY)
    if isinstance(error, GraphBlocked):
        return Ending(MediaState.WAITING, f"Meta does not give it out: {error.title}.", _OPERATOR_WAIT)
    is_strange = isinstance(error, GraphUnexpected) or (
        isinstance(error, GraphRejected) and error.http_status not in _EXPIRED
    )
    if is_strange and claim.attempts >= MOST_STRANGE_ANSWERS:
        return Ending(MediaState.FAILED, f"{error.title}, in {claim.attempts} tries.")
    wait = _back_off(claim.attempts)
    if isinstance(error, GraphThrottled) and error.retry_after_s:
        wait = max(wait, timedelta(seconds=error.retry_after_s))
    return Ending(MediaState.WAITING, f"{error.title}. It is tried again by itself.", wait)


def _back_off(attempts: int) -> timedelta:
    """5 s, 15 s, 45 s … up to six hours; a little apart, so that many do not come back at once."""
    seconds = 5.0 * 3 ** min(attempts - 1, 8)
    # Nobody gains by guessing it.
    apart = random.uniform(0.9, 1.1)  # noqa: S311
    return min(timedelta(seconds=seconds * apart), _LONGEST_WAIT)

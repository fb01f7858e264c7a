"""Customers' files, from the sandbox through the webhook's door into the tables, as they come."""

from __future__ import annotations

import base64
import json
import struct
import threading
import zlib
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.media_store import open_store
from app.models import Account, MediaFile
from app.services import event_work, media_claims, media_fetching
from tests.support.sandbox import RunningSandbox
from tests.support.webhooks import Meta


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\x40\x80\xc0"))
    + _chunk(b"IEND", b"")
)
"""One point of one colour."""


class Sender:
    """A customer of one account who sends files."""

    def __init__(self, app: Flask, sandbox: RunningSandbox, account: Account, secret: str) -> None:
        self._meta = Meta(app, secret)
        self._sandbox = sandbox
        self._number = account.phone_numbers[0].meta_id

    def send(self, kind: str, data: bytes | None = None, **content: Any) -> MediaFile:
        """The file's row, once the message has been worked off; without `data` a sample of the sandbox's."""
        if data is not None:
            content["data"] = base64.b64encode(data).decode()
        message = {"type": kind, kind: content, **content.pop("message", {})}
        given = {"phone_number_id": self._number, "from": "447700900118", "message": message}
        self._sandbox.control("POST", "inbound", given)
        told = self._sandbox.control("GET", "deliveries?limit=1")["data"][0]
        assert self._meta.post(json.dumps(told["body"]).encode()).status_code == 200
        while event_work.work_off():
            continue
        db.session.expire_all()
        return newest_file()


def newest_file() -> MediaFile:
    file = db.session.scalars(select(MediaFile).order_by(MediaFile.id.desc()).limit(1)).one()
    db.session.commit()
    return file


def fetch_due(worker: str = "test-worker", store: str = "disk") -> int:
    """One round of what the worker's fetcher does, without its threads."""
    claims = media_claims.claim(worker, store, 16, {}, 16)
    for claim in claims:
        media_fetching.fetch(claim, threading.Event())
    db.session.expire_all()
    return len(claims)


def stored_bytes(app: Flask, file: MediaFile) -> bytes | None:
    """What lies under the file's key; None when nothing does."""
    store, key = file.store, file.store_key
    db.session.commit()
    if store is None or key is None:
        return None
    return b"".join(open_store(store, app.config["SETTINGS"], db.engine).read(key))

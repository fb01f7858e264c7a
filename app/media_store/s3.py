"""Files in a bucket of Amazon's S3, or of any server that speaks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store as Bucket

from app.media_store.interface import NotStored, StoreTrouble, check_key, counted
from config import S3Settings

_PART_BYTES = 5 * 1024 * 1024
"""The least that S3 takes as a part of a larger upload; two are held in memory at a time."""
_PIECE_BYTES = 256 * 1024


class S3Store:
    """Objects under one prefix of a bucket. Large files go up in parts, which S3 puts together at the end."""

    name = "s3"

    def __init__(self, settings: S3Settings) -> None:
        self._prefix = settings.prefix
        # Short enough that a lease outlasts them; what fails is tried again by the worker, later.
        self._bucket = Bucket(
            settings.bucket,
            endpoint=settings.endpoint_url or None,
            region=settings.region,
            access_key_id=settings.access_key_id,
            secret_access_key=settings.secret_access_key,
            virtual_hosted_style_request=not settings.endpoint_url,
            client_options={
                "allow_http": settings.endpoint_url.startswith("http://"),
                "connect_timeout": "5s",
                "timeout": "30s",
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        )

    def put(self, key: str, pieces: Iterable[bytes], *, size_bytes: int) -> None:
        with _telling("written"):
            try:
                obstore.put(
                    self._bucket,
                    self._path(key),
                    counted(pieces, size_bytes),
                    chunk_size=_PART_BYTES,
                    max_concurrency=1,
                )
            except FileNotFoundError:
                raise StoreTrouble("The S3 store has no such bucket. Check S3_BUCKET.") from None

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        size = self.size(key)
        if size is None:
            raise NotStored
        end = size if end is None else min(end, size)
        if start >= end:
            return
        with _telling("read"):
            found = obstore.get(self._bucket, self._path(key), options={"range": (start, end)})
            for piece in found.stream(min_chunk_size=_PIECE_BYTES):
                yield bytes(piece)

    def size(self, key: str) -> int | None:
        with _telling("read"):
            try:
                return int(obstore.head(self._bucket, self._path(key))["size"])
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> None:
        with _telling("deleted"):
            try:
                obstore.delete(self._bucket, self._path(key))
            except FileNotFoundError:
                return

    def keys(self, before: datetime) -> Iterator[str]:
        with _telling("read"):
            for objects in obstore.list(self._bucket, prefix=self._prefix.rstrip("/")):
                for found in objects:
                    if found["last_modified"] < before:
                        yield found["path"].removeprefix(self._prefix)

    def _path(self, key: str) -> str:
        return self._prefix + check_key(key)


@contextmanager
def _telling(done: str) -> Iterator[None]:
    """An error of the store as one of ours: its first line, which names no key of ours."""
    try:
        yield
    except FileNotFoundError:
        raise NotStored from None
    except (BaseError, OSError) as error:
        raise StoreTrouble(f"The S3 store could not be {done}: {_in_short(error)}") from None


def _in_short(error: BaseException) -> str:
    """Without the addresses that a library's message repeats."""
    first = str(error).partition("\n")[0]
    return first.rpartition(" - ")[2].strip()[:200] or type(error).__name__

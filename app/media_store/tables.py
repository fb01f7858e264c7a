"""Files in the database, in pieces of a megabyte: what every web and worker machine reaches already.

Each piece is a transaction of its own, so that a large file never holds up other writers, and a slow
reader holds no connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from app.media_store.interface import NotStored, StoreTrouble, check_key, counted
from app.models import MediaChunk, utcnow

CHUNK_BYTES = 1024 * 1024

_CHUNKS = cast(Table, MediaChunk.__table__)


class DatabaseStore:
    """Rows of `media_chunks`. A file is whole when its last piece is there."""

    name = "database"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, key: str, pieces: Iterable[bytes], *, size_bytes: int) -> None:
        self.delete(key)
        try:
            for position, chunk, is_last in _in_chunks(counted(pieces, size_bytes)):
                with self._transaction(writes=True) as connection:
                    row = {
                        "store_key": key,
                        "position": position,
                        "is_last": is_last,
                        "data": chunk,
                        "created_at": utcnow(),
                    }
                    connection.execute(insert(_CHUNKS), row)
        except BaseException:
            self.delete(key)
            raise

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        size = self.size(key)
        if size is None:
            raise NotStored
        end = size if end is None else min(end, size)
        while start < end:
            position, offset = divmod(start, CHUNK_BYTES)
            chunk = self._chunk(key, position)[offset : offset + end - start]
            start += len(chunk)
            yield chunk

    def _chunk(self, key: str, position: int) -> bytes:
        statement = select(_CHUNKS.c.data).where(_CHUNKS.c.store_key == key, _CHUNKS.c.position == position)
        with self._transaction() as connection:
            found = connection.execute(statement).scalar()
        if not found:
            raise NotStored
        return bytes(found)

    def size(self, key: str) -> int | None:
        statement = select(_CHUNKS.c.position, func.length(_CHUNKS.c.data).label("length")).where(
            _CHUNKS.c.store_key == check_key(key), _CHUNKS.c.is_last
        )
        with self._transaction() as connection:
            last = connection.execute(statement).first()
        return None if last is None else last.position * CHUNK_BYTES + last.length

    def delete(self, key: str) -> None:
        with self._transaction(writes=True) as connection:
            connection.execute(delete(_CHUNKS).where(_CHUNKS.c.store_key == check_key(key)))

    def keys(self, before: datetime) -> Iterator[str]:
        """By name and a thousand at a time, so that no transaction stays open."""
        last = ""
        while True:
            statement = (
                select(_CHUNKS.c.store_key)
                .distinct()
                .where(_CHUNKS.c.store_key > last, _CHUNKS.c.created_at < before)
                .order_by(_CHUNKS.c.store_key)
                .limit(1000)
            )
            with self._transaction() as connection:
                found = list(connection.execute(statement).scalars())
            if not found:
                return
            yield from found
            last = found[-1]

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        try:
            options = {"writes": True} if writes else {"reads": True}
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            # Its own text may quote the statement.
            raise StoreTrouble(
                f"The database does not take or give files now ({type(error).__name__})."
            ) from None


def _in_chunks(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """(position, bytes, whether they are the last) in megabytes; an empty file is one empty piece."""
    waiting = bytearray()
    position = 0
    for piece in pieces:
        waiting += piece
        while len(waiting) > CHUNK_BYTES:
            yield position, bytes(waiting[:CHUNK_BYTES]), False
            del waiting[:CHUNK_BYTES]
            position += 1
    yield position, bytes(waiting), True

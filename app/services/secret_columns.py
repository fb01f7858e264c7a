"""Every column that holds encrypted secrets, found by its type: counted, and moved to a new key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Table, Text, column, literal, select, table, type_coerce, update

from app.crypto import current_cipher
from app.extensions import db
from app.models import Base
from app.models.base import EncryptedSecret

_BATCH = 200


@dataclass(frozen=True)
class SecretColumn:
    """Where secrets are: `name` is "table.column"."""

    table: Table
    column: Column[object]

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def key(self) -> Column[int]:
        """The rows' number: `id`, or what else is their primary key."""
        (found,) = self.table.primary_key.columns
        return found


@dataclass(frozen=True)
class Rotated:
    """What became of one column. `unreadable`: ids of rows that no key opens; they stay as they are."""

    column: str
    rotated: int
    unreadable: tuple[int, ...]


def list_secret_columns() -> list[SecretColumn]:
    return [
        SecretColumn(found, secret)
        for found in Base.metadata.sorted_tables
        for secret in found.columns
        if isinstance(secret.type, EncryptedSecret)
    ]


def count_unreadable_secrets() -> dict[str, int]:
    """By column, how many saved secrets fit none of the keys."""
    cipher = current_cipher.get()
    return {
        secret.name: sum(cipher.decrypt(token) is None for _, token in _tokens(secret))
        for secret in list_secret_columns()
    }


def rotate_keys(progress: Callable[[str, int], None] | None = None) -> list[Rotated]:
    """Encrypt every secret anew with the first key, in short transactions, while all else goes on.

    A secret that is changed meanwhile is left alone: it already has the first key.
    """
    return [_rotate_column(secret, progress) for secret in list_secret_columns()]


def _rotate_column(secret: SecretColumn, progress: Callable[[str, int], None] | None) -> Rotated:
    cipher = current_cipher.get()
    unreadable: list[int] = []
    rotated = 0
    for batch in _batches(secret):
        # Nothing is locked while it is encrypted: on SQLite everybody who writes would wait.
        fresh = [(row_id, token, cipher.rotate(token)) for row_id, token in batch]
        unreadable += [row_id for row_id, _, new in fresh if new is None]
        rotated += sum(_replace(secret, row_id, old, new) for row_id, old, new in fresh if new is not None)
        db.session.commit()
        if progress is not None:
            progress(secret.name, rotated)
    return Rotated(secret.name, rotated, tuple(unreadable))


def _replace(secret: SecretColumn, row_id: int, old: str, fresh: str) -> int:
    """Past the column's type, which would encrypt once more. 1 if the row still held the old token."""
    raw = table(secret.table.name, column(secret.key.name), column(secret.column.name, Text))
    statement = (
        update(raw)
        .where(raw.c[secret.key.name] == row_id, raw.c[secret.column.name] == old)
        .values({secret.column.name: literal(fresh)})
    )
    # A bulk update's result knows its row count; the session's general type does not say so.
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _tokens(secret: SecretColumn) -> Iterator[tuple[int, str]]:
    for batch in _batches(secret):
        yield from batch


def _batches(secret: SecretColumn) -> Iterator[list[tuple[int, str]]]:
    """Ids and tokens as they are stored, by id, so that no row comes twice. Between them nothing is open."""
    after = -1
    id_column = secret.key
    token = type_coerce(secret.column, Text)
    while True:
        statement = (
            select(id_column, token)
            .where(secret.column.is_not(None), id_column > after)
            .order_by(id_column)
            .limit(_BATCH)
        )
        batch = [(int(row_id), str(text)) for row_id, text in db.session.execute(statement)]
        db.session.rollback()
        if not batch:
            return
        after = batch[-1][0]
        yield batch

"""Putting a backup back into an empty database: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import Connection, Engine, func, inspect, select, table, text

from app.crypto import current_cipher
from app.errors import NotReady
from app.extensions import db
from app.media_store import check_key, open_store
from app.models import Base, KnowledgeArticle
from app.services.backup.archive import Manifest, NoBackup, Reader, reading
from app.services.backup.holding import hold
from app.services.backup.rows import LEFT_OUT, put_lines, read_shapes
from app.services.knowledge import index
from app.services.schema import knows_revision
from config import Settings

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PutBack:
    """`held`: messages that were waiting and are not sent until somebody says so. `differing`: settings that
    had another value, with it."""

    taken_at: str
    rows: int
    media: int
    elsewhere: int
    held: int
    parked: int
    differing: dict[str, str]


def put_back(path: Path, settings: Settings, progress: Progress, *, any_key: bool) -> PutBack:
    """Fill the empty database. Raises NoBackup for the file, NotReady for what stands in the way here.

    `any_key`: also when no key opens the secrets, which then have to be entered again.
    """
    engine = db.engine
    with reading(path) as reader:
        manifest = reader.manifest
        _check(manifest, engine, any_key=any_key)
        upgrade(revision=manifest.revision)
        media = _put_files(reader, engine, settings)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            _lift_limits(connection)
            _put_rows(reader, connection, progress)
            held = hold(connection)
    upgrade()
    _make_knowledge_searchable()
    now = settings.as_shown()
    differing = {name: value for name, value in manifest.settings.items() if now.get(name) != value}
    rows = sum(manifest.counts.values())
    return PutBack(
        taken_at=manifest.taken_at,
        rows=rows,
        media=media,
        elsewhere=manifest.elsewhere,
        held=held["whatsapp_messages"],
        parked=held["whatsapp_webhook_events"],
        differing=differing,
    )


def _check(manifest: Manifest, engine: Engine, *, any_key: bool) -> None:
    if not knows_revision(manifest.revision):
        raise NoBackup("This backup was made by a newer waba-console. Install that version first.")
    if not any_key and current_cipher.get().decrypt(manifest.check) is None:
        raise NotReady(
            "No key in WHATSAPP_ENCRYPTION_KEY opens the secrets of this backup. Set the key the backed-up "
            "console had (with `make run` it stands in instance/secrets.env), or add --without-key and enter "
            "tokens and app secrets again afterwards."
        )
    filled = _first_filled_table(engine)
    if filled is not None:
        raise NotReady(
            f"This database is not empty: {filled} has rows. A backup is put back into an empty one; set "
            "DATABASE_URL (or WABA_INSTANCE_PATH) to a new place."
        )


def _first_filled_table(engine: Engine) -> str | None:
    with engine.connect().execution_options(reads=True) as connection:
        there = set(inspect(connection).get_table_names())
        for name in sorted(there & (Base.metadata.tables.keys() - LEFT_OUT)):
            if connection.scalar(select(func.count()).select_from(table(name))):
                return name
    return None


def _lift_limits(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _put_rows(reader: Reader, connection: Connection, progress: Progress) -> None:
    manifest = reader.manifest
    here = {shape.name: shape for shape in read_shapes(connection)}
    for shape in manifest.shapes:
        if set(shape.columns) != set(here[shape.name].columns):
            raise NoBackup(f"The table {shape.name} of this backup has other columns than its version has.")
        count = put_lines(connection, shape, reader.lines(shape))
        if count != manifest.counts[shape.name]:
            raise NoBackup(f"{shape.name} has {count} rows instead of {manifest.counts[shape.name]}.")
        if connection.dialect.name == "postgresql" and shape.key == ("id",):
            _count_on(connection, shape.name)
        progress(f"{shape.name}: {count}")


def _count_on(connection: Connection, name: str) -> None:
    """The next new row gets an id of its own."""
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name} "  # noqa: S608
            "HAVING max(id) IS NOT NULL AND "
            f"pg_get_serial_sequence('{name}', 'id') IS NOT NULL"
        )
    )


def _put_files(reader: Reader, engine: Engine, settings: Settings) -> int:
    """Before the rows: a file without a row is cleared away one night, a row without a file would stay."""
    keys = reader.media_keys()
    store = open_store("disk", settings, engine)
    for key in keys:
        store.put(check_key(key), reader.media(key), size_bytes=reader.media_size(key))
    return len(keys)


def _make_knowledge_searchable() -> None:
    """The database's own index of articles; that of messages is filled by the worker."""
    for article in db.session.scalars(select(KnowledgeArticle).order_by(KnowledgeArticle.id)):
        index.put(article, index.cut(article))
    db.session.commit()

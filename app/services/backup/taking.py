"""Taking a backup while everything goes on: the rows as they were at one moment, then the files they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, select, text

from app.crypto import Secret, current_cipher
from app.errors import NotReady
from app.extensions import db
from app.media_store import NotStored, StoreTrouble, open_store
from app.models import MediaState, ThumbnailState, utcnow
from app.services.backup.archive import Manifest, Writer, writing
from app.services.backup.rows import lines_of, read_shapes
from app.services.schema import expected_revisions, schema_revisions
from config import Settings

CHECK_TEXT = "waba-console backup"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Taken:
    """What is in the file. `media_missing`: files that their store did not have, or could not give."""

    rows: int
    media: int
    media_missing: int
    elsewhere: int
    size_bytes: int


def take(path: Path, settings: Settings, progress: Progress) -> Taken:
    """Write everything into a new file. Raises OSError when the disk does not take it."""
    with writing(path) as writer, _one_moment(db.engine) as connection:
        manifest = Manifest(
            revision=_revision(connection),
            taken_at=utcnow().isoformat(timespec="seconds"),
            check=current_cipher.get().encrypt(Secret(CHECK_TEXT)),
            settings=settings.as_shown(),
        )
        for shape in read_shapes(connection):
            manifest.counts[shape.name] = writer.add_table(shape, lines_of(connection, shape))
            manifest.shapes.append(shape)
            progress(f"{shape.name}: {manifest.counts[shape.name]}")
        _add_files(writer, manifest, connection, settings)
        writer.finish(manifest)
    rows = sum(manifest.counts.values())
    size_bytes = path.stat().st_size
    return Taken(rows, manifest.media, manifest.media_missing, manifest.elsewhere, size_bytes)


def _revision(connection: Connection) -> str:
    if schema_revisions(connection) != expected_revisions():
        raise NotReady("The tables are not those of this version. Run first: flask --app wsgi db upgrade")
    (revision,) = expected_revisions()
    return revision


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees everything as it is now, for as long as it takes."""
    with engine.connect().execution_options(reads=True) as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            connection.execute(text("SET TRANSACTION READ ONLY"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection
        connection.rollback()


def _add_files(writer: Writer, manifest: Manifest, connection: Connection, settings: Settings) -> None:
    """Those on this machine's disk. Those in the database are rows; those in a bucket stay there."""
    known = MetaData()
    files = Table("media_files", known, autoload_with=connection)
    samples = Table("message_template_files", known, autoload_with=connection)
    unsent = Table("outgoing_files", known, autoload_with=connection)
    stored = select(files.c.store, files.c.store_key).where(files.c.state == MediaState.STORED.value)
    thumbnails = select(files.c.store, files.c.thumbnail_key).where(
        files.c.thumbnail_state == ThumbnailState.MADE.value
    )
    stored_samples = select(samples.c.store, samples.c.store_key)
    stored_unsent = select(unsent.c.store, unsent.c.store_key).where(unsent.c.stored_at.is_not(None))
    kept = stored.union_all(thumbnails, stored_samples, stored_unsent)
    for store, key in connection.execute(kept).all():
        if store == "disk":
            _add_file(writer, manifest, key, settings, connection.engine)
        elif store != "database":
            manifest.elsewhere += 1


def _add_file(writer: Writer, manifest: Manifest, key: str, settings: Settings, engine: Engine) -> None:
    store = open_store("disk", settings, engine)
    try:
        is_there = store.size(key) is not None
        if is_there:
            writer.add_media(key, store.read(key))
    except (NotStored, StoreTrouble):
        is_there = False
    manifest.media += is_there
    manifest.media_missing += not is_there

"""One contract for the three stores: on disk, in the database (both of them), in an S3-compatible server."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine

from app.extensions import db
from app.media_store import MediaStore, NotStored, StoreTrouble, new_key, open_store
from app.models import utcnow
from config import Settings
from tests.support.ports import free_port
from tests.support.s3 import S3Server

MEGABYTE = 1024 * 1024
LARGE = 100 * MEGABYTE
SOME = random.Random(7).randbytes(3 * MEGABYTE + 12_345)


def put(store: MediaStore, key: str, content: bytes, piece: int = 64 * 1024) -> None:
    pieces = (content[at : at + piece] for at in range(0, len(content), piece))
    store.put(key, pieces, size_bytes=len(content))


def read(store: MediaStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join(store.read(key, start, end))


@pytest.mark.parametrize(
    "content", [b"", b"x", SOME[: 1024 * 1024], SOME], ids=["empty", "byte", "piece", "many"]
)
def test_what_was_put_is_read_again(store: MediaStore, content: bytes) -> None:
    key = new_key(1)
    put(store, key, content)
    assert store.size(key) == len(content)
    assert read(store, key) == content


@pytest.mark.parametrize(
    "start, end",
    [
        (0, 1),
        (0, MEGABYTE),
        (MEGABYTE - 3, MEGABYTE + 3),
        (2 * MEGABYTE, None),
        (len(SOME) - 1, None),
        (5, 5),
        (len(SOME) - 2, len(SOME) + 100),
    ],
)
def test_a_range_is_just_those_bytes(store: MediaStore, start: int, end: int | None) -> None:
    key = new_key(1)
    put(store, key, SOME)
    assert read(store, key, start, end) == SOME[start:end]


def test_what_is_not_there_is_told_at_the_first_byte(store: MediaStore) -> None:
    assert store.size(new_key(1)) is None
    with pytest.raises(NotStored):
        next(store.read(new_key(1)))


def test_what_is_put_again_takes_the_old_ones_place(store: MediaStore) -> None:
    key = new_key(1)
    put(store, key, SOME)
    put(store, key, b"shorter")
    assert (store.size(key), read(store, key)) == (7, b"shorter")


def test_what_is_deleted_is_away_and_may_be_deleted_again(store: MediaStore) -> None:
    key, other = new_key(1), new_key(1)
    put(store, key, SOME)
    put(store, other, b"stays")
    store.delete(key)
    store.delete(key)
    assert store.size(key) is None
    assert read(store, other) == b"stays"


class Broken(Exception):
    """What goes wrong where the bytes come from."""


def breaking_off(after: int) -> Iterator[bytes]:
    yield b"x" * after
    raise Broken


@pytest.mark.parametrize("after", [10, 8 * MEGABYTE])
def test_a_file_whose_bytes_break_off_is_not_there(store: MediaStore, after: int) -> None:
    key = new_key(1)
    with pytest.raises(Broken):
        store.put(key, breaking_off(after), size_bytes=9 * MEGABYTE)
    assert store.size(key) is None
    assert key not in set(store.keys(utcnow() + timedelta(minutes=1)))


@pytest.mark.parametrize("size", [9, 11])
def test_another_size_than_was_said_is_not_stored(store: MediaStore, size: int) -> None:
    key = new_key(1)
    with pytest.raises(StoreTrouble):
        store.put(key, iter([b"12345", b"67890"]), size_bytes=size)
    assert store.size(key) is None


def test_keys_are_those_from_before_a_moment(store: MediaStore) -> None:
    keys = {new_key(number) for number in range(5)}
    for key in keys:
        put(store, key, b"x")
    assert keys <= set(store.keys(utcnow() + timedelta(minutes=1)))
    assert not keys & set(store.keys(utcnow() - timedelta(minutes=1)))


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "1-" + "f" * 31, "1-" + "F" * 32, "", "photo.png", "1-" + "f" * 32 + "\n"]
)
def test_only_keys_of_our_own_making_are_taken(store: MediaStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        store.put(key, iter([b"x"]), size_bytes=1)
    with pytest.raises(ValueError, match="not a key"):
        store.size(key)
    with pytest.raises(ValueError, match="not a key"):
        store.delete(key)


def test_a_large_file_goes_through_in_little_memory(store: MediaStore) -> None:
    key, piece = new_key(1), SOME[:MEGABYTE]
    wanted = hashlib.sha256(piece * (LARGE // MEGABYTE)).hexdigest()
    tracemalloc.start()
    try:
        store.put(key, (piece for _ in range(LARGE // MEGABYTE)), size_bytes=LARGE)
        digest = hashlib.sha256()
        for part in store.read(key):
            digest.update(part)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert digest.hexdigest() == wanted
    assert most < 16 * MEGABYTE
    assert read(store, key, LARGE - 4, LARGE) == piece[-4:]
    store.delete(key)


# --- each store's own -------------------------------------------------------------------------------------


def test_files_on_disk_are_this_users_alone_and_named_by_us(app: Flask, settings: Settings) -> None:
    with app.app_context():
        disk = open_store("disk", settings, db.engine)
    key = new_key(42)
    put(disk, key, b"x")
    (path,) = [found for found in settings.media_folder.rglob("*") if found.is_file()]
    assert path.name == key
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


KILLED = """
import sys, time
from pathlib import Path
from app.media_store.disk import DiskStore
def pieces():
    yield b"x" * 100_000
    print("half", flush=True)
    time.sleep(60)
DiskStore(Path(sys.argv[1])).put(sys.argv[2], pieces(), size_bytes=200_000)
"""


def test_a_killed_writer_leaves_no_half_file_and_what_it_leaves_is_found(
    app: Flask, settings: Settings
) -> None:
    key = new_key(1)
    command = [sys.executable, "-c", KILLED, str(settings.media_folder), key]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.kill()
    with app.app_context():
        disk = open_store("disk", settings, db.engine)
    assert disk.size(key) is None
    assert list(disk.keys(utcnow() + timedelta(minutes=1))) == [key]
    disk.delete(key)
    assert not [found for found in settings.media_folder.rglob("*") if found.is_file()]


def test_a_folder_that_cannot_be_written_is_trouble_in_words(app: Flask, settings: Settings) -> None:
    settings.media_folder.write_text("a file where the folder should be")
    with app.app_context():
        disk = open_store("disk", settings, db.engine)
    with pytest.raises(StoreTrouble, match="could not be written") as told:
        put(disk, new_key(1), b"x")
    assert str(settings.instance_path) not in str(told.value)


def test_a_server_that_is_away_is_trouble_in_words(
    app: Flask, settings: Settings, s3_server: S3Server
) -> None:
    away = replace(s3_server.settings, endpoint_url=f"http://127.0.0.1:{free_port()}")
    with app.app_context():
        store = open_store("s3", replace(settings, s3=away), db.engine)
    key = new_key(1)
    for attempt in (
        lambda: put(store, key, b"x"),
        lambda: read(store, key),
        lambda: store.size(key),
        lambda: store.delete(key),
        lambda: list(store.keys(utcnow())),
    ):
        with pytest.raises(StoreTrouble, match=r"^The S3 store could not be") as told:
            attempt()
        assert "CANARY" not in str(told.value)
        assert key not in str(told.value)


def test_a_bucket_that_is_not_there_is_trouble_when_written(
    app: Flask, settings: Settings, s3_server: S3Server
) -> None:
    other = replace(s3_server.settings, bucket="another-bucket")
    with app.app_context():
        store = open_store("s3", replace(settings, s3=other), db.engine)
    with pytest.raises(StoreTrouble):
        put(store, new_key(1), b"x")


def test_files_in_a_bucket_stand_under_the_prefix(
    app: Flask, settings: Settings, s3_server: S3Server
) -> None:
    apart = replace(s3_server.settings, prefix="branch/office/")
    with app.app_context():
        stores = [
            open_store("s3", replace(settings, s3=one), db.engine) for one in (apart, s3_server.settings)
        ]
    key = new_key(1)
    put(stores[0], key, b"x")
    assert f"<Key>branch/office/{key}</Key>" in s3_server.names()
    moment = utcnow() + timedelta(minutes=1)
    assert key in set(stores[0].keys(moment))
    assert key not in set(stores[1].keys(moment))


def test_a_database_that_is_away_is_trouble_without_its_statement(settings: Settings) -> None:
    engine = create_engine("sqlite:////nowhere/at/all.sqlite")
    store = open_store("database", settings, engine)
    with pytest.raises(StoreTrouble, match="The database does not") as told:
        put(store, new_key(1), b"x")
    assert "media_chunks" not in str(told.value)


def test_a_store_that_is_not_set_up_says_so(app: Flask, settings: Settings) -> None:
    with app.app_context(), pytest.raises(StoreTrouble, match="not set up"):
        open_store("s3", settings, db.engine)


def test_secrets_of_the_bucket_stand_in_no_repr(settings: Settings, s3_server: S3Server) -> None:
    assert "CANARY" not in repr(replace(settings, s3=s3_server.settings))

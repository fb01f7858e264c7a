"""Which pictures get a small one, when, and what becomes of it with the file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.media_store import open_store
from app.models import HAS_NO_THUMBNAIL_YET, MediaDeletion, MediaFile, MediaState, ThumbnailState, utcnow
from app.queries.media import count_without_thumbnail
from app.services import backup, media_rows, media_upkeep
from app.services.self_checks import check_files
from app.services.thumbnails import work
from tests.support.factories import Factory
from tests.support.pictures import moving_sticker, opened, photo

PHOTO = photo(900, 600)


@pytest.fixture
def send(make: Factory) -> Any:
    """A picture that is here: `send(PHOTO)`."""
    conversation = make.conversation(make.account())

    def _send(content: bytes, kind: str = "image", **values: Any) -> MediaFile:
        message = make.message(conversation, outbound=False, message_type=kind, content={"id": "1"})
        return make.media_file(message, content, **{"mime_type": "image/jpeg", **values})

    return _send


def work_all_off() -> None:
    while work.work_off():
        continue
    db.session.expire_all()


def kept(app: Flask, key: str | None) -> bytes | None:
    store = open_store("disk", app.config["SETTINGS"], db.engine)
    db.session.rollback()
    return None if key is None or store.size(key) is None else b"".join(store.read(key))


def keys_to_delete() -> list[str]:
    return list(db.session.scalars(select(MediaDeletion.store_key)))


@pytest.mark.both_databases
def test_every_picture_that_is_here_gets_one_the_newest_first_and_nothing_else_does(
    app: Flask, send: Any
) -> None:
    older, newer = send(PHOTO), send(PHOTO)
    sticker = send(moving_sticker(), "sticker", mime_type="image/webp")
    sound = send(b"OggS", "audio", mime_type="audio/ogg")
    as_document = send(PHOTO, "document")
    version = older.message.conversation.version
    said = check_files(app.config["SETTINGS"]).text
    assert said.endswith("Small pictures still to be made: 4.")
    db.session.rollback()
    assert [work.work_off() for _ in range(3)] == [1, 1, 1]
    db.session.expire_all()
    assert newer.thumbnail is not None
    assert older.thumbnail is None
    work_all_off()
    assert older.thumbnail is not None
    assert (older.thumbnail.width, older.thumbnail.height) == (640, 427)
    content = kept(app, older.thumbnail_key)
    assert content is not None
    assert opened(content).size == (640, 427)
    assert older.thumbnail.size_bytes == len(content)
    assert sticker.thumbnail is not None
    assert sticker.thumbnail.width == 320
    assert sound.thumbnail_state is None
    assert (as_document.thumbnail_state, as_document.thumbnail) == (ThumbnailState.NONE, None)
    assert older.message.conversation.version == version + 4, "open pages are told"
    assert count_without_thumbnail() == 0
    assert not keys_to_delete()


def test_a_broken_picture_is_looked_at_once_and_says_why_there_is_none(send: Any) -> None:
    file = send(b"\xff\xd8\xff no picture")
    work_all_off()
    assert (file.thumbnail_state, file.thumbnail) == (ThumbnailState.NONE, None)
    assert file.thumbnail_reason == "It is no picture, whatever its sender says."
    assert file.is_stored


def test_a_picture_that_was_there_before_gets_one_without_waking_open_pages(send: Any) -> None:
    file = send(PHOTO, stored_at=utcnow())
    file.stored_at = utcnow() - timedelta(days=9)
    version = file.message.conversation.version
    db.session.commit()
    work_all_off()
    assert file.thumbnail is not None
    assert file.message.conversation.version == version


def test_a_store_that_is_away_is_asked_again_later(send: Any) -> None:
    file = send(PHOTO)
    file.store = "s3"
    db.session.commit()
    work_all_off()
    assert (file.thumbnail_state, file.thumbnail_key) == (None, None)
    assert "is not set up" in file.thumbnail_reason
    assert file.thumbnail_due_at > utcnow()
    file.store, file.thumbnail_due_at = "disk", utcnow()
    db.session.commit()
    work_all_off()
    assert file.thumbnail is not None
    assert file.thumbnail_reason == ""


def test_what_ends_worker_after_worker_is_left_alone(send: Any) -> None:
    file = send(PHOTO)
    for _ in range(work.MOST_TRIES):
        # As a killed worker leaves it, and its lease has run out.
        row = db.session.execute(work._FRESH).first() or db.session.execute(work._put_off(utcnow())).first()
        assert row is not None
        work._take(row, utcnow() - work.LEASE)
    work_all_off()
    assert file.thumbnail_state is ThumbnailState.NONE
    assert file.thumbnail_reason == "Workers ended in the middle of it."


def test_a_file_that_is_let_go_while_its_small_picture_is_made_leaves_nothing(
    app: Flask, send: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = send(PHOTO)
    making = work.make

    def make_slowly(content: bytes, side: int) -> Any:
        db.session.execute(text("UPDATE media_files SET stored_at = '2020-01-01'"))
        db.session.commit()
        assert media_upkeep.let_go_of_old(30) == 1
        media_upkeep.work_off_deletions()
        return making(content, side)

    monkeypatch.setattr(work, "make", make_slowly)
    work_all_off()
    assert (file.state, file.thumbnail_key, file.thumbnail_state) == (MediaState.GONE, None, None)
    (left,) = keys_to_delete()
    db.session.rollback()
    assert kept(app, left) is not None
    media_upkeep.work_off_deletions()
    assert kept(app, left) is None


def test_the_small_picture_goes_with_its_file_and_not_before(app: Flask, send: Any) -> None:
    file = send(PHOTO)
    work_all_off()
    key = file.thumbnail_key
    db.session.add(MediaDeletion(store="disk", store_key=key))
    file.stored_at = utcnow() - timedelta(days=40)
    db.session.commit()
    media_upkeep.work_off_deletions()
    assert kept(app, key) is not None, "a row promises it"
    media_upkeep.let_go_of_old(30)
    media_upkeep.work_off_deletions()
    assert kept(app, key) is None
    db.session.expire_all()
    assert (file.thumbnail, file.thumbnail_state, count_without_thumbnail()) == (None, None, 0)


def test_it_goes_with_its_message_and_with_its_account_and_into_backups(
    app: Flask, send: Any, tmp_path: Path
) -> None:
    file = send(PHOTO)
    work_all_off()
    keys = {file.store_key, file.thumbnail_key}
    message_id, account_id = file.message_id, file.account_id
    db.session.commit()
    taken = backup.take(tmp_path / "a.backup", app.config["SETTINGS"], lambda _line: None)
    assert taken.media == 2
    for let_go in (
        lambda: media_upkeep.note_files_of([message_id]),
        lambda: media_rows.let_go_of_account(account_id),
    ):
        let_go()
        assert set(keys_to_delete()) == keys
        db.session.rollback()


@pytest.mark.both_databases
def test_the_look_for_work_reads_a_small_index(send: Any) -> None:
    send(PHOTO)
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = db.session.execute(
        text(
            f"{explain} SELECT id FROM media_files WHERE {HAS_NO_THUMBNAIL_YET} AND thumbnail_due_at IS NULL "
            "ORDER BY id DESC LIMIT 1"
        )
    )
    assert "ix_media_files_no_thumbnail" in str(plan.all())

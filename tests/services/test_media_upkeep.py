"""Letting files go: by age, with their account, and what no row names; and never one that is in use."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.extensions import db
from app.media_store import MediaStore, new_key, open_store
from app.models import Account, AccountStatus, MediaDeletion, MediaFile, MediaState, utcnow
from app.queries.access import SYSTEM
from app.services import accounts, media_upkeep
from config import MEDIA_STORES
from tests.support.factories import Factory
from tests.support.media import PNG, Sender, fetch_due, stored_bytes
from tests.support.ports import free_port
from tests.support.s3 import S3Server, s3_server
from tests.support.sandbox import RunningSandbox

__all__ = ["s3_server"]


@pytest.fixture
def account(make: Factory, sandbox: RunningSandbox) -> Account:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def sender(app: Flask, sandbox: RunningSandbox, account: Account) -> Sender:
    assert account.app_secret is not None
    return Sender(app, sandbox, account, account.app_secret.reveal())


@pytest.fixture(params=MEDIA_STORES)
def store(request: pytest.FixtureRequest, app: Flask, s3_server: S3Server, make: Factory) -> MediaStore:
    settings = replace(app.config["SETTINGS"], s3=s3_server.settings)
    app.config["SETTINGS"] = settings
    return open_store(request.param, settings, db.engine)


def noted() -> int:
    return db.session.scalar(select(func.count(MediaDeletion.id))) or 0


def age_by(days: int) -> None:
    db.session.execute(update(MediaFile).values(stored_at=utcnow() - timedelta(days=days, hours=1)))
    db.session.commit()
    db.session.expire_all()


def test_files_older_than_the_setting_go_with_their_bytes(sender: Sender, store: MediaStore) -> None:
    file = sender.send("image", PNG)
    fetch_due(store=store.name)
    key = file.store_key or ""
    version = file.message.conversation.version
    db.session.commit()
    age_by(days=30)
    assert media_upkeep.let_go_of_old(31) == 0
    assert media_upkeep.let_go_of_old(30) == 1
    db.session.expire_all()
    assert (file.state, file.store_key) == (MediaState.GONE, None)
    assert "30 days" in file.reason
    assert file.message.conversation.version > version
    db.session.commit()
    assert store.size(key) == len(PNG)
    assert media_upkeep.work_off_deletions() == 1
    assert store.size(key) is None
    assert noted() == 0


def test_without_the_setting_files_stay(sender: Sender) -> None:
    file = sender.send("image")
    fetch_due()
    age_by(days=4000)
    assert media_upkeep.let_go_of_old(0) == 0
    db.session.expire_all()
    assert file.is_stored


def test_an_account_that_is_deleted_takes_its_files_along(
    app: Flask, sender: Sender, store: MediaStore, account: Account
) -> None:
    file = sender.send("image", PNG)
    fetch_due(store=store.name)
    key = file.store_key or ""
    account.status, account.live_at = AccountStatus.SETUP, None
    db.session.commit()
    accounts.discard_draft(account=account, actor=SYSTEM)
    assert db.session.scalar(select(func.count(MediaFile.id))) == 0
    assert noted() == 1
    db.session.commit()
    media_upkeep.work_off_deletions()
    assert store.size(key) is None


def test_a_store_that_is_away_is_asked_again_later(app: Flask, sender: Sender, s3_server: S3Server) -> None:
    settings = replace(app.config["SETTINGS"], s3=s3_server.settings)
    app.config["SETTINGS"] = settings
    file = sender.send("image", PNG)
    fetch_due(store="s3")
    key = file.store_key or ""
    age_by(days=2)
    media_upkeep.let_go_of_old(1)
    away = replace(s3_server.settings, endpoint_url=f"http://127.0.0.1:{free_port()}")
    app.config["SETTINGS"] = replace(settings, s3=away)
    media_upkeep.work_off_deletions()
    left = db.session.scalars(select(MediaDeletion)).one()
    assert left.reason.startswith("The S3 store could not be deleted")
    assert left.due_at > utcnow()
    left.due_at = utcnow()
    db.session.commit()
    app.config["SETTINGS"] = settings
    media_upkeep.work_off_deletions()
    assert noted() == 0
    db.session.commit()
    assert open_store("s3", settings, db.engine).size(key) is None


def test_a_file_that_a_row_promises_is_never_deleted(app: Flask, sender: Sender) -> None:
    file = sender.send("image", PNG)
    fetch_due()
    db.session.add(MediaDeletion(store="disk", store_key=file.store_key or ""))
    db.session.commit()
    media_upkeep.work_off_deletions()
    assert noted() == 0
    db.session.expire_all()
    assert stored_bytes(app, file) == PNG


def test_files_that_no_row_names_are_found_and_go_and_others_stay(
    app: Flask, sender: Sender, store: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sender.send("image", PNG)
    fetch_due(store=store.name)
    orphan, noted_already = new_key(1), new_key(2)
    for key in (orphan, noted_already):
        store.put(key, iter([b"x"]), size_bytes=1)
    db.session.add(
        MediaDeletion(store=store.name, store_key=noted_already, due_at=utcnow() + timedelta(days=1))
    )
    db.session.commit()
    media_upkeep.note_orphans()
    assert set(db.session.scalars(select(MediaDeletion.store_key))) == {noted_already}, "they are too young"
    db.session.commit()
    monkeypatch.setattr(media_upkeep, "ORPHANS_AFTER", timedelta(seconds=-60))
    media_upkeep.note_orphans()
    media_upkeep.work_off_deletions()
    db.session.expire_all()
    sizes = [store.size(key) for key in (orphan, noted_already)]
    assert sizes == [None, 1]
    assert stored_bytes(app, kept) == PNG


def test_a_store_that_cannot_be_looked_through_keeps_the_others_from_nothing(
    app: Flask, make: Factory, s3_server: S3Server
) -> None:
    away = replace(s3_server.settings, endpoint_url=f"http://127.0.0.1:{free_port()}")
    settings = replace(app.config["SETTINGS"], s3=away)
    app.config["SETTINGS"] = settings
    disk = open_store("disk", settings, db.engine)
    key = new_key(1)
    disk.put(key, iter([b"x"]), size_bytes=1)
    old = time.time() - 3 * 86_400
    (path,) = settings.media_folder.rglob(key)
    os.utime(path, (old, old))
    assert media_upkeep.note_orphans() == 1
    media_upkeep.work_off_deletions()
    assert disk.size(key) is None

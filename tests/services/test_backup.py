"""A backup holds everything, gives nothing away, and what it held back is sent by nobody but a person."""

from __future__ import annotations

import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine, select

from app import create_app
from app.crypto import current_cipher
from app.errors import NotReady
from app.extensions import db
from app.media_store import open_store
from app.models import (
    Account,
    AuditEntry,
    Base,
    Conversation,
    Direction,
    EventState,
    Message,
    MessageStatus,
    WebhookEvent,
)
from app.queries.access import EVERYTHING
from app.queries.conversation_filters import ConversationFilters
from app.queries.conversation_lists import list_conversations
from app.services import backup, event_work, search_index
from app.services.backup.archive import NoBackup
from app.services.backup.rows import LEFT_OUT, lines_of, read_shapes
from app.services.knowledge.search import search_articles
from app.services.outgoing import claims
from config import Settings
from tests.conftest import TEST_KEY
from tests.support.databases import postgresql_database
from tests.support.factories import ACCESS_TOKEN, APP_SECRET, Factory

PHOTO = bytes(range(256)) * 2000
SAID = "Die Rechnung für März – 请看附件 \U0001f4ce"


def quiet(_line: str) -> None:
    pass


@pytest.fixture
def account(app: Flask, make: Factory) -> Account:
    """With messages in every state, a photo, an article, people and their records."""
    account = make.account()
    make.user(role="manager", accounts=[account])
    make.api_key(role="manager", accounts=[account])
    conversation = make.conversation(account)
    for status in (MessageStatus.READ, MessageStatus.QUEUED, MessageStatus.SENDING):
        make.message(conversation, status=status, text_content=SAID, resends_unconfirmed=True)
    make.media_file(make.message(conversation, outbound=False, message_type="image"), PHOTO)
    make.webhook_event(account, state=EventState.PENDING)
    make.article(account, title="Opening hours", body="We are open from 8 to 18 o'clock.")
    make.bot_rule(account)
    make.flow(account)
    make.outgoing_delivery()
    conversation.last_message_status = MessageStatus.QUEUED
    db.session.commit()
    return account


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """Another console whose tables are empty."""
    folder = tmp_path / "other"
    folder.mkdir()
    if request.param == "sqlite":
        path = folder / "new.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield from console_on(settings, folder, f"sqlite:///{path}")
    else:
        for address in postgresql_database(request.getfixturevalue("postgresql_server")):
            yield from console_on(settings, folder, address)


@pytest.fixture
def bare(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """Another console without any table."""
    folder = tmp_path / "bare"
    folder.mkdir()
    yield from console_on(settings, folder, f"sqlite:///{folder / 'new.sqlite'}")


def console_on(settings: Settings, folder: Path, address: str) -> Iterator[Flask]:
    other = create_app(replace(settings, instance_path=folder, database_url=address))
    yield other
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def file(app: Flask, account: Account, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    db.session.commit()
    backup.take(path, app.config["SETTINGS"], quiet)
    return path


def put_back(other: Flask, file: Path, *, any_key: bool = False) -> backup.PutBack:
    return backup.put_back(file, other.config["SETTINGS"], quiet, any_key=any_key)


def everything(engine: Engine) -> dict[str, list[str]]:
    """All rows by table, as a backup writes them."""
    with engine.connect().execution_options(reads=True) as connection:
        return {shape.name: list(lines_of(connection, shape)) for shape in read_shapes(connection)}


def test_all_rows_and_files_are_there_again_on_either_database(app: Flask, file: Path, other: Flask) -> None:
    before = everything(db.engine)
    key = db.session.scalar(select(Base.metadata.tables["media_files"].c.store_key)) or ""
    db.session.commit()
    with other.app_context():
        result = put_back(other, file)
        after = everything(db.engine)
        store = open_store("disk", other.config["SETTINGS"], db.engine)
        assert b"".join(store.read(key)) == PHOTO
    assert (result.rows, result.media) == (sum(map(len, before.values())), 1)
    held = {"whatsapp_messages", "conversations", "whatsapp_webhook_events", "outgoing_deliveries"}
    assert {name for name in before if before[name] != after[name]} == held
    assert {name: len(rows) for name, rows in before.items()} == {
        name: len(rows) for name, rows in after.items()
    }
    assert SAID in "".join(after["whatsapp_messages"])


def test_nothing_that_waited_is_sent_by_itself(file: Path, other: Flask) -> None:
    with other.app_context():
        result = put_back(other, file)
        statuses = db.session.scalars(select(Message.status).order_by(Message.id)).all()
        assert (result.held, result.parked) == (2, 1)
        assert MessageStatus.QUEUED not in statuses
        assert statuses.count(MessageStatus.UNCONFIRMED) == 2
        assert db.session.scalars(select(Message.id).where(Message.resends_unconfirmed)).all() == [1]
        assert db.session.scalar(select(Conversation.last_message_status)) is MessageStatus.UNCONFIRMED
        assert db.session.scalar(select(WebhookEvent.state)) is EventState.PARKED
        db.session.commit()
        assert event_work.work_off() == 0
        assert claims.claim("worker", 16, {}, 16) == []


def test_the_next_row_gets_an_id_of_its_own(file: Path, other: Flask) -> None:
    with other.app_context():
        put_back(other, file)
        newest = max(db.session.scalars(select(Message.id)))
        conversation = db.session.scalars(select(Conversation)).one()
        other_one = Account(name="Another")
        db.session.add(other_one)
        db.session.commit()
        assert (other_one.id, newest, conversation.id) == (2, 4, 1)


def test_messages_and_articles_are_found_again(file: Path, other: Flask) -> None:
    with other.app_context():
        put_back(other, file)
        account_id = db.session.scalars(select(Account.id)).one()
        (found,) = search_articles(account_id, "when are you open", limit=3)
        assert found.title == "Opening hours"
        db.session.commit()
        indexer = search_index.Indexer()
        while indexer.step():
            continue
        assert len(list_conversations(EVERYTHING, ConversationFilters(search="Rechnung")).conversations) == 1


def test_secrets_are_not_to_be_read_in_it(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (ACCESS_TOKEN, APP_SECRET, TEST_KEY.decode()):
        assert secret.encode() not in inside


def test_the_file_is_for_its_owner_alone(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def test_with_another_key_it_is_refused_before_anything_is_written(file: Path, bare: Flask) -> None:
    with bare.app_context(), another_key():
        with pytest.raises(NotReady, match="WHATSAPP_ENCRYPTION_KEY"):
            put_back(bare, file)
        upgrade()
        assert db.session.scalars(select(Account)).all() == []


def test_without_the_key_all_but_the_secrets_can_be_had(file: Path, bare: Flask) -> None:
    with bare.app_context(), another_key():
        put_back(bare, file, any_key=True)
        account = db.session.scalars(select(Account)).one()
        assert (account.name, account.access_token) == ("Account 1", None)


class another_key:  # noqa: N801 - reads as what it is
    def __enter__(self) -> None:
        current_cipher.configure((Fernet.generate_key(),))

    def __exit__(self, *_: object) -> None:
        current_cipher.configure((TEST_KEY,))


def test_a_database_with_rows_is_left_alone(app: Flask, file: Path) -> None:
    before = everything(db.engine)
    with pytest.raises(NotReady, match="not empty"):
        put_back(app, file)
    assert everything(db.engine) == before


@pytest.mark.parametrize("kept", [0, 100, 0.5, -1])
def test_a_file_that_is_not_whole_leaves_an_empty_database(file: Path, bare: Flask, kept: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(kept if kept == 0 or kept >= 1 or kept < 0 else len(data) * kept)])
    with bare.app_context():
        with pytest.raises(NoBackup):
            put_back(bare, file)
        upgrade()
        assert db.session.scalars(select(Account)).all() == []


def test_a_changed_byte_is_noticed_and_nothing_is_put_back(file: Path, bare: Flask) -> None:
    data = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo("tables/whatsapp_messages.jsonl")
    start = info.header_offset + 30 + len(info.filename) + 40
    data[start] ^= 0xFF
    file.write_bytes(bytes(data))
    with bare.app_context():
        with pytest.raises(NoBackup):
            put_back(bare, file)
        upgrade()
        assert db.session.scalars(select(Account)).all() == []


def test_one_of_a_newer_version_says_so(file: Path, bare: Flask) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = parts["manifest.json"].replace(b'"revision": "', b'"revision": "9')
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in {**parts, "manifest.json": manifest}.items():
            archive.writestr(name, data)
    with bare.app_context(), pytest.raises(NoBackup, match="newer"):
        put_back(bare, file)


def test_it_shows_one_moment_however_much_is_written_meanwhile(
    app: Flask, account: Account, make: Factory, tmp_path: Path
) -> None:
    """Messages and the conversation's newest one are written together; the file must not part them."""
    conversation_id = db.session.scalars(select(Conversation.id)).one()
    db.session.commit()
    stop = threading.Event()
    writer = threading.Thread(target=write_on, args=(app, conversation_id, stop))
    writer.start()
    try:
        for count in range(5):
            path = tmp_path / f"{count}.zip"
            backup.take(path, app.config["SETTINGS"], quiet)
            with zipfile.ZipFile(path) as archive:
                messages = archive.read("tables/whatsapp_messages.jsonl").decode().count("a pair")
                events = archive.read("tables/audit_log.jsonl").decode().count("a pair")
            assert messages == events
    finally:
        stop.set()
        writer.join()


def write_on(app: Flask, conversation_id: int, stop: threading.Event) -> None:
    with app.app_context():
        conversation = db.session.get_one(Conversation, conversation_id)
        place = {
            name: getattr(conversation, name) for name in ("account_id", "phone_number_id", "contact_id")
        }
        db.session.rollback()
        while not stop.is_set():
            db.session.add(
                Message(
                    **place,
                    conversation_id=conversation_id,
                    direction=Direction.INBOUND,
                    status=MessageStatus.RECEIVED,
                    message_type="text",
                    text_content="a pair",
                )
            )
            db.session.flush()
            db.session.add(AuditEntry(action="a pair"))
            db.session.commit()


def test_every_column_of_every_table_is_of_a_kind_it_knows(make: Factory) -> None:
    with db.engine.connect().execution_options(reads=True) as connection:
        names = {shape.name for shape in read_shapes(connection)}
    assert names == Base.metadata.tables.keys() - LEFT_OUT

"""Making rows searchable: completely, once, in step with what is deleted, whatever dies in between."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text

from app.extensions import db
from app.models import (
    Account,
    Contact,
    Conversation,
    Message,
    SearchChange,
    SearchContact,
    SearchMessage,
    SearchProgress,
)
from app.queries.search import messages
from app.queries.search.index import MESSAGES
from app.services import search_index
from app.services.search_index import Indexer
from config import Settings
from tests.support.processes import Stack, wait_until


def index_everything() -> int:
    indexer, total = Indexer(), 0
    while count := indexer.step():
        total += count
    return total


def found(typed: str) -> set[int]:
    return {hit.id for hit in MESSAGES.find(messages.query_of(typed), 10_000)}


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def done_to(kind: str) -> int:
    return db.session.scalar(select(SearchProgress.done_to).where(SearchProgress.kind == kind)) or 0


def fill(make: Any, number: int) -> Conversation:
    conversation = make.conversation()
    row = make.message(conversation, text_content="pattern")
    values = {
        column.name: getattr(row, column.key)
        for column in Message.__table__.columns
        if column.name not in {"id", "client_ref"}
    }
    db.session.execute(
        insert(Message),
        [{**values, "client_ref": f"r{place}", "text_content": f"word {place}"} for place in range(number)],
    )
    db.session.commit()
    return conversation


def test_everything_is_in_the_index_once_and_nothing_is_left_to_do(make: Any) -> None:
    fill(make, 1_200)
    assert index_everything() >= 1_201
    assert count(SearchMessage) == 1_201
    assert count(SearchContact) == 1
    assert len(found("word")) == 1_200
    assert index_everything() == 0


def test_a_changed_row_is_renewed_and_found_by_nothing_old(make: Any) -> None:
    conversation = fill(make, 3)
    index_everything()
    contact = db.session.get_one(Contact, conversation.contact_id)
    contact.profile_name = "Renamed Person"
    db.session.execute(Message.__table__.update().values(text_content="other"))  # type: ignore[attr-defined]
    db.session.commit()
    index_everything()
    assert found("word") == found("pattern") == set()
    assert len(found("other")) == 4
    assert db.session.scalar(select(SearchContact.lines)).startswith("renamed person\n")
    assert count(SearchChange) == 0


def test_a_status_is_no_change(make: Any) -> None:
    fill(make, 2)
    index_everything()
    db.session.execute(Message.__table__.update().values(status="read"))  # type: ignore[attr-defined]
    db.session.commit()
    assert count(SearchChange) == 0


def test_deleting_an_account_leaves_nothing_of_it_in_the_index(make: Any) -> None:
    kept = make.message(make.conversation(), text_content="word kept")
    conversation = fill(make, 600)
    index_everything()
    db.session.execute(delete(Account).where(Account.id == conversation.account_id))
    assert found("word") == {kept.id}
    db.session.commit()
    assert count(SearchMessage) == 1
    assert count(SearchContact) == 1
    assert found("word") == {kept.id}


def test_who_gets_the_id_of_somebody_deleted_is_searchable(make: Any) -> None:
    """SQLite gives the highest ids again."""
    conversation = fill(make, 5)
    index_everything()
    db.session.execute(delete(Message).where(Message.text_content != "word 1"))
    db.session.commit()
    fresh = make.message(conversation, text_content="fresh")
    index_everything()
    assert found("fresh") == {fresh.id}
    assert len(found("word")) == 1


def test_a_row_that_is_committed_late_is_not_passed_over(make: Any, database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("SQLite has one writer: rows are committed in the order of their ids")
    conversation = fill(make, 1)
    indexer = Indexer()
    while indexer.step():
        continue
    with db.engine.connect() as late:
        late.execute(insert(Message), [_row(conversation, "late")])
        early = make.message(conversation, text_content="early")
        assert indexer.step() == 0
        assert done_to("message") < early.id
        late.commit()
    index_everything()
    assert len(found("late")) == 1
    assert found("early") == {early.id}


def test_nobody_who_writes_is_waited_for_who_came_after_the_row(make: Any, database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("SQLite has one writer: who writes holds up the index too")
    conversation = fill(make, 1)
    indexer = Indexer()
    with db.engine.connect() as first, db.engine.connect() as second:
        first.execute(insert(Message), [_row(conversation, "first")])
        assert indexer.step() == 1  # the contact
        second.execute(insert(Message), [_row(conversation, "second")])
        first.commit()
        assert indexer.step() == 3
        assert len(found("first")) == 1
        second.commit()
    index_everything()
    assert len(found("second")) == 1


def _row(conversation: Conversation, words: str) -> dict[str, Any]:
    return {
        "account_id": conversation.account_id,
        "phone_number_id": conversation.phone_number_id,
        "contact_id": conversation.contact_id,
        "conversation_id": conversation.id,
        "direction": "inbound",
        "status": "received",
        "message_type": "text",
        "text_content": words,
    }


def test_nothing_is_made_searchable_while_it_is_being_deleted(make: Any, database_kind: str) -> None:
    if database_kind == "sqlite":
        pytest.skip("SQLite has one writer: who deletes holds up the index by that alone")
    fill(make, 4)
    with db.engine.connect() as other:
        other.execute(delete(Message).where(Message.text_content == "word 1"))
        assert Indexer().step() == 0
        other.commit()
    index_everything()
    assert len(found("word")) == 3


def test_workers_side_by_side_share_the_work_and_double_nothing(app: Flask, make: Any) -> None:
    fill(make, 4_000)
    shares: list[int] = []

    def work() -> None:
        with app.app_context():
            indexer, mine, idle = Indexer(), 0, 0
            while idle < 20:
                step = indexer.step()
                mine, idle = mine + step, 0 if step else idle + 1
                if not step:
                    time.sleep(0.01)
            shares.append(mine)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(shares) == 4_002
    assert count(SearchMessage) == 4_001
    assert len(found("word")) == 4_000


@pytest.mark.timeout(180)
def test_a_worker_killed_in_the_middle_loses_nothing(make: Any, settings: Settings, tmp_path: Path) -> None:
    fill(make, 3 * search_index.BATCH)
    stack = Stack(settings, tmp_path)
    try:
        # The first is the contact's batch.
        stack.worker.start(WABA_FAILPOINT="search-before-commit:3:kill")
        assert stack.worker.wait(timeout_s=60) == -signal.SIGKILL
        assert count(SearchMessage) == done_to("message") == search_index.BATCH
        db.session.rollback()
        stack.worker.start()
        wait_until(_all_in, what="the next worker makes the rest searchable")
        assert len(found("word")) == 3 * search_index.BATCH
    finally:
        stack.stop()


def _all_in() -> bool:
    whole = count(SearchMessage) == count(Message)
    db.session.rollback()
    return whole


def test_the_index_agrees_with_its_rows(make: Any, database_kind: str) -> None:
    """FTS5 checks itself against the table: after adding, renewing and taking away."""
    if database_kind == "postgresql":
        pytest.skip("PostgreSQL keeps its index in step by itself")
    conversation = fill(make, 700)
    index_everything()
    db.session.execute(text("UPDATE whatsapp_messages SET text_content = 'renewed' WHERE id % 3 = 0"))
    db.session.execute(delete(Message).where(Message.id % 5 == 0))
    db.session.commit()
    make.message(conversation, text_content="one more")
    index_everything()
    for name in ("search_messages_fts", "search_contacts_fts"):
        db.session.execute(text(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)"))
    db.session.rollback()

"""Chosen files on both databases: pieces at the same moment, two presses at the same moment, one outcome."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import InvalidFields, NotReady
from app.extensions import db
from app.models import Conversation, MediaDeletion, MediaFile, Message, OutgoingFile, User
from app.queries.access import actor_of_user
from app.services.attachments import keeping
from app.services.attachments.keeping import Promise
from app.services.attachments.sending import Chosen, queue_files
from app.services.media_upkeep import let_go_of_unsent
from tests.support.factories import Factory
from tests.support.media import PNG
from tests.support.sandbox import RunningSandbox

KEY = "a" * 32
HALF = len(PNG) // 2


@pytest.fixture
def agent(make: Factory, sandbox: RunningSandbox) -> tuple[int, int]:
    """(conversation's id, person's id)"""
    account = make.sandbox_account(sandbox.new_account())
    conversation, user = make.conversation(account), make.user(role="agent", accounts=[account])
    return conversation.id, user.id


def at_once(app: Flask, work: Any, times: int = 2) -> list[Any]:
    """The same, by several threads with sessions of their own; what each brought or raised."""
    db.session.rollback()

    def run(_number: int) -> Any:
        with app.app_context():
            try:
                return work()
            except (InvalidFields, NotReady) as error:
                return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def add(agent: tuple[int, int], offset: int, data: bytes, key: str = KEY) -> int:
    conversation, user = db.session.get_one(Conversation, agent[0]), db.session.get_one(User, agent[1])
    promise = Promise(key, "cat.png", len(PNG))
    file = keeping.add_piece(conversation=conversation, user=user, promise=promise, offset=offset, data=data)
    return file.received_bytes


def press(agent: tuple[int, int], *keys: str) -> list[int]:
    conversation, user = db.session.get_one(Conversation, agent[0]), db.session.get_one(User, agent[1])
    queued = queue_files(
        conversation=conversation,
        text="Two",
        chosen=[Chosen(key) for key in keys],
        actor=actor_of_user(user),
        client_key="console-1",
    )
    return [message.id for message in queued]


def test_the_same_piece_and_the_same_press_at_once_count_once(app: Flask, agent: tuple[int, int]) -> None:
    assert set(at_once(app, lambda: add(agent, 0, PNG[:HALF]))) == {HALF}
    assert set(at_once(app, lambda: add(agent, HALF, PNG[HALF:]))) == {len(PNG)}
    add(agent, 0, PNG, key="b" * 32)
    outcomes = at_once(app, lambda: press(agent, KEY, "b" * 32), times=3)
    assert all(isinstance(ids, list) for ids in outcomes), outcomes
    rows = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert [row.message_type for row in rows] == ["text", "image", "image"]
    assert {ids[0] for ids in outcomes} == {rows[0].id}
    assert db.session.query(OutgoingFile).count() == 0
    files = db.session.scalars(select(MediaFile).order_by(MediaFile.id)).all()
    assert [(file.message_id, file.size_bytes) for file in files] == [(row.id, len(PNG)) for row in rows[1:]]
    # What one of the two made in vain is let go, what the messages show is not.
    noted = set(db.session.scalars(select(MediaDeletion.store_key)))
    assert noted
    assert noted.isdisjoint({file.store_key for file in files})


def test_unsent_files_are_let_go_and_no_place_is_left_for_more_than_thirty(agent: tuple[int, int]) -> None:
    for number in range(keeping.MOST_FILES):
        add(agent, 0, PNG[:HALF], key=f"{number:032x}")
    with pytest.raises(NotReady, match="30 files wait"):
        add(agent, 0, PNG[:HALF], key="c" * 32)
    assert let_go_of_unsent(-1) == keeping.MOST_FILES
    assert db.session.query(MediaDeletion).count() == keeping.MOST_FILES

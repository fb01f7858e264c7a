"""What a killed worker leaves behind tells which of its messages surely never left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests
from flask import Flask

from app.extensions import db
from app.graph.departure import on_departure
from app.graph.transport import build_session
from app.models import Message, MessageAttempt, MessageStatus, utcnow
from app.services import settling
from app.services.departures import Departures, dead_workers
from tests.support.factories import Factory

_NOTE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from app.services.departures import Departures
departures = Departures(Path(sys.argv[1]), "dead")
for attempt in sys.argv[2:]:
    departures.note(int(attempt))
os.kill(os.getpid(), signal.SIGKILL)
"""


def die_after_noting(folder: Path, *attempts: int) -> None:
    """A real process that notes departures and is killed with -9."""
    command = [sys.executable, "-c", _NOTE_AND_DIE, str(folder), *map(str, attempts)]
    subprocess.run(command, check=False, cwd=Path(__file__).parents[2])


def test_notes_outlive_a_killed_process(tmp_path: Path) -> None:
    die_after_noting(tmp_path, 7, 2**40)
    (dead,) = dead_workers(tmp_path)
    assert (dead.worker, dead.departed) == ("dead", frozenset({7, 2**40}))


_NOTE_MANY_AND_DIE = """
import os, signal, sys
from pathlib import Path
from app.services.departures import Departures
departures = Departures(Path(sys.argv[1]), "dead")
departures.note(1)
for attempt in range(2, 20_000):
    departures.note(attempt)
    departures.forget([attempt])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_waits_long_for_its_answer_is_not_forgotten_over_thousands_of_others(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _NOTE_MANY_AND_DIE, str(tmp_path)]
    subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    (dead,) = dead_workers(tmp_path)
    assert dead.departed == frozenset({1})


def test_nothing_is_said_to_have_left_before_there_is_a_connection() -> None:
    noted: list[str] = []
    session = build_session(1)
    with on_departure(lambda: noted.append("left")), pytest.raises(requests.ConnectionError):
        session.post("http://127.0.0.1:9/", json={}, timeout=5)
    assert noted == []


def test_a_living_worker_is_left_alone(tmp_path: Path) -> None:
    departures = Departures(tmp_path, "alive")
    assert list(dead_workers(tmp_path)) == []
    departures.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_from_before_a_restart_of_the_machine_is_not_believed(tmp_path: Path) -> None:
    die_after_noting(tmp_path, 7)
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    path.write_bytes(b"another-boot-id".ljust(36, b"\0") + data[36:])
    (dead,) = dead_workers(tmp_path)
    assert dead.departed is None


def in_flight(make: Factory) -> tuple[Message, MessageAttempt]:
    message = make.message(
        make.conversation(),
        status=MessageStatus.SENDING,
        lease_owner="dead",
        lease_until=utcnow(),
        attempts=1,
    )
    attempt = MessageAttempt(message_id=message.id, worker="dead")
    db.session.add(attempt)
    db.session.commit()
    return message, attempt


@pytest.mark.usefixtures("app")
def test_what_never_left_is_queued_again_and_what_may_have_left_is_not(
    make: Factory, tmp_path: Path, app: Flask
) -> None:
    stayed, _ = in_flight(make)
    left, attempt = in_flight(make)
    folder = tmp_path / "workers"
    die_after_noting(folder, attempt.id)
    assert settling.settle_dead_workers(folder) == 1
    assert (stayed.status, left.status) == (MessageStatus.QUEUED, MessageStatus.UNCONFIRMED)
    assert list(folder.iterdir()) == []


def test_a_send_whose_lease_ran_out_becomes_unconfirmed(make: Factory) -> None:
    message, _ = in_flight(make)
    assert settling.settle_expired_leases() == 1
    db.session.refresh(message)
    assert message.status is MessageStatus.UNCONFIRMED

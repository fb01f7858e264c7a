"""`serve`: the sandbox as its own process, stopped by a signal; the database; many sends at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from app.sandbox import settings
from app.sandbox.database import Database
from app.sandbox.ids import display_number, user_id
from app.sandbox.sample_media import sample
from tests.sandbox.support import Meta, RunningSandbox, eventually
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
START_PATIENCE_S = 60  # a busy machine may need long to import everything


def is_up(url: str) -> bool:
    try:
        return requests.get(f"{url}/_sandbox/health", timeout=2).ok
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_process_answers_keeps_connections_and_stops_cleanly(tmp_path: Path, stop: signal.Signals) -> None:
    port = free_port()
    code = f"from app.sandbox import serve; serve('127.0.0.1', {port}, {str(tmp_path / 'sandbox.sqlite')!r})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ, stderr=subprocess.PIPE)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: is_up(url), START_PATIENCE_S)
        with requests.Session() as session:
            account = session.post(f"{url}/_sandbox/accounts", json={}, timeout=20).json()
            answer = session.get(
                f"{url}/v23.0/{account['waba_id']}",
                headers={"Authorization": f"Bearer {account['access_token']}"},
                timeout=20,
            )
            assert answer.headers.get("Connection", "keep-alive") == "keep-alive"
            assert answer.json()["name"] == account["name"]
            session.post(f"{url}/_sandbox/faults", json={"kind": "lost_answer"}, timeout=20)
            with pytest.raises(requests.ConnectionError):
                session.get(f"{url}/v23.0/me", timeout=20)
    finally:
        process.send_signal(stop)
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 0
    assert errors == b""


def test_many_sends_at_once_are_each_taken_once(meta: Meta) -> None:
    meta.sandbox.control("POST", "settings", {"throughput_per_second": 10_000})

    def send(index: int) -> int:
        return meta.send_template(biz_opaque_callback_data=str(index)).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(send, range(120))) == {200}
    listed = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}&limit=500")
    assert sorted(int(row["biz_opaque_callback_data"]) for row in listed) == list(range(120))


def test_failed_transaction_leaves_nothing_and_wakes_nobody(tmp_path: Path) -> None:
    db = Database(tmp_path / "a.sqlite")
    called: list[str] = []

    def fail() -> None:
        with db.write():
            db.insert("businesses", id="1", name="A")
            db.after_commit(lambda: called.append("woken"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert db.rows("SELECT * FROM businesses") == []
    assert called == []
    db.close()


def test_rows_are_invisible_to_other_threads_until_the_commit_and_then_announced(tmp_path: Path) -> None:
    db = Database(tmp_path / "a.sqlite")
    seen: list[int] = []

    def look() -> None:
        seen.append(len(db.rows("SELECT * FROM businesses")))

    with db.write():
        db.insert("businesses", id="1", name="A")
        db.after_commit(look)
        _in_thread(look)
        assert len(db.rows("SELECT * FROM businesses")) == 1
    assert seen == [0, 1]
    db.close()


def test_kept_speed_wins_over_the_one_given_at_start(tmp_path: Path) -> None:
    first = RunningSandbox(tmp_path / "a.sqlite", speed=3)
    first.control("POST", "settings", {"speed": 5})
    first.close()
    second = RunningSandbox(tmp_path / "a.sqlite", speed=3)
    assert second.control("GET", "settings").json()["speed"] == 5
    second.close()


def test_user_id_is_stable_per_portfolio_and_tells_the_country() -> None:
    assert user_id("1", "447700900900") == user_id("1", "447700900900")
    assert user_id("1", "447700900900") != user_id("2", "447700900900")
    assert user_id("1", "46701740605").startswith("SE.")
    assert display_number("12025550100") == "+1 202-555-0100"


@pytest.mark.parametrize(
    "kind,start",
    [
        ("image", b"\x89PNG"),
        ("audio", b"OggS"),
        ("document", b"%PDF"),
        ("sticker", b"RIFF"),
        ("video", b"\x00\x00\x00$ftyp"),
    ],
)
def test_sample_files_begin_like_their_kind(kind: str, start: bytes) -> None:
    assert sample(kind).data.startswith(start)


def _in_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_setting_that_was_rolled_back_is_not_used(tmp_path: Path) -> None:
    db = Database(tmp_path / "sandbox.sqlite")
    assert settings.load(db).pair_limit is False

    def fail_halfway() -> None:
        with db.write():
            settings.change(db, {"pair_limit": True})
            settings.load(db)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert settings.load(db).pair_limit is False
    settings.change(db, {"pair_limit": True})
    assert settings.load(db).pair_limit is True
    db.close()

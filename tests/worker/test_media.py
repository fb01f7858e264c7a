"""Files fetched by real workers: killed on the way, slow ones, several workers, and a clean stop."""

from __future__ import annotations

import base64
import hashlib
import random
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, text

from config import Settings
from tests.support.processes import Script, Stack, wait_until

PHOTO = random.Random(11).randbytes(700_000)


@pytest.fixture
def stack(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """With the store that is the default of each database: the disk, or PostgreSQL itself."""
    if settings.database_url.startswith("postgresql"):
        settings = replace(settings, redis_url=request.getfixturevalue("redis_url"))
    stack = Stack(settings, tmp_path)
    stack.start()
    yield stack
    stack.stop()


class Customer:
    """Writes to one account, and looks at what the console made of it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.script = Script(stack)
        self.account = self.script.connect_sandbox_account()

    def writes(self, message: dict[str, Any]) -> None:
        number = self.account["phone_numbers"][0]["phone_number_id"]
        body = {"phone_number_id": number, "from": "447700900123", "message": message}
        self.control("POST", "inbound", body)

    def sends(self, data: bytes = PHOTO) -> None:
        self.writes({"type": "image", "image": {"data": base64.b64encode(data).decode()}})

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        url = f"{self._stack.sandbox_url}/_sandbox/{path}"
        requests.request(method, url, json=body, timeout=20).raise_for_status()

    def messages(self, kind: str) -> list[dict[str, Any]]:
        params = {"direction": "inbound", "message_type": kind}
        listed: list[dict[str, Any]] = self.script.call("GET", "messages/", params=params).json()["results"]
        return listed

    def media(self, state: str) -> list[dict[str, Any]]:
        files = [message["media"] for message in self.messages("image")]
        return [file for file in files if file["state"] == state]

    def bytes_of(self, file: dict[str, Any]) -> bytes:
        answer = self.script.call("GET", f"media/{file['id']}/")
        assert answer.status_code == 200, answer.text
        return answer.content


def rows(settings: Settings, statement: str) -> list[Any]:
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        found = list(connection.execute(text(statement)))
    engine.dispose()
    return found


@pytest.mark.timeout(180)
def test_a_photo_comes_into_the_store_by_itself_and_out_over_the_api(
    stack: Stack, settings: Settings
) -> None:
    customer = Customer(stack)
    customer.sends()
    (file,) = wait_until(lambda: customer.media("stored"), what="the photo is stored")
    assert file["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert (file["size_bytes"], file["url"]) == (len(PHOTO), f"/api/whatsapp/api/media/{file['id']}/")
    assert customer.bytes_of(file) == PHOTO
    (row,) = rows(settings, "SELECT store FROM media_files")
    is_sqlite = settings.database_url.startswith("sqlite")
    assert row.store == ("disk" if is_sqlite else "database")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", ["media-after-claim", "media-before-store", "media-before-finish"])
def test_a_worker_killed_on_the_way_loses_no_file_and_leaves_none_behind(
    stack: Stack, settings: Settings, point: str
) -> None:
    customer = Customer(stack)
    stack.worker.kill()
    stack.worker.start(WABA_FAILPOINT=f"{point}:1:kill")
    customer.sends()
    wait_until(lambda: stack.worker.has_ended, what="the worker has died")
    assert customer.media("fetching")
    stack.worker.start()
    (file,) = wait_until(lambda: customer.media("stored"), what="the next worker has stored it")
    assert customer.bytes_of(file) == PHOTO
    known = rows(
        settings,
        "SELECT store_key FROM media_files UNION SELECT store_key FROM media_deletions",
    )
    assert len(known) == 2, "the dead worker's key is noted, so that its bytes can be found"


@pytest.mark.timeout(240)
def test_a_worker_killed_while_bytes_come_is_followed_by_another(stack: Stack) -> None:
    customer = Customer(stack)
    customer.control("POST", "faults", {"kind": "media_slow", "seconds": 60})
    customer.sends()
    wait_until(lambda: customer.media("fetching"), what="the photo is on its way")
    stack.worker.kill()
    stack.worker.start()
    (file,) = wait_until(lambda: customer.media("stored"), what="the next worker has stored it")
    assert customer.bytes_of(file) == PHOTO


@pytest.mark.timeout(240)
def test_a_file_that_comes_slowly_holds_up_nothing_and_no_clean_stop(stack: Stack) -> None:
    customer = Customer(stack)
    customer.control("POST", "faults", {"kind": "media_slow", "seconds": 120})
    customer.sends()
    wait_until(lambda: customer.media("fetching"), what="the slow photo is on its way")
    customer.writes({"type": "text", "text": {"body": "Did you get it?"}})
    wait_until(lambda: customer.messages("text"), what="the text after it has arrived")
    message_id = customer.script.send(customer.account["id"], "+447700900123", "first")
    wait_until(
        lambda: customer.script.call("GET", f"messages/{message_id}/").json()["status"] == "read",
        what="a message has gone out and was read",
    )
    customer.sends()
    wait_until(lambda: customer.media("stored"), what="another photo is stored")
    assert customer.media("fetching"), "the slow one is still on its way"
    assert stack.worker.signal(signal.SIGTERM) == 0
    stack.worker.start()
    wait_until(lambda: len(customer.media("stored")) == 2, what="the next worker has stored the slow one")


@pytest.mark.timeout(240)
def test_several_workers_fetch_each_file_once(stack: Stack, settings: Settings) -> None:
    customer = Customer(stack)
    second = stack.another_worker()
    second.start()
    try:
        for place in range(20):
            customer.sends(PHOTO[: 10_000 + place])
        wait_until(lambda: len(customer.media("stored")) == 20, what="all photos are stored")
    finally:
        second.kill()
    tries = rows(settings, "SELECT count(*) AS files, sum(attempts) AS tries FROM media_files")
    assert (tries[0].files, tries[0].tries) == (20, 20)
    assert not rows(settings, "SELECT id FROM media_deletions")
    sizes = {file["size_bytes"] for file in customer.media("stored")}
    assert sizes == {10_000 + place for place in range(20)}

"""Whatever is sent, the sandbox answers as Graph would, stays up, and keeps its state whole."""

from __future__ import annotations

import http.client
import json
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.sandbox.attack import Attack, Shot
from tests.sandbox.attack_bodies import MESSAGES
from tests.sandbox.support import Meta, Receiver, RunningSandbox, wamid_of

# More by hand: WABA_ATTACK_SHOTS=50000 WABA_ATTACK_SEED=7
SHOTS = int(os.environ.get("WABA_ATTACK_SHOTS", "1000"))
SEED = int(os.environ.get("WABA_ATTACK_SEED", "1"))
TIMEOUT_S = 20
ERROR_KEYS = {"message", "type", "code", "fbtrace_id"}
# Column of a table → where its value must stand too.
BELONGS = (
    ("messages", "phone_number_id", "phone_numbers", "id"),
    ("message_templates", "waba_id", "wabas", "id"),
    ("phone_numbers", "waba_id", "wabas", "id"),
    ("media", "waba_id", "wabas", "id"),
    ("flows", "waba_id", "wabas", "id"),
    ("wabas", "business_id", "businesses", "id"),
    ("tokens", "app_id", "apps", "id"),
    ("subscribed_apps", "waba_id", "wabas", "id"),
    ("subscribed_apps", "app_id", "apps", "id"),
    ("blocked_users", "phone_number_id", "phone_numbers", "id"),
    ("qr_codes", "phone_number_id", "phone_numbers", "id"),
    ("customers", "business_id", "businesses", "id"),
)


class Wire:
    """One kept connection; a new one when the server closed it."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._connection: http.client.HTTPConnection | None = None

    def fire(self, shot: Shot) -> tuple[int, http.client.HTTPMessage, bytes]:
        for attempt in (1, 2):
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT_S)
            try:
                self._connection.request(shot.method, shot.path, shot.body or None, shot.headers)
                answer = self._connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.close()
                if attempt == 2:
                    raise
        raise AssertionError

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@pytest.fixture
def own_sandbox(tmp_path: Any) -> Iterator[RunningSandbox]:
    """Apart from the others': what an attack changes must not reach other tests."""
    sandbox = RunningSandbox(tmp_path / "sandbox.sqlite", speed=1000)
    yield sandbox
    sandbox.close()


def test_no_request_breaks_the_sandbox(
    own_sandbox: RunningSandbox, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    limits = {"throughput_per_second": 100_000, "management_calls_per_hour": 1_000_000}
    own_sandbox.control("POST", "settings", limits | {"message_template_creations_per_hour": 1_000_000})
    victim, bystander, stranger = (
        Meta(own_sandbox, own_sandbox.control("POST", "accounts", {}).json()) for _ in range(3)
    )
    bystander.connect(receiver)
    aimed = aim(victim, bystander, stranger.token)
    wrong: list[str] = []
    wire = Wire(own_sandbox.url)
    with caplog.at_level(logging.ERROR):
        for shot in aimed.shots(SHOTS):
            why = complaint(shot, wire.fire(shot))
            wrong += [f"{why}: {shot.method} {shot.path[:200]} {shot.headers} {shot.body[:500]!r}"] * bool(
                why
            )
        wire.close()
        assert not wrong, "\n".join([f"{len(wrong)} of {SHOTS}", *wrong[:20]])
        bystander.receive({"type": "text", "text": {"body": "Still there?"}})
        receiver.wait_for_status(wamid_of(bystander.send_text()), "read")
    assert [record.getMessage() for record in caplog.records] == []
    assert any(thread.name == "sandbox-clockwork" and thread.is_alive() for thread in threading.enumerate())
    assert orphans(own_sandbox) == {}


def aim(victim: Meta, bystander: Meta, foreign: str) -> Attack:
    """Ids of the attacked account, some of the other's, and tokens of every kind."""
    control = victim.sandbox.control
    tokens = [victim.token] * 30 + [victim.app_token] * 2 + [foreign, "", "EAA" + "x" * 50, "1|2", "\u00ff"]
    ended = control("POST", "tokens", {"app_id": victim.app_id, "expires_in_s": -5}).json()["access_token"]
    revoked = control("POST", "tokens", {"app_id": victim.app_id}).json()["access_token"]
    control("POST", "tokens/revoke", {"access_token": revoked})
    templates = [row["id"] for row in victim.get(f"{victim.waba_id}/message_templates").json()["data"]]
    flow = victim.call(
        "POST", f"{victim.waba_id}/flows", data={"name": "A", "categories": '["OTHER"]'}
    ).json()["id"]
    media = victim.call(
        "POST", f"{victim.number_id}/media", data={"messaging_product": "whatsapp"},
        files={"file": ("a.png", b"\x89PNG", "image/png")},
    ).json()["id"]  # fmt: skip
    query = {"file_length": "5", "file_type": "image/png", "file_name": "a"}
    upload = victim.call("POST", f"{victim.app_id}/uploads", params=query).json()["id"]
    ids = {
        "waba": [victim.waba_id] * 4 + [bystander.waba_id],
        "phone_number": [victim.number_id] * 6 + [bystander.number_id],
        "app": [victim.app_id, victim.app_id, bystander.app_id],
        "business": [victim.account["meta_business_account_id"]],
        "message_template": templates,
        "flow": [flow],
        "media": [media],
        "upload": [upload, "upload:x"],
        "user": ["me"],
        "wamid": [wamid_of(victim.send(**message)) for message in MESSAGES if "template" in message]
        + [victim.receive({"type": kind}).json()["wamid"] for kind in ("image", "audio", "request_welcome")],
    }
    names = {"$app": victim.app_id, "$waba": victim.waba_id, "$number": victim.number_id}
    return Attack(SEED, ids, [*tokens, ended, revoked], names)


def complaint(shot: Shot, answer: tuple[int, http.client.HTTPMessage, bytes]) -> str:
    """What is wrong with an answer; blank when nothing is."""
    status, headers, body = answer
    if status >= 500:
        return f"status {status} {body[:200]!r}"
    if shot.method in {"HEAD", "OPTIONS"} or (shot.area == "page" and status < 400):
        return ""
    if "json" not in headers.get("Content-Type", ""):
        return "" if shot.area == "page" else f"{status}, not JSON: {body[:100]!r}"
    try:
        parsed = json.loads(body, parse_constant=_refuse)
    except ValueError as error:
        return f"{status}, {error}"
    if status < 400:
        return ""
    error = parsed.get("error") if isinstance(parsed, dict) else None
    wanted = ERROR_KEYS if shot.area == "graph" else {"message"}
    if not isinstance(error, dict) or not wanted <= set(error):
        return f"{status}, not Meta's error: {body[:200]!r}"
    if shot.area == "graph" and not (isinstance(error["code"], int) and headers.get("x-fb-trace-id")):
        return f"{status}, no code or trace id"
    return ""


def orphans(sandbox: RunningSandbox) -> dict[str, int]:
    """Rows that name something which is not there."""
    db = sandbox.app.extensions["sandbox"].db
    found = {
        f"{table}.{column}": db.value(
            f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {other})"
        )
        for table, column, other, key in BELONGS
    }
    assert db.value("PRAGMA integrity_check") == "ok"
    return {name: count for name, count in found.items() if count}


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")

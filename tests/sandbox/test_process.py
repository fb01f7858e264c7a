"""The sandbox alone, as somebody without our console has it: the real process, Meta's quick start by curl."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.support import Meta, Receiver, eventually
from tests.sandbox.test_server import ROOT, START_PATIENCE_S, is_up
from tests.support.ports import free_port

HANGING = 80
VERSION = "v23.0"


class Process:
    """`flask --app wsgi sandbox` in an empty folder, without any setting."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start()

    def start(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi"), "sandbox", "--port", str(port)]
        env = {"PATH": os.environ["PATH"], "WABA_INSTANCE_PATH": str(self._folder)}
        self._process = subprocess.Popen(command, cwd=self._folder, env=env, stderr=subprocess.PIPE)
        eventually(lambda: is_up(self.url), START_PATIENCE_S)

    def control(self, method: str, path: str, json: Any = None) -> requests.Response:
        return requests.request(method, f"{self.url}/_sandbox/{path}", json=json, timeout=30)

    def kill(self) -> None:
        """At once, the worker too: nothing is given time to be written."""
        workers = subprocess.run(
            ["pgrep", "-P", str(self._process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        for pid in (*map(int, workers), self._process.pid):
            os.kill(pid, signal.SIGKILL)
        self._process.communicate(timeout=10)

    def stop(self) -> bytes:
        self._process.terminate()
        return self._process.communicate(timeout=30)[1]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One for the file: its start takes longer than the tests."""
    process = Process(tmp_path_factory.mktemp("alone"))
    yield process
    assert process.stop() == b""


def curl(*arguments: str) -> Any:
    done = subprocess.run(["curl", "-sS", *arguments], capture_output=True, check=True, timeout=30)
    return json.loads(done.stdout) if done.stdout else None


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_quick_start_by_curl_needs_nothing_of_the_console(
    process: Process, receiver: Receiver, tmp_path: Path
) -> None:
    account = process.control("POST", "accounts", {}).json()
    graph, number = f"{process.url}/{VERSION}", account["phone_number_id"]
    bearer = ("-H", f"Authorization: Bearer {account['access_token']}")
    receiver.secret = account["app_secret"]
    subscribed = curl(
        "-X", "POST", f"{graph}/{account['app_id']}/subscriptions",
        "-d", f"access_token={account['app_id']}|{account['app_secret']}",
        "-d", "object=whatsapp_business_account", "-d", f"callback_url={receiver.url}",
        "-d", f"verify_token={receiver.verify_token}", "-d", "fields=messages",
    )  # fmt: skip
    assert subscribed == {"success": True}
    assert curl("-X", "POST", f"{graph}/{account['waba_id']}/subscribed_apps", *bearer) == {"success": True}

    hello = (
        '{ "messaging_product": "whatsapp", "to": "12025550147", "type": "template",'
        ' "template": { "name": "hello_world", "language": { "code": "en_US" } } }'
    )
    json_type = ("-H", "Content-Type: application/json")
    sent = curl("-X", "POST", f"{graph}/{number}/messages", *bearer, *json_type, "-d", hello)
    assert sent["contacts"] == [{"input": "12025550147", "wa_id": "12025550147"}]
    by_parameter = f"{graph}/{number}/messages?access_token={account['access_token']}"
    again = curl("-X", "POST", by_parameter, *json_type, "-d", hello)
    for answer in (sent, again):
        receiver.wait_for_status(answer["messages"][0]["id"], "sent")

    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    media = curl(
        f"{graph}/{number}/media", *bearer, "-F", "messaging_product=whatsapp",
        "-F", f"file=@{picture};type=image/png",
    )  # fmt: skip
    url = curl(f"{graph}/{media['id']}", *bearer)["url"]
    curl(url, *bearer, "-o", str(tmp_path / "back.png"))
    assert (tmp_path / "back.png").read_bytes() == picture.read_bytes()


def test_hanging_requests_do_not_keep_others_waiting(process: Process) -> None:
    account = process.control("POST", "accounts", {}).json()
    meta = Meta(process, account)  # type: ignore[arg-type]
    hung = {"kind": "timeout", "seconds": 60, "count": HANGING, "match": {"method": "GET"}}
    process.control("POST", "faults", hung).raise_for_status()
    host, port = process.url.removeprefix("http://").split(":")
    head = f"GET /{VERSION}/me HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {meta.token}\r\n"
    clients = [socket.create_connection((host, int(port))) for _ in range(2 * HANGING)]
    for index, client in enumerate(clients):
        # One half waits for the fault, the other never ends its request.
        client.sendall((head + "\r\n" * (index % 2)).encode())
    eventually(lambda: process.control("GET", "faults").json()["data"] == [])
    assert meta.send_template().status_code == 200
    for client in clients:
        client.close()


def test_odd_requests_on_the_wire_are_answered_or_dropped_and_nobody_notices(process: Process) -> None:
    meta = Meta(process, process.control("POST", "accounts", {}).json())  # type: ignore[arg-type]
    to_me = f"/{VERSION}/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {meta.token}\r\n"
    hello = '{"messaging_product":"whatsapp","to":"+12025550147","type":"template","template":'
    hello += '{"name":"hello_world","language":{"code":"en_US"}}}'
    send = f"POST /{VERSION}/{meta.number_id}/messages HTTP/1.1\r\nHost: a\r\n"
    send += f"Authorization: Bearer {meta.token}\r\nContent-Type: application/json\r\n"
    chunks = f"{len(hello[:20]):x}\r\n{hello[:20]}\r\n{len(hello[20:]):x}\r\n{hello[20:]}\r\n0\r\n\r\n"
    pipelined = answers_to(process, f"GET {to_me}\r\nGET {to_me}Connection: close\r\n\r\n")
    assert pipelined.count(b"HTTP/1.1 200") == 2
    chunked = answers_to(process, f"{send}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{chunks}")
    assert b"HTTP/1.1 200" in chunked
    huge = hello.replace("hello_world", "x" * 10_000_000)
    long = answers_to(process, f"{send}Content-Length: {len(huge)}\r\nConnection: close\r\n\r\n{huge}")
    assert long.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404"))
    for broken in (
        f"{send}Content-Length: 9999\r\n\r\n{hello}",
        f"{send}Content-Length: 5\r\nConnection: close\r\n\r\n{hello}",
        f"{send}Content-Length: -5\r\n\r\n{hello}",
        f"{send}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{hello}",
        f"{send}Transfer-Encoding: chunked\r\n\r\nzz\r\n{hello}",
        f"{send}Transfer-Encoding: chunked\r\n\r\n{chunks[:30]}",
        f"GET /{VERSION}/me HTTP/9.9\r\n\r\n",
        "GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        f"GET {to_me}X: " + "a" * 100_000 + "\r\n\r\n",
        f"GET {to_me}" + "".join(f"X-{index}: a\r\n" for index in range(500)) + "\r\n",
        f"GET {to_me}Authorization: Bearer \x00\r\n\r\n",
        "\x16\x03\x01\x02",
    ):
        answer = answers_to(process, broken)
        assert answer == b"" or b" 4" in answer[:13] or b" 505" in answer[:13], (broken[:200], answer[:200])
    assert meta.send_template().status_code == 200


def answers_to(process: Process, sent: str) -> bytes:
    """All that comes until the server has closed; our side of the connection is closed after sending."""
    host, port = process.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        try:
            client.sendall(sent.encode("latin-1"))
            client.shutdown(socket.SHUT_WR)
            parts = []
            while part := client.recv(65_536):
                parts.append(part)
        except ConnectionError:
            return b""
    return b"".join(parts)


def test_what_was_accepted_is_there_after_the_process_was_killed(process: Process) -> None:
    meta = Meta(process, process.control("POST", "accounts", {}).json())  # type: ignore[arg-type]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: meta.send_template(), range(40)))
    process.kill()
    accepted = {answer.json()["messages"][0]["id"] for answer in answers}
    process.start()
    kept = process.control("GET", f"messages?phone_number_id={meta.number_id}&limit=100").json()["data"]
    assert {row["wamid"] for row in kept} == accepted

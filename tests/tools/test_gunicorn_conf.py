"""The web server's settings."""

import contextlib
import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.ports import free_port
from tests.support.processes import wait_until

CONF = Path(__file__).resolve().parents[2] / "gunicorn.conf.py"
READ = ("DATABASE_URL", "WEB_CONCURRENCY", "WEB_THREADS", "HOST", "PORT", "FORWARDED_ALLOW_IPS")


def conf(monkeypatch: pytest.MonkeyPatch, folder: Path, **environ: str) -> dict[str, Any]:
    monkeypatch.chdir(folder)
    for name in READ:
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(CONF))


@pytest.mark.parametrize("url", ["", "sqlite:////tmp/a.sqlite"])
def test_sqlite_gets_one_process_whatever_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    assert conf(monkeypatch, tmp_path, DATABASE_URL=url, WEB_CONCURRENCY="4")["workers"] == 1


def test_postgresql_gets_as_many_as_asked_for_and_two_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = "postgresql://waba@db/waba"
    assert conf(monkeypatch, tmp_path, DATABASE_URL=url)["workers"] == 2
    assert conf(monkeypatch, tmp_path, DATABASE_URL=url, WEB_CONCURRENCY="4")["workers"] == 4


def test_the_env_file_counts_here_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://waba@db/waba\nPORT=8000\n")
    settings = conf(monkeypatch, tmp_path)
    assert (settings["workers"], settings["bind"]) == (2, "127.0.0.1:8000")


def test_an_ipv6_host_is_bound_in_brackets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert conf(monkeypatch, tmp_path, HOST="::1")["bind"] == "[::1]:5000"


def test_only_a_proxy_on_this_machine_is_believed_and_no_management_socket_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = conf(monkeypatch, tmp_path)
    assert settings["forwarded_allow_ips"] == "127.0.0.1,::1"
    assert settings["forwarder_headers"] == ""
    assert settings["control_socket_disable"] is True


_APP = """
def app(environ, start_response):
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[int]:
    """The port of a web server with our settings and two threads."""
    (tmp_path / "bare.py").write_text(_APP)
    port = free_port()
    env = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "WEB_THREADS": "2", "DATABASE_URL": ""}
    command = [sys.executable, "-m", "gunicorn", "-c", str(CONF), "bare:app"]
    running = subprocess.Popen(command, cwd=tmp_path, env=env)
    yield port
    running.terminate()
    running.wait(timeout=30)


def answer(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(request)
        return connection.recv(1024)


def test_clients_that_never_finish_their_request_do_not_keep_the_others_out(server: int) -> None:
    question = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    def answers() -> bool:
        with contextlib.suppress(OSError):
            return answer(server, question).startswith(b"HTTP/1.1 200")
        return False

    wait_until(answers, what="the server answers", patience_s=30)
    slow = [socket.create_connection(("127.0.0.1", server)) for _ in range(3)]
    for connection in slow:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1")
    assert answers()
    for connection in slow:
        connection.close()

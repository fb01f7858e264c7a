"""The web server's settings."""

import runpy
from pathlib import Path
from typing import Any

import pytest

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

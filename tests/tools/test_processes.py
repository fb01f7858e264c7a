"""The process runner, as a program of its own that gets real signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOREVER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
SHORT = "import sys, time; time.sleep(0.3); print('bye', flush=True); sys.exit(3)"
RUNNER = """
import os, sys
from pathlib import Path
from tools import processes
from tools.say import Stop
processes.STOP_WITHIN_S = 1.0
runner = processes.Supervisor(Path.cwd())
for number, code in enumerate(sys.argv[2:]):
    runner.start(f"program{number}", [sys.executable, "-c", code], os.environ)
def when_started():
    if sys.argv[1]:
        raise Stop(sys.argv[1])
sys.exit(runner.wait(when_started))
"""

type_of_start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[type_of_start]:
    """Start the runner with programs given as Python code; killed at the end of the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*programs: str, fails: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-c", RUNNER, fails, *programs]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        started.append(subprocess.Popen(command, cwd=ROOT, text=True, **pipes))
        return started[-1]

    yield begin
    for runner in started:
        runner.kill()
        runner.wait()
        if runner.stdout:
            runner.stdout.close()


def await_lines(runner: subprocess.Popen[str], count: int) -> list[str]:
    assert runner.stdout is not None
    return [runner.stdout.readline().rstrip() for _ in range(count)]


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in listed]


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()


def all_gone(processes: list[int]) -> bool:
    deadline = time.monotonic() + 20
    while any(is_alive(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(is_alive(process) for process in processes)


needs_proc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into Linux's /proc")


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_programs_and_counts_as_success(start: type_of_start, number: int) -> None:
    runner = start(FOREVER, FOREVER)
    assert sorted(await_lines(runner, 2)) == ["program0| up", "program1| up"]
    children = children_of(runner.pid)
    runner.send_signal(number)
    assert runner.wait(timeout=30) == 0
    assert len(children) == 2
    assert all_gone(children)


def test_the_end_of_one_program_is_named_and_ends_the_rest(start: type_of_start) -> None:
    runner = start(FOREVER, SHORT)
    output, _ = runner.communicate(timeout=30)
    assert runner.returncode == 1
    assert "program1| bye" in output
    assert "waba-console: program1 ended by itself (exit code 3), so all is stopped. bye" in output


@needs_proc
def test_programs_that_ignore_the_request_are_killed_in_time(start: type_of_start) -> None:
    runner = start(STUBBORN, STUBBORN)
    await_lines(runner, 2)
    children = children_of(runner.pid)
    runner.send_signal(signal.SIGTERM)
    assert runner.wait(timeout=30) == 0
    assert all_gone(children)


@needs_proc
def test_nothing_is_left_behind_when_the_runner_itself_is_killed(start: type_of_start) -> None:
    runner = start(FOREVER, FOREVER)
    await_lines(runner, 2)
    children = children_of(runner.pid)
    runner.kill()
    assert all_gone(children)


def test_a_start_that_fails_stops_the_programs_with_its_reason(start: type_of_start) -> None:
    runner = start(FOREVER, fails="it did not answer")
    output, _ = runner.communicate(timeout=30)
    assert runner.returncode == 1
    assert "waba-console: it did not answer" in output

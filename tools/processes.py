"""Runs several programs as one: their output together, one stop for all, the end of one is the end of all.

Own code rather than a package: docs/decisions/0003-own-process-runner.md says why.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from tools.say import Stop, refuse

STOP_WITHIN_S = 8.0
"""Seconds between asking the programs to stop and killing what is left of them."""

_COLOURS = (36, 35, 33, 32)


@dataclass(frozen=True)
class _Start:
    name: str
    command: Sequence[str]
    environ: Mapping[str, str]


@dataclass(frozen=True)
class _Ended:
    name: str
    code: int
    last_line: str


@dataclass(frozen=True)
class _Signalled:
    number: int


_Event = _Start | _Ended | _Signalled | Stop


class Supervisor:
    """Start programs with `start`, from any thread; `wait`, in the main thread, until all is to stop."""

    def __init__(self, cwd: Path, out: IO[str] | None = None) -> None:
        self._cwd = cwd
        self._out = out or sys.stdout
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._events: SimpleQueue[_Event] = SimpleQueue()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # started under nohup: stay when the terminal goes
            signal.signal(number, lambda number, _frame: self._events.put(_Signalled(number)))

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start a program as soon as `wait` runs; its lines appear after its name."""
        self._events.put(_Start(name, command, environ))

    def _launch(self, wanted: _Start) -> None:
        # In the main thread: Linux counts the end of the thread that started a program as its parent's death.
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.child", *wanted.command],
            cwd=self._cwd,
            env=dict(wanted.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches us alone; we pass it on as an orderly SIGTERM
        )
        colour = _COLOURS[len(self._running) % len(_COLOURS)]
        self._running[wanted.name] = process
        self._in_background(self._follow, wanted.name, process, colour)

    def wait(self, when_started: Callable[[], None]) -> int:
        """Call `when_started` beside the programs, and wait for a signal or the first end; the exit code.

        0 after Ctrl-C or SIGTERM; 1 when a program ended by itself or `when_started` raised Stop.
        """
        self._in_background(self._call, when_started)
        while isinstance(event := self._events.get(), _Start):
            self._launch(event)
        code = self._judge(event)
        self.stop()
        return code

    def stop(self) -> None:
        """End all programs: asked first, killed after STOP_WITHIN_S or at a second Ctrl-C."""
        self._signal_all(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        while self._running and self._await_end(deadline - time.monotonic()):
            pass
        self._signal_all(signal.SIGKILL)

    def _await_end(self, timeout_s: float) -> bool:
        """Take one event; False when waiting is over."""
        try:
            event = self._events.get(timeout=max(timeout_s, 0))
        except Empty:
            return False
        if isinstance(event, _Ended):
            self._running.pop(event.name, None)
        return not isinstance(event, _Signalled)

    def _judge(self, event: _Ended | _Signalled | Stop) -> int:
        """Say why all is being stopped; the exit code that belongs to it."""
        if isinstance(event, _Signalled):
            self._print("\n  Stopping ...")
            return 0
        if isinstance(event, Stop):
            return refuse(event)
        self._running.pop(event.name, None)
        how = f"signal {-event.code}" if event.code < 0 else f"exit code {event.code}"
        return refuse(Stop(f"{event.name} ended by itself ({how}), so all is stopped. {event.last_line}"))

    def _signal_all(self, number: int) -> None:
        for process in self._running.values():
            if process.poll() is not None:
                continue
            if number == signal.SIGKILL:
                os.killpg(process.pid, number)  # with whatever it started itself
            else:
                process.send_signal(number)

    def _follow(self, name: str, process: subprocess.Popen[str], colour: int) -> None:
        """Show a program's lines, and report its end."""
        label = f"{name:<8}|"
        prefix = f"\033[{colour}m{label}\033[0m" if self._out.isatty() else label
        lines: deque[str] = deque(maxlen=1)
        relay = self._in_background(self._relay, process, prefix, lines)
        code = process.wait()
        relay.join(timeout=1)  # not longer: what the program started may still hold its output
        self._events.put(_Ended(name, code, lines[0] if lines else ""))

    def _relay(self, process: subprocess.Popen[str], prefix: str, lines: deque[str]) -> None:
        for line in process.stdout or ():
            lines.append(line.strip())
            self._print(f"{prefix} {line.rstrip()}")

    def _call(self, when_started: Callable[[], None]) -> None:
        try:
            when_started()
        except Stop as reason:
            self._events.put(reason)
        except Exception as error:  # noqa: BLE001 - a silent thread would leave the person waiting for ever
            self._events.put(Stop(f"the start failed by a fault of its own: {type(error).__name__}: {error}"))

    def _in_background(self, target: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        return thread

    def _print(self, text: str) -> None:
        # Text and line end in one piece: the lines of two programs must not run into each other.
        self._out.write(f"{text}\n")
        self._out.flush()

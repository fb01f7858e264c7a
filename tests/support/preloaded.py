"""Processes of the console that start in a tenth of the time: forked from one that has imported everything.

A start is nine tenths imports. So one process per test run imports the app once and then forks a child
for each start that is asked of it. The child is a process of its own in every respect a test looks at
(own session, environment, output, signals, exit code, its own connections and threads); what it did not
do is read the same 700 files again. `tests/tools` and `tests/sandbox/test_process.py` start the real
command lines, so that these are seen to work too.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from app import failpoints

ROOT = Path(__file__).resolve().parents[2]
_LENGTH = struct.Struct("!I")
_CODE = struct.Struct("!i")
_READY_WITHIN_S = 120


class Child:
    """A running child, with what `subprocess.Popen` offers of it."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection
        self._reading = threading.Lock()  # one thread waits for its end while another asks about it

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(timeout=0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for a signal. Raises subprocess.TimeoutExpired."""
        if self.returncode is None and self._is_over(timeout):
            with self._reading:
                if self.returncode is None:
                    (self.returncode,) = _CODE.unpack(_receive(self._connection, _CODE.size))
                    self._connection.close()
        if self.returncode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return self.returncode

    def _is_over(self, timeout: float | None) -> bool:
        try:
            return bool(select.select([self._connection], [], [], timeout)[0])
        except ValueError:  # another thread was told first, and has closed it
            return True

    def __del__(self) -> None:
        self._connection.close()


class Nursery:
    """The process that has imported everything. Started with the first child, ended with the tests."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._address = ""

    def start(self, command: list[str], env: dict[str, str], *, stdin: int, output: int) -> Child:
        """`python -m` with this command (module, arguments) and environment, in the project's folder.

        `stdin`, `output` (of standard output and error): file descriptors.
        """
        self._open()
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._address)
        order = json.dumps({"command": command, "env": env}).encode()
        connection.sendmsg(
            [_LENGTH.pack(len(order))],
            [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [stdin, output]))],
        )
        connection.sendall(order)
        (pid,) = _CODE.unpack(_receive(connection, _CODE.size))
        return Child(connection, pid)

    def _open(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            return
        self._owner = os.getpid()
        folder = tempfile.mkdtemp(prefix="nursery")
        self._address = f"{folder}/socket"
        command = [sys.executable, "-m", "tests.support.preloaded", self._address]
        # Its end of this pipe closes when the tests end, however they end: then it ends too.
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, env=_bare_environment())
        atexit.register(self._close, self._process, folder)
        deadline = time.monotonic() + _READY_WITHIN_S
        while not Path(self._address).exists():
            assert self._process.poll() is None, "the preloaded process ended at its start"
            assert time.monotonic() < deadline, "the preloaded process did not become ready"
            time.sleep(0.05)

    def _close(self, process: subprocess.Popen[bytes], folder: str) -> None:
        if self._owner == os.getpid():
            process.kill()
            process.wait()
            with contextlib.suppress(OSError):
                Path(self._address).unlink()
                Path(folder).rmdir()


NURSERY = Nursery()


def _bare_environment() -> dict[str, str]:
    """Nothing that the app reads at import may come from the tests' own environment."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("WABA_", "COV_"))}


def _receive(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += (part := connection.recv(size - len(data)))
        if not part:
            raise EOFError("the preloaded process has ended")
    return data


def _import_everything() -> None:
    gc.disable()
    for name in ("gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "flask.cli", "app"):
        importlib.import_module(name)
    package = sys.modules["app"]
    for module in pkgutil.walk_packages(package.__path__, "app."):
        importlib.import_module(module.name)
    gc.freeze()


def serve(address: str) -> NoReturn:
    """Fork a child for each order that comes in, and tell its exit code when it ends."""
    _import_everything()
    ended_r, ended_w = os.pipe()
    for end in (ended_r, ended_w):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ended_w, warn_on_full_buffer=False)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{address}.new")
    listener.listen(64)
    Path(f"{address}.new").rename(address)
    children: dict[int, socket.socket] = {}
    while True:
        ready = select.select([listener.fileno(), ended_r, 0], [], [])[0]
        if 0 in ready:
            os._exit(0)  # the tests have ended
        if ended_r in ready:
            os.read(ended_r, 4096)
            _tell_who_ended(children)
        if listener.fileno() in ready:
            connection = listener.accept()[0]
            pid = _fork(connection, [listener, *children.values()], (ended_r, ended_w))
            children[pid] = connection


def _tell_who_ended(children: dict[int, socket.socket]) -> None:
    for pid in list(children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with contextlib.suppress(OSError), children.pop(pid) as connection:
                connection.sendall(_CODE.pack(os.waitstatus_to_exitcode(status)))


def _fork(connection: socket.socket, others: list[socket.socket], pipe: tuple[int, int]) -> int:
    length, ancillary, _flags, _address = connection.recvmsg(_LENGTH.size, socket.CMSG_SPACE(2 * 4))
    stdin, output = array.array("i", ancillary[0][2])
    order = json.loads(_receive(connection, *_LENGTH.unpack(length)))
    pid = os.fork()
    if pid == 0:
        for other in (connection, *others):
            other.close()
        for end in pipe:
            os.close(end)
        _become(order, stdin, output)
    os.close(stdin)
    os.close(output)
    connection.sendall(_CODE.pack(pid))
    return pid


def _become(order: dict[str, Any], stdin: int, output: int) -> NoReturn:
    """Be `python -m module arguments`, as if started by hand."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for source, target in ((stdin, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    for source in (stdin, output):
        os.close(source)
    os.environ.clear()
    os.environ.update(order["env"])
    gc.enable()
    importlib.reload(failpoints)  # the one module of ours that looks at the environment when it is imported
    sys.argv = order["command"]
    code: object = 0
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as Python does at the end of a program
        sys.excepthook(*sys.exc_info())
        code = 1
    raise _Ended(code)  # so that nothing between here and the interpreter's own end runs


class _Ended(BaseException):
    """Carries what a child ends with out of the loop that it was forked in."""

    def __init__(self, code: object) -> None:
        self.code = code


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    try:
        serve(sys.argv[1])
    except _Ended as ended:
        sys.exit(ended.code)  # type: ignore[arg-type]

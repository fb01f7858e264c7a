"""The real processes of a running console, to be started, killed and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import IO, Any

import requests

from config import Settings
from tests.support.ports import free_port
from tests.support.preloaded import NURSERY, Child

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
TEST_KEY = "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktMTIzNCE="


def wait_until(condition: Callable[[], Any], *, what: str, patience_s: float = PATIENCE_S) -> Any:
    """The condition's first true value. Fails with `what` when it takes too long."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        with contextlib.suppress(requests.RequestException):
            value = condition()
            if value:
                return value
        time.sleep(0.1)
    raise AssertionError(f"in {patience_s:.0f} s it did not happen that {what}")


class Process:
    """One process in a group of its own, so that a kill takes its children along."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self._command = command
        self._env = env
        self._log = log
        self._running: subprocess.Popen[bytes] | Child | None = None
        self._started_at = 0.0

    def start(self, **extra: str) -> None:
        """`extra`: environment variables of this one start."""
        self._started_at = time.monotonic()
        with self._log.open("ab") as log:
            self._running = self._launch({**self._env, **extra}, log)

    def _launch(self, env: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes] | Child:
        return subprocess.Popen(
            self._command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
        )

    def signal(self, number: signal.Signals) -> int:
        """Signal the whole group and wait for its head to end; its exit code."""
        assert self._running is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running.pid, number)
        return self._running.wait(timeout=40)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def send(self, number: signal.Signals, *, to_group: bool = True) -> None:
        """Signal it without waiting for what it does: the whole group, or the head alone."""
        assert self._running is not None
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if to_group else os.kill)(self._running.pid, number)

    def wait(self, timeout_s: float) -> int:
        """Its exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        assert self._running is not None
        return self._running.wait(timeout=timeout_s)

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._started_at

    @property
    def has_ended(self) -> bool:
        return self._running is not None and self._running.poll() is not None

    @property
    def pids(self) -> list[int]:
        """The head's and its children's."""
        assert self._running is not None
        head = self._running.pid
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{head}/task/{head}/children").read_text().split()
            return [head, *map(int, children)]
        return [head]

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


class PreloadedProcess(Process):
    """One that starts fast: see `tests.support.preloaded`. `command`: a module and its arguments."""

    def _launch(self, env: dict[str, str], log: IO[bytes]) -> Child:
        with Path(os.devnull).open("rb") as nothing:
            return NURSERY.start(self._command, env, stdin=nothing.fileno(), output=log.fileno())


class Stack:
    """Sandbox, web and worker over one database, as an operator starts them by hand."""

    def __init__(self, settings: Settings, folder: Path, **extra: str) -> None:
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COV_")},
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url or "",
            "SECRET_KEY": settings.secret_key,
            "WHATSAPP_ENCRYPTION_KEY": TEST_KEY,
            "GRAPH_API_BASE_URL": self.sandbox_url,
            "PUBLIC_BASE_URL": self.url,
            "WABA_INSTANCE_PATH": str(folder),
            "LOG_LEVEL": "WARNING",
            **extra,
        }
        flask = ["flask", "--app", "wsgi"]
        gunicorn = ["gunicorn", "-c", "gunicorn.conf.py"]
        self.web = self._process("web", [*gunicorn, "-b", f"127.0.0.1:{self.port}", "wsgi:app"])
        self._worker_command = [*flask, "worker"]
        self.worker = self._process("worker", self._worker_command)
        self.sandbox = self._process("sandbox", [*flask, "sandbox", "--port", str(self.sandbox_port)])

    def _process(self, name: str, command: list[str]) -> Process:
        return PreloadedProcess(command, self.env, Path(self.env["WABA_INSTANCE_PATH"]) / f"{name}.log")

    def another_worker(self) -> Process:
        """A second one over the same database and folder; to be ended by who started it."""
        return self._process("worker-2", self._worker_command)

    def start(self) -> None:
        for process in (self.sandbox, self.web, self.worker):
            process.start()
        self.wait()

    def wait(self) -> None:
        """Until both servers answer."""
        wait_until(lambda: requests.get(f"{self.url}/healthz", timeout=2).ok, what="the web server answers")
        wait_until(
            lambda: requests.get(f"{self.sandbox_url}/_sandbox/health", timeout=2).ok,
            what="the sandbox answers",
        )

    def stop(self) -> None:
        for process in (self.worker, self.web, self.sandbox):
            with contextlib.suppress(Exception):
                process.kill()

    def flask(self, *arguments: str, stdin: str = "") -> str:
        """A command of the console; its output."""
        command = ["flask", "--app", "wsgi", *arguments]
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
            given.write(stdin.encode())
            given.seek(0)
            child = NURSERY.start(command, self.env, stdin=given.fileno(), output=output.fileno())
            code = child.wait(timeout=60)
            output.seek(0)
            said = output.read().decode()
        assert code == 0, said
        return said


class Script:
    """A script against the JSON API, with a key from the command line."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._base = f"{stack.url}/api/whatsapp/api"
        self.key = stack.flask("api-keys", "create", "--name", "script", "--role", "owner").split()[-1]

    def at(self, other: Stack) -> Script:
        """The same key at another host of the same console."""
        script = copy(self)
        script._base = f"{other.url}/api/whatsapp/api"
        return script

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return requests.request(method, f"{self._base}/{path}", headers=headers, timeout=60, **options)

    def connect_sandbox_account(self) -> dict[str, Any]:
        """Set up a fresh sandbox account in one call; under `sandbox` what it was made of."""
        fresh = requests.post(f"{self._stack.sandbox_url}/_sandbox/accounts", json={}, timeout=30).json()
        body = {**fresh, "webhook_verify_token": "a-verify-token-for-this-test", "business_name": "Test"}
        answer = self.call("POST", "accounts/setup/", json=body)
        assert answer.status_code == 201, answer.text
        return {**answer.json(), "sandbox": fresh}

    def send(self, account_id: int, to: str, key: str) -> int:
        """Queue the ready-made message template; repeated with the same key until it is taken."""
        body = {
            "to_phone_number": to,
            "message_type": "template",
            "template_name": "hello_world",
            "template_language": "en_US",
        }

        def attempt() -> Any:
            answer = self.call(
                "POST", f"accounts/{account_id}/send_message/", json=body, headers={"Idempotency-Key": key}
            )
            return answer.json()["id"] if answer.status_code == 202 else None

        message_id: int = wait_until(attempt, what=f"message {key} is taken")
        return message_id

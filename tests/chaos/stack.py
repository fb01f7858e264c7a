"""A console with two workers and the servers below it, each of which may be taken away and given back."""

from __future__ import annotations

import contextlib
import resource
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from config import Settings
from tests.support.databases import PostgresqlServer
from tests.support.processes import Process, Stack
from tests.support.redis import RedisServer

WORKERS = 2
_FULL_AT_BYTES = 4096


class Supervisor:
    """Starts again what has died by itself (at a failpoint, say), as systemd would; and counts it."""

    def __init__(self, processes: list[Process]) -> None:
        self._processes = processes
        self._stopping = threading.Event()
        self.held: set[int] = set()
        """Processes (by id) that somebody else is taking care of just now."""
        self.restarts = 0
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def hands_off(self, process: Process) -> Any:
        self.held.add(id(process))
        try:
            yield
        finally:
            self.held.discard(id(process))

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(0.2):
            for process in self._processes:
                if process.has_ended and id(process) not in self.held:
                    self.restarts += 1
                    process.start()


class ChaosStack(Stack):
    """Web, two workers and the sandbox. `database` and `redis` are ours to stop, when they are given."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        database: PostgresqlServer | None = None,
        redis: RedisServer | None = None,
        **extra: str,
    ) -> None:
        if redis is not None:
            settings = replace(settings, redis_url=redis.url)
        super().__init__(settings, folder, **extra)
        self.settings = settings
        self.database = database
        self.redis = redis
        # Its name is in the error that gunicorn writes, so each has a log of its own.
        self.workers = [self.worker]
        self.workers += [self._process(f"worker-{n}", self._worker_command) for n in range(2, WORKERS + 1)]

    @property
    def processes(self) -> list[Process]:
        return [self.web, *self.workers]

    def start(self) -> None:
        for process in (self.sandbox, *self.processes):
            process.start()
        self.wait_until_up()

    def wait_until_up(self) -> None:
        self.wait()

    def stop(self) -> None:
        for process in (*self.processes, self.sandbox):
            with contextlib.suppress(Exception):
                process.kill()

    def control(self, method: str, path: str, json: Any = None) -> Any:
        answer = requests.request(method, f"{self.sandbox_url}/_sandbox/{path}", json=json, timeout=60)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else None

    def hold_lock(self, seconds: float) -> None:
        """Somebody holds SQLite's write lock."""
        url = make_url(self.settings.database_url)
        engine = create_engine(url, connect_args={"timeout": 30}, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            connection.exec_driver_sql("ROLLBACK")
        engine.dispose()

    def fill_disk(self) -> None:
        """No file may grow any more, as on a full disk. (The kernel says EFBIG instead of ENOSPC.)"""
        self._limit_files(_FULL_AT_BYTES)

    def free_disk(self) -> None:
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, limit: int) -> None:
        for process in self.processes:
            for pid in process.pids:
                with contextlib.suppress(OSError):
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def memory_mib(self) -> dict[str, int]:
        """Resident memory: of the largest web process, and of the largest worker."""
        return {
            "web": max(map(_resident_mib, self.web.pids)),
            "worker": max(_resident_mib(worker.pids[0]) for worker in self.workers),
        }


def _resident_mib(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
    return 0

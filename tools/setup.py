"""Getting the machine ready: packages and front-end files, for running or for developing."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import assets, clients, venv
from tools.say import line
from tools.venv import Venv


def prepare(root: Path, *, for_development: bool = False) -> None:
    """Install what is missing; does nothing, in no time, when all is there."""
    with _alone(root):
        if for_development:
            Venv(root).install(venv.DEVELOPMENT, "the product's and the tests' packages")
        else:
            Venv(root).install(venv.RUNTIME, "the product's packages")
        assets.install(root)
        if for_development:
            clients.install(root)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Two set-ups of one folder at a time would spoil each other's work: the second waits."""
    with (root / ".setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            line("Waiting for another set-up of this folder to finish ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield

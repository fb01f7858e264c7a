"""The virtual environment `.venv` and what is installed in it, by hash, from the lock files."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools import stamps
from tools.say import Stop, last_line, step

RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
NODE = "requirements/node.txt"
LOCKING = "requirements/lock.txt"

_NOT_INSTALLED = "packages could not be installed; check the network and pip's settings, then try again"
_DEBIAN_PACKAGES = {"venv": "python3-venv", "ensurepip": "python3-venv"}


@dataclass(frozen=True)
class Venv:
    """The `.venv` folder below `root`."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def environ(self) -> dict[str, str]:
        """This process's environment with the virtual environment switched on."""
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
        path = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", os.defpath)])
        return {**inherited, "VIRTUAL_ENV": str(self.folder), "PATH": path, "PYTHONUNBUFFERED": "1"}

    def install(self, lock: str, what: str) -> None:
        """Install a lock file (one of the names above), unless it is installed already."""
        wanted = stamps.sha256(self.root / lock)
        stamp = self._stamp(lock)
        if stamps.is_current(stamp, wanted) and self.python.exists():
            return
        self._create_if_needed()
        with step(f"Installing {what}"):
            self._pip_install(self.root / lock)
        stamps.leave(stamp, wanted)
        if lock == DEVELOPMENT:  # it holds all of the product's packages too
            stamps.leave(self._stamp(RUNTIME), stamps.sha256(self.root / RUNTIME))

    def _stamp(self, lock: str) -> Path:
        return self.folder / f".installed-{Path(lock).stem}"

    def _create_if_needed(self) -> None:
        if self._is_usable():
            return
        _check_this_python()
        with step("Creating .venv"):
            shutil.rmtree(self.folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(self.folder)], ".venv could not be made")

    def _is_usable(self) -> bool:
        """False when missing, half made, older than 3.11, or when its Python has gone from the machine."""
        check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        try:
            return subprocess.run([self.python, "-c", check], capture_output=True).returncode == 0
        except OSError:
            return False

    def _pip_install(self, lock: Path) -> None:
        # --no-compile: Python compiles what it imports at first use; compiling all took a third of the time.
        # --no-deps: the lock is complete. pip before 23.3 resolves it again and refuses the newest release of
        # what is asked for with extras: every fresh clone would fail on the day that one is released anew.
        options = ["--require-hashes", "--no-deps", "--no-compile", "--no-input"]
        options += ["--disable-pip-version-check", "--quiet"]
        command = [str(self.python), "-m", "pip", "install", *options, "-r", str(lock)]
        # Someone's `user = true` in their pip configuration cannot work inside a virtual environment.
        _run(command, _NOT_INSTALLED, {**self.environ(), "PIP_USER": "0"})


def _check_this_python() -> None:
    """Some systems ship Python in parts; say which one is missing."""
    for module in ("venv", "ensurepip", "ssl", "sqlite3"):
        try:
            importlib.import_module(module)
        except ImportError:
            package = _DEBIAN_PACKAGES.get(module, "python3-full")
            raise Stop(
                f"this Python lacks its module {module}. Install it (Debian, Ubuntu: apt install {package}), "
                "or name another Python: make run PYTHON=/path/to/python3"
            ) from None


def _run(command: list[str], failure: str, environ: dict[str, str] | None = None) -> None:
    result = subprocess.run(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if result.returncode != 0:
        raise Stop(f"{failure}. {last_line(result.stdout)}")

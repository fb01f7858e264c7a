"""`make lock`: resolve `requirements/*.in` and both `package.json` anew, with a checksum for every file."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools import assets, clients, venv
from tools.node import find_npm
from tools.say import Stop, last_line, step
from tools.venv import Venv

_LOCKS = {
    "requirements/runtime.in": venv.RUNTIME,
    "requirements/dev.in": venv.DEVELOPMENT,
    "requirements/node.in": venv.NODE,
    "requirements/lock.in": venv.LOCKING,
}
_NPM_FOLDERS = (Path(), clients.FOLDER)
_OPTIONS = ("--universal", "--python-version=3.11", "--generate-hashes", "--custom-compile-command=make lock")


def lock(root: Path, *, upgrade: bool) -> None:
    """Write all lock files. Versions already locked stay unless `upgrade`."""
    environment = Venv(root)
    environment.install(venv.LOCKING, "uv, which resolves versions")
    for source, target in _LOCKS.items():
        with step(f"Locking {target}"):
            _compile(environment, source, target, upgrade=upgrade)
    for folder in _NPM_FOLDERS:
        with step(f"Locking {folder / assets.PACKAGES}"):
            find_npm(environment).run(
                "install", "--package-lock-only", "--ignore-scripts", root=root / folder
            )
    assets.fetch(root)
    assets.relock(root)
    _refuse_addresses(root)


def _compile(environment: Venv, source: str, target: str, *, upgrade: bool) -> None:
    uv = str(environment.folder / "bin" / "uv")
    command = [uv, "pip", "compile", "--quiet", *_OPTIONS, source, "--output-file", target]
    result = subprocess.run(
        [*command, "--upgrade"] if upgrade else command,
        cwd=environment.root,
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        raise Stop(f"{source} could not be resolved. {last_line(result.stderr)}")


def _refuse_addresses(root: Path) -> None:
    """A lock file that names a registry works only where that registry is reached."""
    for target in _LOCKS.values():
        if "://" in (root / target).read_text(encoding="utf-8"):
            raise Stop(f"{target} names an address; remove the index options from your uv configuration.")
    for folder in _NPM_FOLDERS:
        lock_file = folder / assets.PACKAGES
        if '"resolved"' in (root / lock_file).read_text(encoding="utf-8"):
            raise Stop(f"{lock_file} names addresses; .npmrc should prevent that (npm 8.18 or newer).")

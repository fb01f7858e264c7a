"""Public WhatsApp clients for Node that the tests run against the sandbox; for developing only."""

from __future__ import annotations

from pathlib import Path

from tools import stamps
from tools.node import find_npm
from tools.say import step
from tools.venv import Venv

FOLDER = Path("tests/sandbox/clients/node")
OLDEST_NODE = 20  # the clients' own floor; the front-end files do with less

_PACKAGES = "package-lock.json"
_STAMP = "node_modules/.installed-packages"


def install(root: Path) -> None:
    """Fill the clients' own `node_modules` as their lock file says, unless that is done already."""
    folder = root / FOLDER
    wanted = stamps.sha256(folder / _PACKAGES)
    if stamps.is_current(folder / _STAMP, wanted):
        return
    npm = find_npm(Venv(root), oldest=OLDEST_NODE)
    with step("Fetching the public clients for the tests"):
        npm.run(
            "ci", "--ignore-scripts", "--no-audit", "--no-fund", root=folder, what="the tests' public clients"
        )
    stamps.leave(folder / _STAMP, wanted)

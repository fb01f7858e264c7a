"""Front-end files: fetched by npm in exact versions, checked, copied to `app/static/vendor/`.

`assets.json` names each file, where it goes and its SHA-256; `icons.txt` names the icons, one a line.
`manifest.json` beside the copies maps each plain name to the name with its fingerprint.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from tools import stamps
from tools.node import find_npm
from tools.say import Stop, step
from tools.venv import Venv

LIST = "assets.json"
ICONS = "icons.txt"
PACKAGES = "package-lock.json"
TARGET = Path("app/static/vendor")

_ICON_SOURCE = Path("@tabler/icons/icons/outline")
_STAMP = ".installed"
_NPM_STAMP = ".installed-packages"


@dataclass(frozen=True)
class Asset:
    """One file: `source` below node_modules, `target` below the vendor folder.

    is_fingerprinted: its copy carries its hash in the name; False where a stylesheet names it.
    """

    source: str
    target: str
    sha256: str
    is_fingerprinted: bool

    def named(self) -> str:
        """The name of the copy: `htmx.min.js` becomes `htmx.min.1a2b3c4d5e.js`."""
        path = Path(self.target)
        if not self.is_fingerprinted:
            return self.target
        return str(path.with_name(f"{path.stem}.{self.sha256[:10]}{path.suffix}"))


def install(root: Path) -> None:
    """Fetch, check and copy everything, unless the copies are there and nothing has changed."""
    wanted = stamps.fingerprint(root / LIST, root / ICONS, root / PACKAGES)
    if stamps.is_current(root / TARGET / _STAMP, wanted):
        return
    fetch(root)
    with step("Copying front-end files"):
        copy(root, root / "node_modules")
    stamps.leave(root / TARGET / _STAMP, wanted)


def fetch(root: Path) -> None:
    """Fill `node_modules` as the lock file says; npm checks each package against its checksum."""
    stamp = root / "node_modules" / _NPM_STAMP
    wanted = stamps.sha256(root / PACKAGES)
    if stamps.is_current(stamp, wanted):
        return
    npm = find_npm(Venv(root))
    with step("Fetching front-end files"):
        npm.run("ci", "--ignore-scripts", "--no-audit", "--no-fund", root=root)
    stamps.leave(stamp, wanted)


def copy(root: Path, modules: Path) -> None:
    """Build the vendor folder beside the old one, then swap them. Raises Stop on a wrong checksum."""
    fresh = root / TARGET.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    assets = read_list(root)
    for asset in assets:
        _copy_checked(modules / asset.source, fresh / asset.named(), asset.sha256)
    for name in _icon_names(root):
        _copy_icon(modules / _ICON_SOURCE / f"{name}.svg", fresh / "icons")
    manifest = {asset.target: asset.named() for asset in assets if asset.is_fingerprinted}
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(root / TARGET, ignore_errors=True)
    fresh.rename(root / TARGET)


def read_list(root: Path) -> list[Asset]:
    """What `assets.json` says."""
    entries = json.loads((root / LIST).read_text(encoding="utf-8"))
    return [
        Asset(entry["source"], entry["target"], entry["sha256"], entry.get("fingerprint", True))
        for entry in entries
    ]


def relock(root: Path) -> None:
    """Write the checksums of the files now in `node_modules` into `assets.json`; part of `make lock`."""
    entries = json.loads((root / LIST).read_text(encoding="utf-8"))
    for entry in entries:
        entry["sha256"] = stamps.sha256(root / "node_modules" / entry["source"])
    (root / LIST).write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def _copy_checked(source: Path, target: Path, sha256: str) -> None:
    if not source.is_file():
        raise Stop(f"{LIST} names {source.name}, which its package does not contain.")
    if stamps.sha256(source) != sha256:
        raise Stop(
            f"{source.name} is not the file that {LIST} expects (its SHA-256 differs), so it was not used. "
            "If you changed a version on purpose, run: make lock"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _icon_names(root: Path) -> list[str]:
    lines = (root / ICONS).read_text(encoding="utf-8").split()
    return sorted(set(lines))


def _copy_icon(source: Path, folder: Path) -> None:
    if not source.is_file():
        raise Stop(f"{ICONS} names {source.stem}, which is not an outline icon of Tabler's.")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / source.name)

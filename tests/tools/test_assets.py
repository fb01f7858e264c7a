"""Front-end files: only the ones listed, only with the checksum listed."""

import hashlib
import json
from pathlib import Path

import pytest

from tools import assets
from tools.say import Stop

SCRIPT = b"alert"
ICON = b"<svg></svg>"


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one script, one font, one icon, all fetched."""
    listed = [
        {"source": "lib/a.min.js", "target": "a.min.js", "sha256": hashlib.sha256(SCRIPT).hexdigest()},
        {
            "source": "font/f.woff2",
            "target": "fonts/f.woff2",
            "sha256": hashlib.sha256(b"font").hexdigest(),
            "fingerprint": False,
        },
    ]
    write(tmp_path / "assets.json", json.dumps(listed).encode())
    write(tmp_path / "icons.txt", b"check\n")
    write(tmp_path / "node_modules/lib/a.min.js", SCRIPT)
    write(tmp_path / "node_modules/font/f.woff2", b"font")
    write(tmp_path / "node_modules/@tabler/icons/icons/outline/check.svg", ICON)
    (tmp_path / "app/static").mkdir(parents=True)
    return tmp_path


def vendor_files(root: Path) -> set[str]:
    folder = root / assets.TARGET
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_listed_files_are_copied_under_their_fingerprint(root: Path) -> None:
    assets.copy(root, root / "node_modules")
    name = f"a.min.{hashlib.sha256(SCRIPT).hexdigest()[:10]}.js"
    assert vendor_files(root) == {name, "fonts/f.woff2", "icons/check.svg", "manifest.json"}
    assert json.loads((root / assets.TARGET / "manifest.json").read_text()) == {"a.min.js": name}


def test_a_wrong_checksum_is_refused_and_the_old_copies_stay(root: Path) -> None:
    assets.copy(root, root / "node_modules")
    before = vendor_files(root)
    write(root / "node_modules/lib/a.min.js", b"alert(1)")
    with pytest.raises(Stop, match=r"a\.min\.js is not the file that assets\.json expects"):
        assets.copy(root, root / "node_modules")
    assert vendor_files(root) == before


def test_what_is_no_longer_listed_goes(root: Path) -> None:
    write(root / assets.TARGET / "old.js", b"")
    assets.copy(root, root / "node_modules")
    assert "old.js" not in vendor_files(root)


@pytest.mark.parametrize("name", ["no-such-icon", "../../../../../etc/hostname"])
def test_an_unknown_icon_is_named(root: Path, name: str) -> None:
    write(root / "icons.txt", f"check\n{name}\n".encode())
    with pytest.raises(Stop, match="is not an outline icon"):
        assets.copy(root, root / "node_modules")


def test_a_new_version_gets_its_checksum_by_locking(root: Path) -> None:
    write(root / "node_modules/lib/a.min.js", b"new")
    assets.relock(root)
    assets.copy(root, root / "node_modules")
    assert assets.read_list(root)[0].sha256 == hashlib.sha256(b"new").hexdigest()

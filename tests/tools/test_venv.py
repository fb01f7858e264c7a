"""Packages are installed once for a lock file, and again when it changes."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from tools.say import Stop
from tools.venv import RUNTIME, Venv


def make_wheel(folder: Path, name: str, version: str, requires: str = "") -> str:
    """A package that holds nothing but its name; answers the line that a lock file has for it."""
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: more\n"
    about += f"Requires-Dist: {requires}\n" if requires else ""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{info}/METADATA", about)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def installing(capsys: pytest.CaptureFixture[str], environment: Venv) -> bool:
    """Install; True when anything was done."""
    capsys.readouterr()
    environment.install(RUNTIME, "packages")
    return "Installing packages" in capsys.readouterr().out


def test_a_lock_file_is_installed_once_and_again_after_a_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / RUNTIME
    lock.write_text("# nothing\n")
    environment = Venv(tmp_path)
    assert installing(capsys, environment)
    assert not installing(capsys, environment)
    lock.write_text("# changed\n")
    assert installing(capsys, environment)


def test_a_failed_installation_leaves_no_stamp(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / RUNTIME).write_text("flask==3.1.3\n")
    for _ in range(2):
        with pytest.raises(Stop, match=r"packages could not be installed.*hash"):
            installing(capsys, Venv(tmp_path))


def test_a_half_made_environment_is_made_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / ".venv" / "bin"
    broken.mkdir(parents=True)
    (broken / "python").symlink_to("/nowhere/python3")
    (tmp_path / RUNTIME).write_text("# nothing\n")
    Venv(tmp_path).install(RUNTIME, "packages")
    assert "Creating .venv" in capsys.readouterr().out
    assert (broken / "python").exists()


def test_a_newer_release_of_a_package_asked_for_with_extras_does_not_stop_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = make_wheel(tmp_path, "lantern", "1.0", "wick[more]>=1.0") + make_wheel(tmp_path, "wick", "1.0")
    make_wheel(tmp_path, "wick", "1.1")  # came out after the lock file was written
    (tmp_path / RUNTIME).write_text(lock)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    environment = Venv(tmp_path)
    environment.install(RUNTIME, "packages")
    show = [environment.python, "-m", "pip", "show", "wick"]
    assert "Version: 1.0\n" in subprocess.run(show, capture_output=True, text=True, check=True).stdout

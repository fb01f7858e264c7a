"""Packages are installed once for a lock file, and again when it changes."""

from pathlib import Path

import pytest

from tools.say import Stop
from tools.venv import RUNTIME, Venv


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

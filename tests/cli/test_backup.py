"""`backup` and `restore`, as an operator types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.models import MessageStatus
from tests.cli.conftest import Run
from tests.support.factories import Factory


def test_it_says_what_is_in_the_file_and_what_is_not(run: Run, make: Factory, tmp_path: Path) -> None:
    make.message(make.conversation(), status=MessageStatus.QUEUED)
    result = run("backup", tmp_path / "one.zip")
    assert result.exit_code == 0, result.output
    assert "rows and 0 media files" in result.output
    assert "WHATSAPP_ENCRYPTION_KEY, which is not in it" in result.output


def test_a_file_that_is_there_is_not_overwritten(run: Run, make: Factory, tmp_path: Path) -> None:
    (tmp_path / "one.zip").write_text("precious")
    result = run("backup", tmp_path / "one.zip")
    assert result.exit_code == 1
    assert (tmp_path / "one.zip").read_text() == "precious"


@pytest.mark.parametrize("place", ["no/folder/one.zip", "/proc/one.zip"])
def test_a_place_that_takes_no_file_is_one_line(run: Run, make: Factory, tmp_path: Path, place: str) -> None:
    result = run("backup", tmp_path / place)
    assert result.exit_code == 1
    assert result.output.strip().splitlines()[-1].startswith("Error: ")


def test_a_console_in_use_is_not_filled(run: Run, make: Factory, tmp_path: Path) -> None:
    make.account()
    run("backup", tmp_path / "one.zip")
    result = run("restore", tmp_path / "one.zip")
    assert result.exit_code == 1
    assert "This database is not empty" in result.output


def test_a_file_that_is_no_backup_is_one_line(run: Run, make: Factory, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ada")
    result = run("restore", tmp_path / "letter.txt")
    assert result.exit_code == 1
    assert "no whole backup" in result.output

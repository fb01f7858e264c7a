"""A start skips preparing only while nothing it depends on has changed."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tools.envfile import Environment
from tools.prepared import Preparation
from tools.run_settings import RunSettings

NOTHING_SET = Environment({}, {})


@pytest.fixture
def done(tmp_path: Path) -> Preparation:
    """A prepared trial with one migration and one database."""
    (tmp_path / "migrations/versions").mkdir(parents=True)
    (tmp_path / "migrations/versions/0001.py").write_text("first")
    make_table(tmp_path / "instance", "first")
    preparation = Preparation.of(tmp_path, tmp_path / "instance", RunSettings.of(NOTHING_SET), NOTHING_SET)
    preparation.note_done()
    return preparation


def make_table(instance: Path, name: str) -> None:
    instance.mkdir(exist_ok=True)
    connection = sqlite3.connect(instance / "waba-console.sqlite")
    connection.execute(f"CREATE TABLE {name} (id INTEGER)")
    connection.close()


def add_a_migration(root: Path) -> None:
    (root / "migrations/versions/0002.py").write_text("second")


def delete_the_database(root: Path) -> None:
    (root / "instance/waba-console.sqlite").unlink()


def put_a_copy_in_its_place(root: Path) -> None:
    file = root / "instance/waba-console.sqlite"
    shutil.copy(file, root / "instance/backup")
    (root / "instance/backup").replace(file)


def change_the_schema(root: Path) -> None:
    make_table(root / "instance", "second")


def test_a_prepared_trial_is_not_prepared_again(done: Preparation) -> None:
    assert done.is_done()


@pytest.mark.parametrize(
    "change", [add_a_migration, delete_the_database, put_a_copy_in_its_place, change_the_schema]
)
def test_a_changed_trial_is_prepared_again(done: Preparation, change: Callable[[Path], None]) -> None:
    change(done.root)
    assert not done.is_done()


def test_rows_written_meanwhile_change_nothing(done: Preparation) -> None:
    connection = sqlite3.connect(done.instance / "waba-console.sqlite")
    with connection:
        connection.execute("INSERT INTO first VALUES (1)")
    connection.close()
    assert done.is_done()


def test_a_demo_asked_for_later_is_prepared(done: Preparation) -> None:
    without = replace(done.settings, wants_demo=False)
    assert not replace(done, settings=without).is_done()


def test_a_database_elsewhere_is_prepared_at_every_start(done: Preparation) -> None:
    assert not replace(done, is_elsewhere=True).is_done()

"""Generated keys: readable by their owner only, and never overwritten."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.envfile import Environment, read_env_file
from tools.own_secrets import FirstSignIn, ensure_secrets, instance_folder

NOTHING_SET = Environment({}, {})


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """The most careless setting a machine can have."""
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_folder_and_its_files_are_closed_to_others(tmp_path: Path) -> None:
    folder = instance_folder(tmp_path, NOTHING_SET)
    ensure_secrets(folder, NOTHING_SET)
    FirstSignIn.make().keep(folder)
    assert rights(folder) == 0o700
    assert rights(folder / "secrets.env") == 0o600
    assert rights(FirstSignIn.file(folder)) == 0o600


def test_a_folder_and_file_left_open_are_closed(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir(mode=0o755)
    (tmp_path / "instance" / "secrets.env").touch(mode=0o644)
    folder = instance_folder(tmp_path, NOTHING_SET)
    ensure_secrets(folder, NOTHING_SET)
    assert (rights(folder), rights(folder / "secrets.env")) == (0o700, 0o600)


def test_the_keys_have_the_strength_the_app_asks_for(tmp_path: Path) -> None:
    assert ensure_secrets(tmp_path, NOTHING_SET) == ["SECRET_KEY", "WHATSAPP_ENCRYPTION_KEY"]
    made = read_env_file(tmp_path / "secrets.env")
    assert len(made["SECRET_KEY"]) >= 64
    assert len(base64.urlsafe_b64decode(made["WHATSAPP_ENCRYPTION_KEY"])) == 32


def test_a_second_start_keeps_the_file_byte_by_byte(tmp_path: Path) -> None:
    ensure_secrets(tmp_path, NOTHING_SET)
    before = (tmp_path / "secrets.env").read_bytes()
    assert ensure_secrets(tmp_path, NOTHING_SET) == []
    assert (tmp_path / "secrets.env").read_bytes() == before


def test_only_the_missing_key_is_added(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("# mine\nSECRET_KEY=kept\n")
    assert ensure_secrets(tmp_path, NOTHING_SET) == ["WHATSAPP_ENCRYPTION_KEY"]
    assert (
        (tmp_path / "secrets.env").read_text().startswith("# mine\nSECRET_KEY=kept\nWHATSAPP_ENCRYPTION_KEY=")
    )


def test_keys_from_the_environment_and_env_file_leave_nothing_to_make(tmp_path: Path) -> None:
    environment = Environment({"SECRET_KEY": "theirs"}, {"WHATSAPP_ENCRYPTION_KEY": "theirs"})
    assert ensure_secrets(tmp_path, environment) == []
    assert not (tmp_path / "secrets.env").exists()


def test_the_first_sign_in_is_read_back_until_its_file_is_gone(tmp_path: Path) -> None:
    made = FirstSignIn.make()
    made.keep(tmp_path)
    assert FirstSignIn.read(tmp_path) == made
    FirstSignIn.file(tmp_path).unlink()
    assert FirstSignIn.read(tmp_path) is None


def test_the_first_password_is_long_random_and_not_in_the_repr() -> None:
    first, second = FirstSignIn.make(), FirstSignIn.make()
    assert first.password != second.password
    assert len(first.password) >= 24
    assert first.password not in repr(first)

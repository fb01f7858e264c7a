"""Reading `.env` as people write it."""

from pathlib import Path

import pytest

from tools.envfile import Environment, read_env_file


@pytest.mark.parametrize(
    "line,value",
    [
        ("NAME=value", "value"),
        ("  NAME = value  ", "value"),
        ("export NAME=value", "value"),
        ('NAME="a # b"', "a # b"),
        ("NAME='it''", "it"),
        ("NAME=value # why", "value"),
        ("NAME=postgresql://a:b#c@host/db", "postgresql://a:b#c@host/db"),
        ("NAME=", ""),
    ],
)
def test_a_line_is_read_as_a_shell_would(tmp_path: Path, line: str, value: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# a comment with NAME=no\n\n{line}\nnot a setting\n")
    assert read_env_file(file) == {"NAME": value}


def test_a_missing_file_sets_nothing(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}


def test_the_environment_wins_over_the_file_and_blank_counts_as_unset() -> None:
    environment = Environment({"A": "process", "B": " "}, {"A": "file", "B": "file", "C": ""})
    assert environment.get("A") == "process"
    assert environment.get("B") == "file"
    assert environment.get("C", "default") == "default"
    assert not environment.has("C")

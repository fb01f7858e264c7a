"""`message-templates lint`, as an integrator types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

BODY: dict[str, Any] = {
    "name": "parcel_news",
    "language": "en_US",
    "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Your order is packed and leaves our house today."}],
}
LONG = {**BODY, "components": [{"type": "BODY", "text": "x" * 1100}]}


def write(path: Path, found: Any) -> str:
    path.write_text(found if isinstance(found, str) else json.dumps(found), encoding="utf-8")
    return str(path)


def test_right_files_end_with_nothing_to_correct(run: Run, tmp_path: Path) -> None:
    one = write(tmp_path / "one.json", BODY)
    two = write(tmp_path / "two.json", [BODY, BODY])
    result = run("message-templates", "lint", one, two)
    assert result.exit_code == 0
    assert result.output.count("nothing to correct") == 2


def test_each_problem_is_a_line_with_its_place_and_errors_are_the_exit_code(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "export.json", {"version": 1, "message_templates": [BODY, LONG]})
    result = run("message-templates", "lint", path)
    assert result.exit_code == 1
    assert f"{path}: message_templates[1].components[0].text: error: " in result.output
    assert "[too_long]" in result.output


def test_advice_alone_is_no_error(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "one.json", {**BODY, "colour": "red"})
    result = run("message-templates", "lint", path)
    assert result.exit_code == 0
    assert f"{path}: colour: warning: " in result.output


@pytest.mark.parametrize("text", ["", "{", "7", "[]", "[" * 100 + "]" * 100])
def test_what_is_no_such_file_is_an_error(run: Run, tmp_path: Path, text: str) -> None:
    result = run("message-templates", "lint", write(tmp_path / "x.json", text))
    assert result.exit_code == 1
    assert "x.json: error: " in result.output
    assert "Traceback" not in result.output

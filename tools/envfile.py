"""Files of `NAME=value` lines: `.env`, which people write, and `instance/secrets.env`, which we do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


def read_env_file(file: Path) -> dict[str, str]:
    """The settings in a file; empty when there is none. Comments, `export` and quotes are understood."""
    if not file.is_file():
        return {}
    pairs = (_parse(line) for line in file.read_text(encoding="utf-8").splitlines())
    return dict(pair for pair in pairs if pair is not None)


def _parse(line: str) -> tuple[str, str] | None:
    text = line.strip().removeprefix("export ")
    name, equals, value = text.partition("=")
    if not equals or text.startswith("#"):
        return None
    return name.strip(), _unquoted(value.strip())


def _unquoted(value: str) -> str:
    if value[:1] in {'"', "'"}:
        return value[1:].partition(value[0])[0]
    return value.partition(" #")[0].rstrip()


@dataclass(frozen=True)
class Environment:
    """What a person has set: the process environment first, then `.env`. A blank value counts as unset."""

    process: Mapping[str, str]
    file: Mapping[str, str]

    @classmethod
    def of(cls, root: Path) -> Environment:
        return cls(dict(os.environ), read_env_file(root / ".env"))

    def get(self, name: str, default: str = "") -> str:
        return self.process.get(name, "").strip() or self.file.get(name, "").strip() or default

    def has(self, name: str) -> bool:
        return bool(self.get(name))

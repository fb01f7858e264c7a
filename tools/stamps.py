"""What is already done: a step leaves the fingerprint of its inputs, and is skipped while it matches."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def fingerprint(*files: Path) -> str:
    """One SHA-256 over the contents of several files, in their order."""
    return hashlib.sha256("".join(sha256(file) for file in files).encode()).hexdigest()


def is_current(stamp: Path, value: str) -> bool:
    """True when the step that leaves this stamp ran to its end with these inputs."""
    return stamp.is_file() and stamp.read_text(encoding="ascii") == value


def leave(stamp: Path, value: str) -> None:
    """Write a stamp; call it only after the step has succeeded."""
    stamp.write_text(value, encoding="ascii")

"""One small picture, made by a process of its own, which may take only so much memory and time.

A small file can ask for any amount of both, and decoders have had their holes; what a picture does to that
process does nothing to the worker.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WITHIN_S = 30
"""By the clock, on a machine that has other things to do; its own limit counts its processor time."""
_CHILD = Path(__file__).with_name("child.py")
_TOO_MUCH = "It took more memory or time than a picture may take."


@dataclass(frozen=True)
class Small:
    """WebP in sRGB, upright, with nothing in it but the picture."""

    data: bytes
    width: int
    height: int


class NoThumbnail(Exception):
    """There will be none, however often it is tried; the text says why, for people."""


class CannotMake(Exception):
    """It does not work on this machine now, which says nothing about the picture."""


def make(content: bytes, side: int) -> Small:
    """At most `side` points long and wide; smaller pictures are not made larger. Raises NoThumbnail and
    CannotMake.
    """
    command = [sys.executable, "-I", str(_CHILD), str(side)]
    try:
        # Fixed words, no shell; the picture goes in as data.
        answer = subprocess.run(  # noqa: S603
            command, input=content, capture_output=True, timeout=WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoThumbnail(_TOO_MUCH) from None
    except OSError as error:
        raise CannotMake(f"This worker cannot start a process: {error.strerror}.") from None
    if answer.returncode < 0:
        # By a signal: its limit of time, or a hole in a decoder.
        raise NoThumbnail(_TOO_MUCH)
    line, _, data = answer.stdout.partition(b"\n")
    found = _read(line) if answer.returncode == 0 else None
    if found is None:
        # It answers about every picture, so this is the program itself: a package that is missing, say.
        raise CannotMake("This worker’s program for small pictures does not run.")
    if problem := found.get("problem"):
        raise NoThumbnail(str(problem))
    return Small(data, int(found["width"]), int(found["height"]))


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None

"""What the chaos tests do to a process: let it die, freeze or stumble at named points, or let its clock be
wrong (`WABA_CLOCK_OFFSET_S`). Nothing happens without these settings, and no user needs them.

`WABA_FAILPOINT=after-claim:3:kill` kills the process the third time it gets there; several are
separated by commas. The actions: `kill` (as -9), `stop` (frozen, until SIGCONT), `fail` (an error).
"""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta

CLOCK_OFFSET = timedelta(seconds=float(os.environ.get("WABA_CLOCK_OFFSET_S") or 0))
"""By how much this process's clock is wrong."""


class Stumbled(Exception):
    """What the action `fail` raises."""


class _Point:
    def __init__(self, left: int, action: str) -> None:
        self._left = left
        self._action = action
        self._lock = threading.Lock()

    def pass_by(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left != 0:
                return
        if self._action == "fail":
            raise Stumbled("a failpoint was set here")
        os.kill(os.getpid(), signal.SIGKILL if self._action == "kill" else signal.SIGSTOP)


def _read(text: str) -> dict[str, _Point]:
    points = {}
    for part in filter(None, text.split(",")):
        name, count, action = part.split(":")
        if action not in {"kill", "stop", "fail"}:
            raise ValueError(f"WABA_FAILPOINT knows no action {action!r}: kill, stop or fail.")
        points[name] = _Point(int(count), action)
    return points


_points = _read(os.environ.get("WABA_FAILPOINT", ""))


def reach(name: str) -> None:
    """This process is at the point `name` now. Costs one look at an empty dict when none is set."""
    if _points and name in _points:
        _points[name].pass_by()

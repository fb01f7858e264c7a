"""Which tries to send really left this machine: what a killed worker can still tell.

Before a message's bytes leave, its attempt's id is put into a small memory-mapped file. The write
goes straight into the kernel's page cache, so it outlives a killed process (not a power cut: the
boot id tells, and then the file is not believed). After a kill, a message marked `sending` whose
attempt is not in the file never left and is simply queued again; one that is may have arrived, and
is never resent by itself.

The owner holds a lock on the file while it lives: whoever can take the lock knows that it is dead.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SLOTS = 4096
_SLOT = struct.Struct("<Q")
_HEADER = 64
_SIZE = _HEADER + _SLOTS * _SLOT.size
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def _boot_id() -> bytes:
    """Names this boot of the machine; empty where the system does not tell, which matches nothing."""
    try:
        return _BOOT_ID.read_bytes().strip()[:36]
    except OSError:
        return b""


class Departures:
    """The file of one living worker."""

    def __init__(self, folder: Path, worker: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{worker}.departures"
        self._file = self._path.open("w+b")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._file.truncate(_SIZE)
        self._map = mmap.mmap(self._file.fileno(), _SIZE)
        self._map[0:36] = _boot_id().ljust(36, b"\0")
        self._lock = threading.Lock()
        self._free = list(range(_SLOTS))
        self._slots: dict[int, int] = {}

    def note(self, attempt_id: int) -> None:
        """This attempt is about to leave; a second word about it changes nothing.

        No system call, so no other thread gets in between. Its slot stays its own until `forget`: an
        answer may take half a minute, in which thousands of others come and go.
        """
        with self._lock:
            if attempt_id in self._slots:
                return
            slot = self._slots[attempt_id] = self._free.pop()
        self._write(slot, attempt_id)

    def forget(self, attempt_ids: Iterable[int]) -> None:
        """How these ended is recorded, so nobody has to be told that they left."""
        for attempt_id in attempt_ids:
            with self._lock:
                slot = self._slots.pop(attempt_id, None)
            if slot is not None:
                self._write(slot, 0)
                self._free.append(slot)

    def _write(self, slot: int, attempt_id: int) -> None:
        start = _HEADER + slot * _SLOT.size
        self._map[start : start + _SLOT.size] = _SLOT.pack(attempt_id)

    def close(self) -> None:
        """A clean end: nothing is in flight, so there is nothing to tell."""
        self._path.unlink(missing_ok=True)
        self._map.close()
        self._file.close()


@dataclass(frozen=True)
class DeadWorker:
    """A worker that ended without saying so, and the attempts that left before it did.

    `departed` None: its file cannot be believed, so each of its tries may have arrived.
    """

    worker: str
    departed: frozenset[int] | None
    path: Path


def dead_workers(folder: Path) -> Iterator[DeadWorker]:
    """Every file whose owner is gone. The caller deletes `path` once it has settled the worker's messages."""
    for path in sorted(folder.glob("*.departures")):
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield DeadWorker(path.stem, _read(file.read()), path)


def _read(data: bytes) -> frozenset[int] | None:
    boot_id = _boot_id()
    if len(data) != _SIZE or not boot_id or data[:36].rstrip(b"\0") != boot_id:
        return None
    ids = (value for (value,) in _SLOT.iter_unpack(data[_HEADER:]))
    return frozenset(value for value in ids if value)


def worker_name() -> str:
    """Unique over machines and restarts."""
    return f"{os.uname().nodename}-{os.getpid()}-{os.urandom(3).hex()}"

"""Whether a port can be listened on, and who has it if not."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from tools.say import Stop

_LISTENING = "0A"  # the state column of Linux's /proc/net/tcp


def check_free(host: str, port: int, variable: str) -> None:
    """Raise Stop, saying who has the port and how to take another. `variable`: the setting that moves it."""
    reason = _why_not(host, port)
    if reason is None:
        return
    if reason == errno.EADDRINUSE:
        other = _next_free(host, port + 50)
        raise Stop(f"Port {port} is in use{_by_whom(port)}. Stop it or run: make run {variable}={other}")
    if reason in {errno.EACCES, errno.EPERM}:
        raise Stop(f"Port {port} needs administrator rights. Run: make run {variable}={5000 + port % 1000}")
    raise Stop(f"HOST={host} is not an address of this machine. Leave it out, or use 127.0.0.1 or 0.0.0.0.")


def _why_not(host: str, port: int) -> int | None:
    """The error number that listening there meets, or None."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
    return None


def _next_free(host: str, start: int) -> int:
    candidates = [*range(start, min(start + 100, 65536)), *range(5050, 5150)]
    return next((port for port in candidates if _why_not(host, port) is None), 5050)


def _by_whom(port: int) -> str:
    """` (by NAME, process NUMBER)`, or nothing where the system does not tell."""
    process = _holder_from_proc(port) or _holder_from_lsof(port)
    if process is None:
        return ""
    name = _process_name(process)
    return f" (by {name}, process {process})" if name else f" (by process {process})"


def _holder_from_proc(port: int) -> int | None:
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not inodes:
        return None
    for folder in Path("/proc").glob("[0-9]*/fd"):
        if _open_files(folder) & inodes:
            return int(folder.parent.name)
    return None


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        rows = table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else []
        for columns in (row.split() for row in rows):
            if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                found.add(columns[9])
    return found


def _open_files(folder: Path) -> set[str]:
    """What a process has open; nothing when it is someone else's or has just ended."""
    found = set()
    with suppress(OSError):
        for entry in folder.iterdir():
            found.add(str(entry.readlink()))
    return found


def _holder_from_lsof(port: int) -> int | None:
    """macOS has no /proc."""
    lsof = shutil.which("lsof")
    if lsof is None:
        return None
    command = [lsof, "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
    first = subprocess.run(command, capture_output=True, text=True).stdout.split()[:1]
    return int(first[0]) if first and first[0].isdigit() else None


def _process_name(process: int) -> str:
    answer = subprocess.run(["ps", "-o", "comm=", "-p", str(process)], capture_output=True, text=True)
    return Path(answer.stdout.strip()).name

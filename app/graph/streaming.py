"""Bodies that are read while they are sent, so that 100 MB never stand in memory."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from io import BytesIO

from app.graph.calls import Readable, Wire
from app.graph.errors import GraphRejected

_CHUNK_BYTES = 64 * 1024
_QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})  # as browsers write a file's name
UPLOAD_PATIENCE = 4


class Streamed:
    """Some bytes, `size_bytes` of a file, some more bytes, with a length known before.

    Raises GraphRejected while it is read if the file ends too early.
    """

    def __init__(self, file: Readable, size_bytes: int, *, head: bytes = b"", tail: bytes = b"") -> None:
        self._file = file
        self._left = size_bytes
        self._head = BytesIO(head)
        self._tail = BytesIO(tail)
        self._length = len(head) + size_bytes + len(tail)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(_CHUNK_BYTES):
            yield piece

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        most = size if size > 0 else _CHUNK_BYTES
        return self._head.read(most) or self._of_file(most) or self._tail.read(most)

    def _of_file(self, most: int) -> bytes:
        if not self._left:
            return b""
        piece = self._file.read(min(most, self._left))
        if not piece:
            raise GraphRejected("This file cannot be uploaded", details="It ended before its given size.")
        self._left -= len(piece)
        return piece


def multipart(
    fields: Mapping[str, str], file: Readable, *, size_bytes: int, filename: str, mime_type: str
) -> Wire:
    """`multipart/form-data` with these fields and one part named `file`."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{filename.translate(_QUOTED)}"\r\nContent-Type: {mime_type}\r\n\r\n'
    )
    content = Streamed(
        file, size_bytes, head="".join(parts).encode(), tail=f"\r\n--{boundary}--\r\n".encode()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return Wire(content, headers, patience=UPLOAD_PATIENCE)

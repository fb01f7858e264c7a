"""Resumable uploads, which make the handles that message templates and profile pictures need.

A handle (`4::…`) is not a media id: neither works in the other's place.
Source: Meta docs, "Resumable upload" page, read 2026-09.
"""

from __future__ import annotations

import re
from typing import Protocol

from app.graph import reading
from app.graph.calls import Caller, Readable, Wire, created_id, node
from app.graph.errors import GraphRejected, GraphUnconfirmed
from app.graph.media_limits import bare_type, check_handle_file
from app.graph.problems import refuse
from app.graph.streaming import UPLOAD_PATIENCE, Streamed

_SESSION = re.compile(r"upload:[A-Za-z0-9_=:+/-]{1,1000}(?:\?[A-Za-z0-9_=&%:+/-]{0,1000})?", re.ASCII)


class Seekable(Readable, Protocol):
    """A file that can be read again from a place in it."""

    def seek(self, offset: int, /) -> object: ...


class Uploads:
    """`client.uploads`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def upload(
        self, app_id: str, file: Readable, *, size_bytes: int, mime_type: str, filename: str = "file"
    ) -> str:
        """Upload a whole file and answer its handle, which is to be used soon.

        Raises InvalidPayload if type or size is not in `media_limits.HANDLE_LIMITS`.
        """
        session = self.open(app_id, size_bytes=size_bytes, mime_type=mime_type, filename=filename)
        return self.send(session, file, size_bytes=size_bytes)

    def open(self, app_id: str, *, size_bytes: int, mime_type: str, filename: str = "file") -> str:
        """Begin an upload and answer its session id. The token's user needs a role on the app."""
        refuse(check_handle_file(mime_type, size_bytes))
        params: dict[str, str | int] = {
            "file_name": filename,
            "file_length": size_bytes,
            "file_type": bare_type(mime_type),
            "session_type": "attachment",
        }
        return created_id(self._call("POST", f"{node(app_id)}/uploads", params=params), "upload")

    def send(self, session_id: str, file: Readable, *, size_bytes: int, offset: int = 0) -> str:
        """Send what `file` has from here on, to the end of `size_bytes`; answers the handle.

        `offset`: the bytes of the whole file that Meta has already. The handle may have several
        lines; it is one text all the same (unverified).
        """
        wire = Wire(
            Streamed(file, size_bytes - offset) if offset < size_bytes else b"",
            {"file_offset": str(offset), "Content-Type": "application/octet-stream"},
            scheme="OAuth",
            patience=UPLOAD_PATIENCE,
        )
        answer = self._call("POST", _session(session_id), wire=wire)
        handle = reading.text(answer.data.get("h"))
        if handle is None:
            raise GraphUnconfirmed(
                "Meta's answer names no handle",
                details="The upload may be incomplete: resume it.",
                http_status=answer.info.http_status,
                info=answer.info,
            )
        return handle

    def offset(self, session_id: str) -> int:
        """How many bytes Meta has of an upload that broke off."""
        answer = self._call("GET", _session(session_id), wire=Wire(scheme="OAuth"))
        return reading.integer(answer.data.get("file_offset")) or 0

    def resume(self, session_id: str, file: Seekable, *, size_bytes: int) -> str:
        """Go on with an upload that broke off, from where Meta has it; answers the handle."""
        offset = min(self.offset(session_id), size_bytes)
        file.seek(offset)
        return self.send(session_id, file, size_bytes=size_bytes, offset=offset)


def _session(session_id: str) -> str:
    """The id as a path, unchanged: it may have a signature behind a question mark."""
    if not _SESSION.fullmatch(session_id):
        raise GraphRejected("This is not an upload of Meta's", details="Its id begins with upload:.")
    return session_id

"""Files of a number: up, look-up, down, away. Source: Meta docs, "Media" page, read 2026-09."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.graph import reading
from app.graph.calls import Caller, Params, Readable, created_id, node, succeeded
from app.graph.downloads import Download, Downloader, Writable
from app.graph.media_limits import MOST_INBOUND_BYTES, bare_type, check_media
from app.graph.problems import Problem, refuse
from app.graph.streaming import multipart

_STORAGE_MINUTES = (60, 43_200)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file at Meta. `url` lives five minutes, wants the token and stands in no repr.

    The file itself: 30 days after an upload, 7 days after a webhook.
    """

    media_id: str
    mime_type: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    url: str | None = field(default=None, repr=False)


class Media:
    """`client.media`"""

    def __init__(self, call: Caller, downloader: Downloader) -> None:
        self._call = call
        self._downloader = downloader

    def upload(
        self,
        phone_number_id: str,
        file: Readable,
        *,
        size_bytes: int,
        mime_type: str,
        filename: str = "file",
        ttl_minutes: int | None = None,
    ) -> str:
        """Upload `size_bytes` of `file` and answer its media id, good for sending for 30 days.

        `ttl_minutes` (60 to 43,200) only for numbers that store nothing. Raises InvalidPayload if
        type or size is not in `media_limits`. A GraphUnconfirmed here is harmless: upload again.
        """
        refuse(check_media(mime_type, size_bytes) + _check_ttl(ttl_minutes))
        kind = bare_type(mime_type)
        fields = {"messaging_product": "whatsapp", "type": kind}
        if ttl_minutes is not None:
            fields["ttl_minutes"] = str(ttl_minutes)
        wire = multipart(fields, file, size_bytes=size_bytes, filename=filename, mime_type=kind)
        answer = self._call("POST", f"{node(phone_number_id)}/media", wire=wire)
        return created_id(answer, "file")

    def get(self, media_id: str, phone_number_id: str | None = None) -> MediaFile:
        """Where a file is; GraphRejected or GraphBlocked if it has expired or is another number's."""
        found = self._call("GET", node(media_id), params=_of(phone_number_id)).data
        return MediaFile(
            media_id=reading.text(found.get("id")) or media_id,
            mime_type=reading.text(found.get("mime_type")),
            sha256=reading.text(found.get("sha256")),
            size_bytes=reading.integer(found.get("file_size")),
            url=reading.text(found.get("url")),
        )

    def download(
        self,
        url: str,
        into: Writable,
        *,
        most_bytes: int = MOST_INBOUND_BYTES,
        sha256: str | None = None,
    ) -> Download:
        """Write a file's bytes into `into`; see `Downloader.fetch` for what may go wrong."""
        return self._downloader.fetch(url, into, most_bytes=most_bytes, sha256=sha256)

    def delete(self, media_id: str, phone_number_id: str | None = None) -> bool:
        """Delete a file at Meta; messages sent with it keep it."""
        return succeeded(self._call("DELETE", node(media_id), params=_of(phone_number_id)))


def _of(phone_number_id: str | None) -> Params:
    return {} if phone_number_id is None else {"phone_number_id": node(phone_number_id)}


def _check_ttl(ttl_minutes: int | None) -> list[Problem]:
    least, most = _STORAGE_MINUTES
    if ttl_minutes is None or least <= ttl_minutes <= most:
        return []
    return [Problem("ttl_minutes", f"The file may be kept {least:,} to {most:,} minutes.", "out_of_range")]

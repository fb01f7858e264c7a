"""Fetching a file's bytes from where Meta says they are, without giving the token away."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64decode
from binascii import Error as BadBase64
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

import requests
from urllib3.exceptions import HTTPError

from app.graph import call_info, refusals
from app.graph.bodies import AnswerTooLong, read_body
from app.graph.call_info import CallInfo
from app.graph.errors import GraphError, GraphRejected, GraphUnexpected, GraphUnreachable

# Where media nodes and Flow assets point to. Source: Meta docs, "Media" page, read 2026-09 (lookaside);
# the others are what media addresses of Meta's have been seen on (unverified).
_META_DOMAINS = ("fbsbx.com", "fbcdn.net", "whatsapp.net", "facebook.com")
_GRAPH_HOST = "graph.facebook.com"
_CHUNK_BYTES = 64 * 1024
_PATIENCE = 10  # times the client's read time-out for the whole file
_SHA256_BYTES = 32


class FileTooLarge(GraphRejected):
    """More bytes than the caller wants."""


class Writable(Protocol):
    """A file, or anything else that takes bytes."""

    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Download:
    """What was fetched. `mime_type` is the server's word, None if it said none."""

    size_bytes: int
    sha256: str
    mime_type: str | None = None


class Downloader:
    """Fetches files with the client's token, only from Meta's hosts or the sandbox's own."""

    def __init__(
        self, session: requests.Session, *, base_url: str, token: str, timeouts: tuple[float, float]
    ) -> None:
        self._session = session
        self._base = urlsplit(base_url)
        self._token = token
        self._timeouts = timeouts

    def fetch(self, url: str, into: Writable, *, most_bytes: int, sha256: str | None = None) -> Download:
        """Write the file into `into`. After an error, what was written is to be thrown away.

        `sha256`: what it must be, as hex or base64. Raises GraphRejected for a foreign host and an
        address that has expired (look the file up again), FileTooLarge for one over `most_bytes`,
        GraphUnexpected for other bytes than promised; GraphUnreachable if it broke off.
        """
        if not self._is_trusted(url):
            raise GraphRejected(
                "This file is not at one of Meta's addresses",
                details="The access token is only shown to Meta's own hosts.",
            )
        outcome = self._copy(url, into, most_bytes)
        if isinstance(outcome, GraphError):
            raise outcome
        if sha256 is not None and not _is_same_hash(sha256, outcome.sha256):
            raise GraphUnexpected(
                "The file is not the one that Meta promised", details="Its SHA-256 differs."
            )
        return outcome

    def _is_trusted(self, url: str) -> bool:
        """In sandbox mode the sandbox alone, otherwise Meta's hosts over TLS."""
        try:
            parts = urlsplit(url)
            if parts.username is not None or parts.password is not None or "\\" in url:
                return False
            if _origin(parts) == _origin(self._base):
                return True
            host, is_plain_port = parts.hostname or "", parts.port in (None, 443)
        except ValueError:
            return False
        is_metas = any(host == domain or host.endswith(f".{domain}") for domain in _META_DOMAINS)
        return self._base.hostname == _GRAPH_HOST and parts.scheme == "https" and is_plain_port and is_metas

    def _copy(self, url: str, into: Writable, most_bytes: int) -> Download | GraphError:
        """Answers errors instead of raising them: a library's error, whose text has the URL, would be
        chained to them.
        """
        info = CallInfo("GET", "media")
        try:
            response = self._session.get(
                url,
                headers={"Authorization": f"Bearer {self._token}", "Accept": "*/*"},
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            )
            with response:
                info = call_info.read_headers(response, method="GET", path="media", duration_s=0.0)
                if response.status_code != HTTPStatus.OK:
                    return self._refusal(response, info)
                return self._write(response, into, most_bytes, info)
        except (OSError, HTTPError) as failure:
            return refusals.from_failure(failure, method="GET", info=info)

    def _refusal(self, response: requests.Response, info: CallInfo) -> GraphError:
        if response.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            return GraphRejected(
                "The file's address has expired",
                details="Meta's addresses live five minutes: look the file up again.",
                http_status=response.status_code,
                info=info,
            )
        try:
            found = refusals.read_answer(read_body(response, self._timeouts[1]), info, [self._token])
        except AnswerTooLong:
            found = {}
        if isinstance(found, GraphError):
            return found
        return GraphUnexpected("Meta sent no file", http_status=response.status_code, info=info)

    def _write(
        self, response: requests.Response, into: Writable, most_bytes: int, info: CallInfo
    ) -> Download | GraphError:
        deadline = time.monotonic() + self._timeouts[1] * _PATIENCE
        digest, size = hashlib.sha256(), 0
        for piece in response.iter_content(_CHUNK_BYTES):
            size += len(piece)
            if size > most_bytes:
                return FileTooLarge(
                    "The file is too large", details=f"More than {most_bytes:,} bytes.", info=info
                )
            if time.monotonic() > deadline:
                return GraphUnreachable("The file comes too slowly", info=info)
            digest.update(piece)
            into.write(piece)
        return Download(size, digest.hexdigest(), response.headers.get("content-type"))


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _is_same_hash(given: str, found_hex: str) -> bool:
    """Media nodes give hex, webhooks base64."""
    wanted = given.strip().lower().encode("utf-8", "replace")
    if len(given.strip()) != 2 * _SHA256_BYTES:
        try:
            wanted = b64decode(given.strip(), validate=True).hex().encode()
        except (BadBase64, ValueError):
            return False
    return hmac.compare_digest(wanted, found_hex.encode())

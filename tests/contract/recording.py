"""What the real client asked the real sandbox, caught as it left and as the answer came back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

# An edge whose answers name ids, and what these ids are.
_LEARNT = {
    "flows": "Flow-ID",
    "media": "Media-ID",
    "message_templates": "TEMPLATE_ID",
    "upsert_message_templates": "TEMPLATE_ID",
    "phone_numbers": "Phone-Number-ID",
    "message_qrdls": "QR-Code-ID",
}

_VERSION = re.compile(r"v\d+\.\d+")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    method: str
    segments: list[str]  # of the path, behind the version
    query: dict[str, str]
    content_type: str
    sent: Any  # the body, read by its content type; None without one
    status: int
    answer: Any
    headers: Mapping[str, str] = field(repr=False)


class Recorder(BaseAdapter):
    """Stands before the client's own adapter; `kinds` learns what each id of the world is."""

    def __init__(self, behind: BaseAdapter, kinds: dict[str, str]) -> None:
        super().__init__()
        self._behind = behind
        self.kinds = kinds
        self.exchanges: list[Exchange] = []

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        request.body = sent = _whole(request.body)
        response = self._behind.send(request, stream, timeout, verify, cert, proxies)
        found = exchange_of(request, sent, response)
        self._learn(found)
        self.exchanges.append(found)
        return response

    def name(self, found: Exchange) -> str:
        """The call with its ids replaced by what they are: `GET /{WABA-ID}/flows`."""
        parts = [self._part(one) for one in found.segments]
        return f"{found.method} /{'/'.join(parts)}"

    def _part(self, segment: str) -> str:
        if segment.startswith("upload:"):
            return "{Upload-ID}"
        return f"{{{self.kinds[segment]}}}" if segment in self.kinds else segment

    def close(self) -> None:
        self._behind.close()

    def _learn(self, found: Exchange) -> None:
        kind = _LEARNT.get(found.segments[-1]) if found.segments else None
        if kind is None or not isinstance(found.answer, dict):
            return
        listed = found.answer.get("data")
        nodes = [found.answer, *(listed if isinstance(listed, list) else ())]
        ids = [one.get("code" if kind == "QR-Code-ID" else "id") for one in nodes if isinstance(one, dict)]
        self.kinds |= {str(one): kind for one in ids if one}


def _whole(body: Any) -> bytes | None:
    """The body as bytes, also one that is read while it is sent."""
    if body is None or isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else b"".join(body)


def exchange_of(
    request: requests.PreparedRequest, sent: bytes | None, response: requests.Response
) -> Exchange:
    """One request with its body as bytes, and its answer, both read."""
    url = urlsplit(request.url or "")
    content_type = request.headers.get("Content-Type", "")
    return Exchange(
        method=request.method or "",
        segments=[part for part in url.path.split("/") if part and not _VERSION.fullmatch(part)],
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        content_type=content_type.partition(";")[0].strip(),
        sent=read_body(content_type, sent),
        status=response.status_code,
        answer=_json(response.content),
        headers=dict(request.headers),
    )


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def read_body(content_type: str, sent: bytes | None) -> Any:
    """A JSON body, the fields of a form, or the bytes of anything else."""
    if not sent:
        return None
    if content_type.startswith("application/json"):
        return json.loads(sent)
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(sent.decode()))
    if content_type.startswith("multipart/form-data"):
        return _fields(BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + sent))
    return sent


def _fields(parsed: Message) -> dict[str, str]:
    parts = [part for part in parsed.walk() if not part.is_multipart()]
    return {_name(part): _text(part) for part in parts}


def _name(part: Message) -> str:
    return str(part.get_param("name", header="content-disposition"))


def _text(part: Message) -> str:
    found = part.get_payload(decode=True)
    return found.decode("latin-1") if isinstance(found, bytes) else ""

"""A stranger's file as an answer: only what a browser cannot be tricked with is shown, all else is saved.

Parts of it on request (Range), so that films and voice messages can be wound; never all of it in memory.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus

from flask import Response, request
from werkzeug.datastructures import ContentRange, Range
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from app.models import MediaFile, MessageTemplateFile, OutgoingFile, Thumbnail

# Types without script or links in them. A PDF may hold both.
SHOWN_TYPES = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "audio/aac",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
    }
)
_UNKNOWN = "application/octet-stream"
_POLICY = "default-src 'none'; sandbox"
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+", re.ASCII)
# What would be a path, end a header, or turn the order of letters around (photo_gpj.exe).
_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_LONGEST_NAME = 120

KeptFile = MediaFile | MessageTemplateFile | OutgoingFile | Thumbnail
Reader = Callable[[int, int], Iterator[bytes]]
"""`read(start, end)`: raises before the first byte if it cannot."""


def file_answer(file: KeptFile, read: Reader) -> Response:
    """The file, the part that is asked for, 304 or 416. Its bytes never change: its tag stands for them."""
    size = file.size_bytes or 0
    if request.if_none_match.contains_weak(_tag(file)):
        return _with_headers(Response(status=HTTPStatus.NOT_MODIFIED), file)
    wanted = _wanted_range(_tag(file))
    if wanted is None:
        return _with_headers(_bytes(read, 0, size, HTTPStatus.OK), file)
    part = wanted.range_for_length(size)
    if part is None:
        raise RequestedRangeNotSatisfiable(size)
    answer = _bytes(read, part[0], part[1], HTTPStatus.PARTIAL_CONTENT)
    answer.content_range = ContentRange("bytes", part[0], part[1], size)
    return _with_headers(answer, file)


def is_shown(file: KeptFile) -> bool:
    """Whether a page may show or play it, rather than offer it to be saved."""
    return file.mime_type in SHOWN_TYPES


def file_name(file: KeptFile) -> str:
    """A name to save it under: the sender's without what is unfit, or one made of its kind."""
    name = _UNFIT.sub("", file.file_name).strip(" .")[-_LONGEST_NAME:]
    return name or f"file-{file.id}{mimetypes.guess_extension(file.mime_type) or ''}"


def _tag(file: KeptFile) -> str:
    return file.tag if isinstance(file, Thumbnail) else file.sha256


def _wanted_range(tag: str) -> Range | None:
    """One range of bytes, if that is asked for and means this very file; otherwise all of it is sent."""
    wanted, condition = request.range, request.if_range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    return wanted if condition.date is None and condition.etag in (None, tag) else None


def _bytes(read: Reader, start: int, end: int, status: HTTPStatus) -> Response:
    if request.method == "HEAD":
        answer = Response(status=status)
    else:
        answer = Response(read(start, end), status, direct_passthrough=True)
    answer.content_length = end - start
    return answer


def _with_headers(answer: Response, file: KeptFile) -> Response:
    answer.headers["Content-Type"] = file.mime_type if _TYPE.fullmatch(file.mime_type) else _UNKNOWN
    answer.headers["ETag"] = f'"{_tag(file)}"'
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = _POLICY
    how = "inline" if is_shown(file) else "attachment"
    answer.headers.set("Content-Disposition", how, filename=file_name(file))
    return answer

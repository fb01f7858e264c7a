"""Reading an answer's body without trusting its size or its pace."""

from __future__ import annotations

import time

import requests

MAX_ANSWER_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class AnswerTooLong(Exception):
    """The body is larger than any answer of Meta's."""


def read_body(response: requests.Response, patience_s: float) -> bytes:
    """The whole body, unpacked. Raises AnswerTooLong over 8 MiB, requests.ReadTimeout after
    `patience_s` seconds: requests' own time-out starts anew with every piece, so that a drip would
    never end.
    """
    deadline = time.monotonic() + patience_s
    pieces = bytearray()
    for piece in response.iter_content(_CHUNK_BYTES):
        pieces += piece
        if len(pieces) > MAX_ANSWER_BYTES:
            raise AnswerTooLong
        if time.monotonic() > deadline:
            raise requests.ReadTimeout
    return bytes(pieces)

"""Requests to callbacks, which may be any address: no redirect is followed, no endless answer is read."""

import time
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import HTTPError

TIMEOUT_S = (5, 10)
# Of what an app answered no more is read.
LONGEST_ANSWER = 2000
LONGEST_READ_S = 10.0


class Reply(NamedTuple):
    status: int
    reason: str
    text: str


class Unreachable(Exception):
    """The text is the name of what went wrong on the way."""


def new_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # neither a proxy nor a .netrc may touch what goes to the console
    return session


def ask(session: requests.Session, method: str, url: str, **more: Any) -> Reply:
    """Raises Unreachable. The connection is kept when the answer has been read to its end."""
    try:
        with session.request(
            method, url, timeout=TIMEOUT_S, allow_redirects=False, stream=True, **more
        ) as answer:
            text = _beginning(answer).decode(errors="replace")
            return Reply(answer.status_code, answer.reason or "", text)
    # Some addresses that cannot be are found out only below requests, as a ValueError.
    except (requests.RequestException, HTTPError, ValueError, OSError) as error:
        raise Unreachable(type(error).__name__) from error


def _beginning(answer: requests.Response) -> bytes:
    """Whatever comes in time: an app that sends byte by byte must not hold the lane."""
    until = time.monotonic() + LONGEST_READ_S
    data = b""
    while len(data) < LONGEST_ANSWER and time.monotonic() < until:
        part = answer.raw.read1(LONGEST_ANSWER - len(data), decode_content=True)
        if not part:
            break
        data += part
    return data

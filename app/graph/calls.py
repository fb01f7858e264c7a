"""The one door through which all resources call Meta, seen from their side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.graph import reading
from app.graph.call_info import CallInfo
from app.graph.errors import GraphRejected, GraphUnconfirmed, GraphUnexpected
from app.graph.identifiers import is_node_id

MAX_PAGES = 400  # 6,000 message templates are 60 pages of 100; more than this is a loop

Params = Mapping[str, str | int]


class Readable(Protocol):
    """A file, or anything else that bytes can be read from."""

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Wire:
    """How a call goes out if not as JSON with `Authorization: Bearer`.

    An empty `scheme` leaves the token out. `patience` times the client's read time-out is waited
    for an answer: a large file takes Meta a while. With `is_list` the answer is an array, handed
    on as `data`. `is_unversioned`: to the host of Meta's whose paths have no version.
    """

    content: bytes | Readable | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    scheme: str = "Bearer"
    patience: int = 1
    is_list: bool = False
    is_unversioned: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: Meta's JSON object and what its headers said."""

    data: dict[str, Any]
    info: CallInfo = field(repr=False)


class Caller(Protocol):
    """`GraphClient`'s private call. Raises a GraphError for everything but success."""

    def __call__(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, object] | None = None,
        token: str | None = None,
        app_secret: str | None = None,
        wire: Wire | None = None,
    ) -> Answer: ...


def node(node_id: str) -> str:
    """A node id as a path segment. Raises GraphRejected for what cannot be one of Meta's ids."""
    if not is_node_id(node_id):
        raise GraphRejected("This is not an id of Meta's", details="Meta's ids are digits.")
    return node_id


def each(call: Caller, path: str, params: Params) -> Iterator[dict[str, Any]]:
    """All objects of an edge, page after page.

    Only a missing `paging.next` ends the list: pages may be short or empty. The next call is built
    from the cursor, since `next` may hold the token.
    Source: Meta docs, "Paged results" page, read 2026-09.
    """
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = call("GET", path, params={**params, "after": cursor} if cursor else params)
        yield from reading.mappings(page.data.get("data"))
        paging = reading.mapping(page.data.get("paging"))
        following = reading.text(reading.mapping(paging.get("cursors")).get("after"))
        if not paging.get("next") or following is None:
            return
        if following == cursor:
            raise GraphUnexpected("Meta's list repeats a page", info=page.info)
        cursor = following
    raise GraphUnexpected("Meta's list does not end")


def post(call: Caller, path: str, body: Mapping[str, object] | None = None) -> bool:
    """A change that Meta answers with `{"success": true}`; what is None in `body` is left out."""
    given = {name: value for name, value in (body or {}).items() if value is not None}
    return succeeded(call("POST", path, body=given))


def created_id(answer: Answer, what: str) -> str:
    """The id of something new. Raises GraphUnconfirmed if a 200 names none."""
    found = reading.text(answer.data.get("id"))
    if found is None:
        raise GraphUnconfirmed(
            f"Meta's answer names no {what}",
            details="It may have been made: look before trying again.",
            http_status=answer.info.http_status,
            info=answer.info,
        )
    return found


def succeeded(answer: Answer) -> bool:
    """Meta's `{"success": true}`; a missing word counts as yes, since the call was answered 200."""
    return reading.boolean(answer.data.get("success")) is not False

"""Several calls in one. Source: Meta docs, "Batch requests" page, read 2026-09."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from app.graph import reading
from app.graph.calls import Caller, Wire, node
from app.graph.errors import GraphUnexpected
from app.graph.json_limits import MalformedBody, loads
from app.graph.problems import Problem, refuse

MOST_CALLS = 50
_OK = 200


@dataclass(frozen=True, slots=True)
class Read:
    """A node or one of its edges to read."""

    node_id: str
    edge: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)

    def to_operation(self) -> dict[str, str]:
        path = "/".join(node(part) for part in (self.node_id, self.edge) if part)
        return {"method": "GET", "relative_url": f"{path}?{urlencode(self.params)}".rstrip("?")}


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What one read gave: Meta's object, or its error object in `data["error"]`."""

    http_status: int
    data: Mapping[str, Any]

    @property
    def is_success(self) -> bool:
        return self.http_status == _OK and "error" not in self.data


class Batch:
    """`client.batch`. Only reads: what changes something is worth a call and an answer of its own."""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def read(self, reads: Sequence[Read]) -> list[ReadAnswer | None]:
        """Up to 50 reads, answered in this order; None for one that Meta had no time for.

        Each counts against the limits as a call of its own. Raises GraphUnexpected if the answers
        are not as many as the reads; a GraphUnconfirmed changed nothing, since these only read.
        """
        if not 1 <= len(reads) <= MOST_CALLS:
            refuse([Problem("batch", f"1 to {MOST_CALLS} calls fit into one.", "out_of_range")])
        operations = json.dumps([one.to_operation() for one in reads])
        body = urlencode({"batch": operations, "include_headers": "false"}).encode()
        wire = Wire(body, {"Content-Type": "application/x-www-form-urlencoded"}, is_list=True)
        answer = self._call("POST", "", wire=wire)
        found = reading.items(answer.data.get("data"))
        if len(found) != len(reads):
            raise GraphUnexpected("Meta answered another number of calls", info=answer.info)
        return [None if one is None else _answer(reading.mapping(one)) for one in found]


def _answer(found: Mapping[str, Any]) -> ReadAnswer:
    try:
        data = loads((reading.text(found.get("body")) or "{}").encode("utf-8", "replace"))
    except MalformedBody:
        data = {}
    return ReadAnswer(reading.integer(found.get("code")) or 0, reading.mapping(data))

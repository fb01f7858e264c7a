"""Request bodies: strict JSON of a bounded size, checked before any schema sees it."""

from __future__ import annotations

from typing import Any

from apiflask.schema_adapters.marshmallow import parser
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from app.errors import DomainError
from app.graph.json_limits import MalformedBody, loads
from app.services.message_templates.reading import LARGEST_FILE


class MalformedJson(DomainError):
    """The body is not JSON that we take."""

    code = "malformed_json"
    status = 400


@parser.location_loader("json")
def load_json(request: Request, _schema: object) -> Any:
    """The parsed body, in place of webargs' own loader, which takes NaN, doubled keys and any depth.

    Answers 415, 413 or 400.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as JSON, with the header “Content-Type: application/json”.")
    try:
        return loads(request.get_data(), unique_keys=True, only_storable=True)
    except MalformedBody as error:
        raise MalformedJson(f"The request's body {error.reason}. Nothing was done.") from None


_MOST_FLOW_BYTES = 12 * 1024 * 1024
_LARGER = {
    "api.create_flow": _MOST_FLOW_BYTES,
    "api.change_flow": _MOST_FLOW_BYTES,
    "api.import_templates": LARGEST_FILE,
}
"""A Flow JSON has up to 10 MB, since pictures stand in it."""


def take_in(request: Request) -> None:
    """Read the whole body into memory. Answers 413 when it is larger than MAX_CONTENT_LENGTH."""
    if request.endpoint in _LARGER:
        request.max_content_length = _LARGER[request.endpoint]
    body = request.get_data(cache=True)
    limit = request.max_content_length
    # A chunked body that is too long arrives cut off at the limit.
    if limit is not None and request.content_length is None and len(body) >= limit:
        raise RequestEntityTooLarge

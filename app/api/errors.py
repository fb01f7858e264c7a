"""Errors that only the API has. All others get the same shape from `app.web.errors`."""

from __future__ import annotations

from typing import Any

from apiflask import HTTPError
from flask import Response

from app.api.blueprint import blueprint
from app.errors import InvalidFields
from app.graph.errors import GraphError, GraphThrottled, GraphUnconfirmed, GraphUnreachable
from app.services.meta_refusals import RefusedByMeta, refused
from app.web.errors import error_response

INVALID = "Some values cannot be taken, so nothing was done. See details.fields for what is wrong with each."
_BY_CAUSE: tuple[tuple[type[GraphError], int, str], ...] = (
    (GraphThrottled, 429, "too_many_requests"),
    (GraphUnreachable, 503, "meta_unavailable"),
    (GraphUnconfirmed, 504, "meta_unconfirmed"),
)
_RETRY_AFTER_S = 60


@blueprint.errorhandler(HTTPError)
def refuse_shape(error: HTTPError) -> Response:
    """What a schema refused: names, types, ranges."""
    fields: dict[str, list[str]] = {}
    for located in (error.detail or {}).values():
        _flatten("", located, fields)
    return error_response(
        error.status_code, code=InvalidFields.code, message=INVALID, details={"fields": fields}
    )


def _flatten(name: str, found: Any, fields: dict[str, list[str]]) -> None:
    """marshmallow nests its messages as the data is nested; callers get one flat path per field."""
    if isinstance(found, dict):
        for key, inner in found.items():
            part = "" if key == "_schema" else str(key)
            _flatten(".".join(filter(None, (name, part))), inner, fields)
        return
    fields.setdefault(name or "body", []).extend(str(message) for message in found)


@blueprint.errorhandler(RefusedByMeta)
def explain_refusal(error: RefusedByMeta) -> Response:
    """Meta said no, or could not be asked. The status says whether coming again can help."""
    cause = error.__cause__
    found = next((entry for entry in _BY_CAUSE if isinstance(cause, entry[0])), None)
    _, status, code = found or (GraphError, error.status, error.code)
    details = {
        "title": error.title,
        "explanation": error.explanation,
        "what_to_do": error.what_to_do,
        "meta_code": error.meta_code,
    }
    response = error_response(status, code=code, message=error.message, details=details)
    if isinstance(cause, GraphThrottled):
        response.headers["Retry-After"] = str(cause.retry_after_s or _RETRY_AFTER_S)
    return response


@blueprint.errorhandler(GraphError)
def explain_failure(error: GraphError) -> Response:
    """A failure that no service has put into words yet."""
    told = refused(error)
    told.__cause__ = error
    return explain_refusal(told)

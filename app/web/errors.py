"""Error answers: a page that says what to do for people, one JSON shape for programs.

Nothing of the inside shows: no trace, no SQL, no path; a reference number stands in the log beside
the details. Whatever is broken (the database, a page's frame, the name in the address), some page
comes out.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InvalidRequestError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from app.errors import DomainError, InvalidFields, TooMany
from app.extensions import db
from app.web.logs import request_reference

log = logging.getLogger(__name__)

API_PREFIX = "/api/whatsapp/"
_RETRY_AFTER_S = 5
_KEPT_HEADERS = frozenset({"allow", "content-range", "retry-after", "www-authenticate"})
_PAGES = frozenset({400, 403, 404, 405, 413, 429, 500, 503})
_TITLES = {
    400: "This request could not be read",
    403: "This is not open to you",
    404: "There is no such page",
    405: "This page cannot be used that way",
    413: "This is too large",
    429: "Too many tries",
    500: "This page could not be built",
    503: "The console cannot store anything just now",
}
_PLAIN_WORDS = {
    400: "What arrived here could not be understood.",
    403: "Your role does not include this.",
    404: "Nothing is kept under this address, or it is not yours to see.",
    405: "The address is there, but it is used in another way.",
    413: "What was sent is larger than this console takes in.",
    416: "The file has no such part: it is shorter. Ask for it without the header Range.",
}
"""For people, in place of what Werkzeug says by itself."""
_NO_LONGER_THERE = "Could not refresh instance"
"""How SQLAlchemy begins its words for a row that a refresh did not find; it has no class for that."""
_BARE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    "<title>{title} · waba-console</title></head>"
    "<body><main><h1>{title}</h1><p>{message}</p>{reference}</main></body></html>\n"
)


@dataclass(frozen=True)
class Problem:
    """One error answer. `details` go to programs only, `reference` leads to the log."""

    status: int
    code: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)
    reference: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def init_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _wrong_host)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    for error in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(error, _database_error)
    app.register_error_handler(InvalidRequestError, _gone_meanwhile)
    app.register_error_handler(StaleDataError, _gone_meanwhile)
    app.register_error_handler(Exception, _unexpected)


def is_for_programs() -> bool:
    """True under the JSON API's path: errors there are JSON, whoever asks."""
    return request.path.startswith(API_PREFIX)


def error_response(
    status: int, *, code: str, message: str, reference: str = "", details: dict[str, Any] | None = None
) -> Response:
    """The same error as JSON under the API's path and as a page elsewhere."""
    return _answer(Problem(status, code, message, details or {}, reference))


def unauthorized_json() -> Response:
    """401 for programs, with the one thing to do about it."""
    return _answer(
        Problem(
            HTTPStatus.UNAUTHORIZED,
            "unauthorized",
            'Send a valid API key in the header "Authorization: Bearer …".',
            headers={"WWW-Authenticate": "Bearer"},
        )
    )


def _answer(problem: Problem) -> Response:
    response = _as_json(problem) if is_for_programs() else _as_page(problem)
    response.headers.update(problem.headers)
    return response


def _as_json(problem: Problem) -> Response:
    details = dict(problem.details)
    if problem.reference:
        details["reference"] = problem.reference
    body = {"error": {"code": problem.code, "message": problem.message, "details": details}}
    return make_response(jsonify(body), problem.status)


def _as_page(problem: Problem) -> Response:
    page = problem.status if problem.status in _PAGES else 500 if problem.status >= 500 else 400
    try:
        # What failed may have left a broken transaction behind; the page's frame reads too.
        db.session.rollback()
        html = render_template(f"errors/{page}.html", message=problem.message, reference=problem.reference)
    except Exception:
        log.warning("the error page %s could not be built; a bare one goes out", page, exc_info=True)
        html = _bare_page(page, problem)
    return make_response(html, problem.status)


def _bare_page(page: int, problem: Problem) -> str:
    reference = f"<p>Reference {escape(problem.reference)}</p>" if problem.reference else ""
    return _BARE.format(title=_TITLES[page], message=escape(problem.message), reference=reference)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    headers = {name: value for name, value in error.get_headers() if name.lower() in _KEPT_HEADERS}
    code = error.name.lower().replace(" ", "_").replace("'", "")
    return _answer(Problem(status, code, _words(error, status), headers=headers))


def _words(error: HTTPException, status: int) -> str:
    said = error.description or error.name
    return _PLAIN_WORDS.get(status, said) if said == type(error).description else said


def _wrong_host(_error: SecurityError) -> Response:
    """The name in the address is not ours. No link is built here: it would lead to that name."""
    host = request.headers.get("Host")
    log.warning("refused a request for the host %r; TRUSTED_HOSTS lists further names", host)
    message = "The console does not answer under this name. Open it by its own address."
    problem = Problem(400, "unknown_host", message)
    if is_for_programs():
        return _as_json(problem)
    return make_response(_bare_page(400, problem), 400)


def _domain_error(error: DomainError) -> Response:
    details: dict[str, Any] = {}
    if isinstance(error, InvalidFields):
        fields: dict[str, list[str]] = details.setdefault("fields", {})
        for problem in error.problems:
            fields.setdefault(problem.field, []).append(problem.message)
        details["problems"] = [{**asdict(problem), "severity": "error"} for problem in error.problems]
    headers = {"Retry-After": str(error.wait_s)} if isinstance(error, TooMany) else {}
    return _answer(Problem(error.status, error.code, error.message, details, headers=headers))


def _csrf_error(_error: CSRFError) -> Response:
    message = "This form is no longer valid, so nothing was saved. Reload the page and send it again."
    return _answer(Problem(400, "form_expired", message))


def _database_error(error: SQLAlchemyError) -> Response:
    """Down, locked or full: nothing was stored, and trying again later is right."""
    if isinstance(error, DBAPIError) and not _will_pass(error):
        return _unexpected(error)
    reference = request_reference()
    log.error("the database did not answer, reference %s", reference, exc_info=error)
    message = "The database does not answer just now, so nothing was saved. Try again in a minute."
    headers = {"Retry-After": str(_RETRY_AFTER_S)}
    return _answer(Problem(503, "unavailable", message, reference=reference, headers=headers))


def _will_pass(error: DBAPIError) -> bool:
    """SQLite reports a missing table, too, as "operational"; waiting does not mend that."""
    text = str(error.orig).lower()
    return not any(word in text for word in ("no such table", "no such column", "syntax error"))


def _gone_meanwhile(error: SQLAlchemyError) -> Response:
    """A row that this request had in hand was deleted by another one: between two of its transactions, as a
    rule while Meta was being asked."""
    if not isinstance(error, ObjectDeletedError | StaleDataError) and _NO_LONGER_THERE not in str(error):
        return _unexpected(error)
    log.warning("a row was deleted while a request worked on it, reference %s", request_reference())
    message = "Somebody deleted this while you were working on it. Look at the list to see what is there now."
    return _answer(Problem(409, "changed_meanwhile", message))


def _unexpected(error: Exception) -> Response:
    """Never a trace on the page: a reference number that stands in the log beside it."""
    reference = request_reference()
    log.error("unexpected error, reference %s", reference, exc_info=error)
    message = "Something failed on our side. The log has the details under this reference."
    return _answer(Problem(500, "internal_error", message, reference=reference))

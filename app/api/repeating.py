"""`Idempotency-Key` on every POST: a program that lost the answer asks again, and nothing is done twice.

Sending has its own keys, which are kept for as long as the message is (see views/messages.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from apiflask import HTTPError
from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from app.errors import DomainError, FieldProblem, InvalidFields
from app.services import repeatable
from app.services.repeatable import Answer
from app.web.identity import current_actor

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_HAVE_THEIR_OWN = frozenset({"api.send_message"})


def once(view: Callable[[], Any]) -> Any:
    """The view's answer; for a request that was answered before, that answer."""
    key, api_key = request.headers.get(HEADER), current_actor().api_key
    is_meant = request.method == "POST" and request.endpoint not in _HAVE_THEIR_OWN
    if key is None or api_key is None or not is_meant:
        return view()
    begun = repeatable.begin(api_key.id, _checked(key), _digest())
    if isinstance(begun, Answer):
        return _replay(begun)
    return _carry_out(view, begun)


def _checked(key: str) -> str:
    if not is_key(key):
        raise InvalidFields([FieldProblem(HEADER, "Must be 1 to 255 visible ASCII characters.")])
    return key


def is_key(key: str) -> bool:
    return 0 < len(key) <= 255 and all(" " <= char <= "~" for char in key)


def _digest() -> str:
    asked = request.full_path.encode("utf-8", "surrogatepass")
    return hashlib.sha256(asked + b"\0" + request.get_data()).hexdigest()


def _carry_out(view: Callable[[], Any], request_id: int) -> Response:
    """A refusal frees the key, since nothing was done. What fails unforeseen, or stays unknown at Meta, keeps
    it: asked again, the caller is told that nobody knows."""
    try:
        response = current_app.make_response(view())
    except (DomainError, HTTPError, HTTPException) as error:
        if repeatable.is_sure(error):
            repeatable.let_go(request_id)
        raise
    repeatable.keep(request_id, Answer(response.status_code, response.get_data(as_text=True)))
    return response


def _replay(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, mimetype="application/json")
    response.headers[REPLAYED] = "true"
    return response

"""Who asks: the API key in `Authorization: Bearer …`. Cookies mean nothing here."""

from __future__ import annotations

from flask import Response, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.api.blueprint import blueprint
from app.api.json_body import take_in
from app.extensions import db
from app.queries.access import actor_of_api_key
from app.services import call_limits
from app.services.api_keys import authenticate
from app.web.identity import client_address, set_actor

_MISSING = "Send your API key in the header “Authorization: Bearer waba_…”."
_REFUSED = "This API key is unknown, expired or revoked. Make one with “flask --app wsgi api-keys create”."


@blueprint.before_request
def identify_key() -> None:
    """Set the actor for this request, or answer 401. The key's rights are read anew each time."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise _unauthorized(_MISSING)
    api_key = authenticate(given.token)
    if api_key is None:
        raise _unauthorized(_REFUSED, error="invalid_token")
    api_key_id = api_key.id
    set_actor(actor_of_api_key(api_key, client_address()))
    # Reading the key began a transaction, which on SQLite holds the write lock. A body that trickles
    # in must not hold it for all others, so it is taken in before anything else is asked.
    db.session.rollback()
    g.call_standing = call_limits.count_call(api_key_id)
    call_limits.refuse_too_many(g.call_standing)
    take_in(request)


@blueprint.after_request
def tell_what_is_left(response: Response) -> Response:
    """Each answer says how many calls the key has left in this minute."""
    standing: call_limits.Standing | None = g.get("call_standing")
    if standing is not None:
        response.headers["RateLimit-Limit"] = str(standing.limit)
        response.headers["RateLimit-Remaining"] = str(standing.remaining)
        response.headers["RateLimit-Reset"] = str(standing.resets_in_s)
    return response


def _unauthorized(message: str, **values: str | None) -> Unauthorized:
    return Unauthorized(
        message, www_authenticate=WWWAuthenticate("bearer", {"realm": "waba-console", **values})
    )

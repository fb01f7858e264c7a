"""When a file's id ends, which takes Meta a week or a month."""

from flask import Response, jsonify

from .. import clock
from ..context import current_sandbox
from ..store import media
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput


@blueprint.post("/media/<media_id>")
def change_media(media_id: str) -> Response:
    """`expires_in_s`: seconds from now; with 0 or a negative number the id is unknown from now on."""
    given = inputs.body()
    inputs.known_keys(given, ("expires_in_s",))
    lasts = given.get("expires_in_s")
    if isinstance(lasts, bool) or not isinstance(lasts, (int, float)) or abs(lasts) > 10**9:
        raise BadInput("'expires_in_s' must be seconds.")
    if media.find(current_sandbox().db, media_id) is None:
        raise BadInput(f"There is no media with the id {media_id} in this sandbox.")
    media.set_end(current_sandbox().db, media_id, clock.now() + lasts)
    return jsonify({"success": True})

"""Why messages fail: every code of Meta's in plain words, to look up."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from flask import Response, make_response, render_template, request

from app.services.failures import (
    NEVER_REACHED_META,
    SIDE_WORDS,
    UNCONFIRMED,
    Side,
    list_known_codes,
)
from app.settings.blueprint import blueprint
from app.web.permissions import signed_in

_LONGEST_QUERY = 100


@blueprint.get("/failures/")
@signed_in
def failures() -> Response:
    """All of them, or those in which the words stand; nonsense counts as nothing."""
    words, side = request.args.get("q", "").strip()[:_LONGEST_QUERY], request.args.get("side", "")
    chosen = Side(side) if side in set(Side) else None
    found = list_known_codes(words, chosen)
    return make_response(
        render_template(
            "settings/failures.html",
            words=words,
            side=chosen.value if chosen else "",
            sides=[(value.value, text) for value, text in SIDE_WORDS.items() if value is not Side.UNKNOWN],
            sections=[(name, list(rows)) for name, rows in groupby(found, attrgetter("section"))],
            count=len(found),
            without_code=() if words or chosen else (UNCONFIRMED, NEVER_REACHED_META),
        )
    )

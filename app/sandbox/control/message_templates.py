"""What Meta would decide about a message template: review, quality, category, pacing."""

from typing import Any

from flask import Response, jsonify

from ..context import current_sandbox
from ..database import Row
from ..store import message_templates
from ..webhooks import event_words, pacing, pauses, recategorising, reviews
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput

PACING = ("release", "drop")
MOST_PACED = 100_000


@blueprint.post("/message_templates/<template_id>/review")
def review(template_id: str) -> Response:
    given = inputs.body()
    inputs.known_keys(given, ("decision", "reason"))
    decision = inputs.choice(given, "decision", tuple(reviews.DECISIONS))
    reason = inputs.choice(given, "reason", reviews.REASONS) if given.get("reason") else None
    db = current_sandbox().db
    with db.write():
        reviews.decide(current_sandbox(), _template(template_id), decision, reason)
    return jsonify({"success": True, "status": _template(template_id)["status"]})


@blueprint.post("/message_templates/<template_id>")
def change_message_template(template_id: str) -> Response:
    """`quality_score` (RED pauses it), `new_category` (announced now, done a day later), `pacing_after` (so
    many messages go out, the rest is held), `pacing`: `release` or `drop` what is held. The apps are told.
    """
    given = inputs.body()
    inputs.known_keys(given, ("quality_score", "new_category", "pacing_after", "pacing"))
    quality, category = (
        _optional(given, "quality_score", pauses.SCORES),
        _optional(given, "new_category", event_words.CATEGORIES),
    )
    decision, first = _optional(given, "pacing", PACING), _first(given)
    sandbox = current_sandbox()
    decided: dict[str, Any] = {}
    with sandbox.db.write():
        template = _template(template_id)
        if quality:
            pauses.set_quality(sandbox, template, quality)
        if category and category != template["category"]:
            recategorising.announce(sandbox, template, category)
        if first is not None:
            pacing.start(sandbox, template_id, first)
        if decision:
            is_good = decision == "release"
            decided = {"messages": pacing.decide(sandbox, _template(template_id), is_good=is_good)}
    return jsonify({"success": True, "status": _template(template_id)["status"]} | decided)


def _optional(given: dict[str, Any], key: str, words: tuple[str, ...]) -> str | None:
    return inputs.choice(given, key, words) if key in given else None


def _first(given: dict[str, Any]) -> int | None:
    if given.get("pacing_after") == 0:
        return 0
    return inputs.count(given, "pacing_after", None, MOST_PACED)


def _template(template_id: str) -> Row:
    template = message_templates.find(current_sandbox().db, template_id)
    if template is None:
        raise BadInput(f"There is no message template with the id {template_id} in this sandbox.")
    return template

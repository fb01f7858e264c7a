"""Switching faults on and off."""

from typing import Any

from flask import Response, jsonify, request

from ..context import current_sandbox
from ..database import Row
from ..store import faults
from ..webhooks.batches import MOST_UPDATES
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput

LONGEST_WAIT_S = 300
LONGEST_LIFE_S = 86_400


@blueprint.post("/faults")
def add_fault() -> tuple[Response, int]:
    """`count`: how often it strikes (null: until deleted); `every`: only each n-th match; `percent`: by
    chance; `for_s`: off by itself after so many seconds. Without `percent` and `for_s` it strikes once.
    """
    given = inputs.body()
    inputs.known_keys(given, ("kind", "count", "every", "percent", "for_s", "match", *faults.OPTION_KEYS))
    is_open = "percent" in given or "for_s" in given
    kind = inputs.choice(given, "kind", faults.KINDS)
    options = {key: given[key] for key in faults.OPTION_KEYS if given.get(key) is not None}
    _check_options(kind, options)
    fault = faults.insert(
        current_sandbox().db,
        kind,
        remaining=inputs.count(given, "count", None if is_open else 1),
        every=inputs.count(given, "every", 1) or 1,
        match=_match(given),
        options=options,
        percent=inputs.count(given, "percent", 100, 100) or 100,
        lasts_s=inputs.count(given, "for_s", None, LONGEST_LIFE_S),
    )
    return jsonify(_shown(fault)), 201


@blueprint.get("/faults")
def list_faults() -> Response:
    return jsonify({"data": [_shown(fault) for fault in faults.list_active(current_sandbox().db)]})


@blueprint.delete("/faults")
def delete_faults() -> Response:
    """All, or those of `?id=` or `?kind=`."""
    fault_id, kind = request.args.get("id"), request.args.get("kind")
    if fault_id is not None and not (fault_id.isascii() and fault_id.isdigit()):
        raise BadInput("'id' must be the number of a fault.")
    if kind is not None and kind not in faults.KINDS:
        raise BadInput(f"'kind' must be one of {', '.join(faults.KINDS)}.")
    deleted = faults.delete(
        current_sandbox().db, fault_id=int(fault_id[:15]) if fault_id else None, kind=kind
    )
    return jsonify({"success": True, "deleted": deleted})


def _match(given: dict[str, Any]) -> dict[str, str]:
    match = inputs.object_(given, "match")
    inputs.known_keys(match, faults.MATCH_KEYS)
    return {key: inputs.text(match, key) for key in match}


def _check_options(kind: str, options: dict[str, Any]) -> None:
    for key in ("code", "subcode", "http", "updates"):
        value = options.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput(f"'{key}' must be a whole number.")
    if not 200 <= options.get("http", 400) <= 599:
        raise BadInput("'http' must be a status from 200 to 599.")
    if not 1 <= options.get("updates", 1) <= MOST_UPDATES:
        raise BadInput(f"'updates' must be from 1 to {MOST_UPDATES}.")
    if kind == "throttle" and options.get("code", 130429) not in faults.THROTTLE_CODES:
        raise BadInput(f"'code' of a throttle is one of {', '.join(map(str, faults.THROTTLE_CODES))}.")
    if kind == "missing_permission" and options.get("code", 10) not in (3, 10, 200):
        raise BadInput("'code' of a missing permission is 3, 10 or 200.")
    for key in ("message", "details"):
        inputs.optional_text(options, key)
    seconds = options.get("seconds", 0)
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, (int, float))
        or not 0 <= seconds <= LONGEST_WAIT_S
    ):
        raise BadInput(f"'seconds' must be a number from 0 to {LONGEST_WAIT_S}.")
    if kind in ("error", "failed_status") and "code" not in options:
        raise BadInput(f"A fault of kind {kind} needs 'code', Meta's error code.")


def _shown(fault: Row) -> dict[str, Any]:
    shown = {"id": fault["id"], "kind": fault["kind"], "count": fault["remaining"], "match": fault["match"]}
    if fault["every"] != 1:
        shown["every"] = fault["every"]
    if fault["percent"] != 100:
        shown["percent"] = fault["percent"]
    if fault["until_at"] is not None:
        shown["ends_at"] = fault["until_at"]
    shown |= fault["options"]
    return shown

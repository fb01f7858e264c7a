"""The business profile of step 4: what customers see when they tap the name. Kept here and at Meta."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import FieldProblem
from app.extensions import db
from app.graph.errors import GraphAuthError, GraphBlocked, GraphError, GraphRejected
from app.graph.problems import InvalidPayload
from app.graph.profiles import VERTICALS, BusinessProfile
from app.models import Account
from app.services.setup_checks import Connection, meta_code, unavailable

STEP = 4
_AT_META = {
    "business_about": "about",
    "business_description": "description",
    "business_email": "email",
    "business_address": "address",
    "business_vertical": "vertical",
    "business_websites": "websites",
}


def write(
    connection: Connection, values: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> list[FieldProblem]:
    """Write the profile to Meta; answers what Meta does not take. Raises MetaUnavailable.

    What is empty, and was empty here before, is left alone: Meta may know more than we do.
    """
    known = before or {}
    wanted: dict[str, Any] = {
        meta_name: tuple(values[name]) if name == "business_websites" else values[name]
        for name, meta_name in _AT_META.items()
        if values.get(name) or (name in values and known.get(name))
    }
    if not wanted:
        return []
    try:
        connection.client().profiles.update(connection.phone_number_id, BusinessProfile(**wanted))
    except InvalidPayload as invalid:
        return [FieldProblem(_ours(problem.field), problem.message) for problem in invalid.problems]
    except (GraphRejected, GraphBlocked, GraphAuthError) as error:
        return [FieldProblem(_blamed(error), _refusal(error))]
    except GraphError as error:
        raise unavailable(error) from error
    return []


def read(account: Account) -> dict[str, Any]:
    """What Meta has, by our field names; fields that Meta left out are missing.

    Raises MetaUnavailable, which also says so when Meta refuses.
    """
    connection = Connection.of(account)
    db.session.commit()
    try:
        profile = connection.client().profiles.get(connection.phone_number_id)
    except GraphError as error:
        raise unavailable(error) from error
    found = {name: getattr(profile, meta_name) for name, meta_name in _AT_META.items()}
    if found["business_vertical"] not in VERTICALS:
        found["business_vertical"] = None
    if found["business_websites"] is not None:
        found["business_websites"] = list(found["business_websites"])
    return {name: value for name, value in found.items() if value}


def _ours(meta_path: str) -> str:
    """Our field for `email` or `websites[1]`."""
    return next(name for name, meta_name in _AT_META.items() if meta_path.startswith(meta_name))


def _blamed(error: GraphError) -> str:
    """The field Meta names in its words; the description when it names none."""
    words = f"{error.title} {error.details}".lower()
    return next((name for name, word in _AT_META.items() if word in words), "business_description")


def _refusal(error: GraphError) -> str:
    words = error.user_message or error.details or error.title
    return f"Meta did not take the profile. Its words: “{words}”{meta_code(error)}"

"""The whole check of a message template before it goes to Meta."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from app.graph.checking import Spot
from app.graph.message_template_rules import authentication, parts, special
from app.graph.message_template_rules.buttons import check_buttons
from app.graph.message_template_rules.context import Context
from app.graph.message_template_rules.draft import MessageTemplateDraft
from app.graph.message_template_rules.languages import LANGUAGES
from app.graph.problems import Problem

NAME_CHARACTERS = 512
_NAME = re.compile(r"[a-z0-9_]+", re.ASCII)
_CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
_FORMATS = ("POSITIONAL", "NAMED")
# Seconds, by category; -1 means 30 days and is not for marketing.
_LIFE_S = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43_200), "MARKETING": (43_200, 2_592_000)}
_LONGEST_LIFE = -1
_COMPONENTS = (
    "HEADER",
    "BODY",
    "FOOTER",
    "BUTTONS",
    "CAROUSEL",
    "LIMITED_TIME_OFFER",
    "CALL_PERMISSION_REQUEST",
)


def check(draft: MessageTemplateDraft | Mapping[str, Any]) -> list[Problem]:
    """What Meta would refuse (errors) or may refuse (warnings); empty if nothing.

    `field` is the path in Meta's create body: `name`, `components[1].text`,
    `components[2].buttons[0].url`. Not checked here: whether the name is free, and the limits of
    the account.
    """
    body = draft.to_body() if isinstance(draft, MessageTemplateDraft) else dict(draft)
    problems: list[Problem] = []
    root = Spot(body, "", problems)
    _check_name(root["name"])
    _check_language(root["language"])
    category = _check_category(root["category"])
    _check_life(root["message_send_ttl_seconds"], category)
    is_named = _is_named(root["parameter_format"])
    root["cta_url_link_tracking_opted_out"].flag("The choice not to count clicks")
    if root["library_template_name"].is_missing:
        _check_components(root, category, is_named=is_named)
    else:
        _check_library(root, category)
    return problems


def _check_name(spot: Spot) -> None:
    name = spot.text("The name", NAME_CHARACTERS)
    if name and not _NAME.fullmatch(name):
        spot.note("The name may have only lower-case letters, digits and underscores.", "bad_name")


def _check_language(spot: Spot) -> None:
    code = spot.text("The language")
    if code and code not in LANGUAGES:
        spot.note("Choose a language from Meta's list; codes look like en or en_US.", "not_allowed")


def _check_category(spot: Spot) -> str:
    """Lower case is accepted too."""
    given = spot.value.upper() if isinstance(spot.value, str) else spot.value
    return Spot(given, spot.path, spot.problems).choice("The category", _CATEGORIES)


def _check_life(spot: Spot, category: str) -> None:
    if spot.is_missing or category not in _LIFE_S:
        return
    if spot.value == _LONGEST_LIFE and category != "MARKETING":
        return
    spot.whole("The time to live in seconds", *_LIFE_S[category])


def _check_library(root: Spot, category: str) -> None:
    """One out of Meta's library: Meta has its text, only the inputs are ours."""
    root["library_template_name"].text("The library message template's name", NAME_CHARACTERS)
    if category == "MARKETING":
        root["category"].note("Library message templates are not for marketing.", "not_allowed")


def _check_components(root: Spot, category: str, *, is_named: bool) -> None:
    spots = [spot for spot in root["components"].list("Components") if spot.object("The component")]
    kinds = [_kind(spot) for spot in spots]
    for kind, count in Counter(kinds).items():
        if kind and count > 1:
            root["components"].note(f"There can be only one {kind} component.", "repeated")
    by_kind = {kind: spot for kind, spot in zip(kinds, spots, strict=True) if kind}
    context = Context(category, is_named, by_kind)
    if category == "AUTHENTICATION":
        authentication.check(root["components"], context)
    else:
        _check_free(root["components"], context)


def _kind(spot: Spot) -> str:
    given = spot["type"].value
    upper = given.upper() if isinstance(given, str) else given
    return Spot(upper, spot["type"].path, spot.problems).choice("The component", _COMPONENTS)


def _is_named(spot: Spot) -> bool:
    given = spot.value.upper() if isinstance(spot.value, str) else spot.value
    chosen = Spot(given, spot.path, spot.problems).choice("The parameter format", _FORMATS, required=False)
    return chosen == "NAMED"


def _check_free(components: Spot, context: Context) -> None:
    """Marketing and utility: the texts are the author's own."""
    if context.has("HEADER"):
        parts.check_header(context.component("HEADER"), context)
    if context.has("BODY"):
        parts.check_body(context.component("BODY"), context)
    else:
        components.note("The body is missing.", "missing")
    if context.has("FOOTER"):
        parts.check_footer(context.component("FOOTER"))
    if context.has("BUTTONS"):
        check_buttons(context.component("BUTTONS")["buttons"], context)
    special.check(context)

"""Which kinds of messages there are, and what to check in each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.graph.checking import Spot
from app.graph.payloads import interactive_rules, plain_rules, template_rules
from app.graph.problems import Problem

_CHECKS: dict[str, Callable[[Spot], None]] = {
    "text": plain_rules.check_text,
    **{kind: partial(plain_rules.check_media, kind) for kind in plain_rules.MEDIA_KINDS},
    "location": plain_rules.check_location,
    "contacts": plain_rules.check_contacts,
    "reaction": plain_rules.check_reaction,
    "pin": plain_rules.check_pin,
    "interactive": interactive_rules.check_interactive,
    "template": template_rules.check_template,
}

KINDS = tuple(_CHECKS)


def validate(message_type: str, content: object) -> list[Problem]:
    """What Meta would refuse in its object of this kind; empty if nothing.

    Fields are Meta's paths below the message: `text.body`, `contacts[0].name.formatted_name`.
    """
    problems: list[Problem] = []
    spot = Spot(content, message_type, problems)
    check = _CHECKS.get(message_type)
    if check is None:
        kinds = ", ".join(KINDS)
        return [Problem("type", f"The kind of message must be one of: {kinds}.", "not_allowed")]
    check(spot)
    return [problem for problem in problems if problem.severity == "error"]

"""Talks in which the claim form is sent and filled in."""

from __future__ import annotations

from app.services.demo.company import CLAIMS
from app.services.demo.script import Script, asks_form, fills_in, reacts, script, they, we

_ASKS = (
    "Please tell us what happened, $first. It takes two minutes, and you get the claim number right after."
)

FORM_WATER = script(
    CLAIMS,
    they("The washing machine flooded our kitchen. How do I report that?"),
    asks_form(_ASKS, "Report damage"),
    fills_in(
        {
            "policy_number": "$policy",
            "kind_of_damage": "water",
            "date_of_damage": "$yesterday",
            "place": "$street",
            "description": "The hose came off. The floor and two cupboards are wet through.",
            "estimated_cost": "1400",
            "involved": [],
            "full_name": "$first",
            "phone": "+44 7700 900321",
            "is_true": True,
        }
    ),
    we("Thank you, that is all I need. Your claim has the number $claim.", 9),
    reacts("🙏"),
)
FORM_STORM = script(
    CLAIMS,
    they("Good morning, the storm took tiles off our roof"),
    they("Nobody is hurt", 1),
    asks_form(_ASKS, "Report damage"),
    fills_in(
        {
            "policy_number": "$policy",
            "kind_of_damage": "storm",
            "date_of_damage": "$yesterday",
            "place": "$street",
            "description": "About thirty tiles, and a gutter hangs loose.",
            "involved": ["witness"],
            "full_name": "$first",
            "phone": "+44 7700 900654",
            "is_true": True,
        },
        pause=11,
    ),
    we("Received. $assessor comes on $day to look at it; please keep people away from that side.", 14),
    they("Thank you, that is good to know"),
)
FORM_TALKS: tuple[Script, ...] = (FORM_WATER, FORM_STORM)

"""Check lines as the `check_list` macro wants them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.models import CheckState


def shown_checks(
    checks: list[dict[str, Any]], actions: Mapping[str, Mapping[str, tuple[str, str]]]
) -> list[dict[str, Any]]:
    """Add the button of each open line. `actions`: by the line's `action`, then by its key ("" for any
    other), the words and the address to POST to."""
    return [_shown(check, actions) for check in checks]


def _shown(check: dict[str, Any], actions: Mapping[str, Mapping[str, tuple[str, str]]]) -> dict[str, Any]:
    seconds = check.get("seconds")
    shown = {
        "state": check["state"],
        "title": check["title"],
        "note": " ".join(filter(None, (check["evidence"], check["what_to_do"]))),
        "time": "" if seconds is None else f"{seconds:.1f} s" if seconds else "under 0.1 s",
    }
    by_key = actions.get(check["action"], {})
    action = by_key.get(check["key"]) or by_key.get("")
    if check["state"] == CheckState.PASSED or action is None:
        return shown
    return shown | {"action_text": action[0], "form_url": action[1]}

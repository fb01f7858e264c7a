"""Meta gives a message template another category: announced, and done a day later.

Source: Meta docs, "Template categorization" page, read 2026-09. The day is divided by the speed.
"""

from typing import Any

from .. import clock
from ..context import Sandbox
from ..database import Row
from ..store import message_templates, timers
from . import template_news

DAY_S = 86_400.0
FIELD = "template_category_update"


def announce(sandbox: Sandbox, template: Row, category: str) -> None:
    wait_s = sandbox.settings.after(DAY_S)
    extra = template["extra"] | {"correct_category": category}
    message_templates.update(sandbox.db, template["id"], extra=extra)
    timers.add(sandbox.db, timers.CATEGORY, wait_s, {"id": template["id"], "category": category})
    value = template_news.named(template) | {
        "correct_category": category,
        # Still the old one: Meta's page says so.
        "new_category": template["category"],
        "category_update_timestamp": int(clock.now() + wait_s),
    }
    template_news.tell(sandbox, template, FIELD, value, f"will be {category}")
    sandbox.wake()


def play(sandbox: Sandbox, payload: dict[str, Any]) -> None:
    """The day is over; nothing when another category was announced meanwhile."""
    template = message_templates.find(sandbox.db, payload["id"])
    if template is None or template["extra"].get("correct_category") != payload["category"]:
        return
    extra = {key: value for key, value in template["extra"].items() if key != "correct_category"}
    extra["previous_category"] = template["category"]
    message_templates.update(sandbox.db, template["id"], category=payload["category"], extra=extra)
    value = template_news.named(template) | {
        "previous_category": template["category"],
        "new_category": payload["category"],
    }
    template_news.tell(sandbox, template, FIELD, value, f"is {payload['category']}")

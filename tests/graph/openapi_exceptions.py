"""Meta's example bodies that our rules rightly refuse, and how its place-holders are filled in.

Reviewed against the pages of September 2026. An example that is mended must leave this list: the
test fails for one that has begun to pass.
"""

from __future__ import annotations

import re
from typing import Any

# Name of the example under `/{Phone-Number-ID}/messages`: why it is refused.
REFUSED = {
    "Send Catalog Template Message": (
        'has `sub_type: "CATALOG"`; all pages write the types of a send in lower case, and we build them so'
    ),
    "Send Sample Issue Resolution Template": (
        "fills quick replies with `text: true` and `text: false`; a quick reply takes a `payload`, and "
        "a text is never a boolean"
    ),
}

# Examples without a `type`, which Meta takes for text; the object given says what is meant.
WITHOUT_TYPE = {"Send Reply to List Message": "interactive", "Send Text Message with Preview URL": "text"}

# Place-holders that are not even of the right form, and what a sender would write there.
_FILLED = (
    (re.compile(r"<HEADER_TYPE>"), "text"),
    (re.compile(r"<[A-Z_]*OBJECT_ID>"), "880011223344556"),
    (re.compile(r"<TEMPLATE_NAME>|template-name"), "order_sent"),
    (re.compile(r"language-and-locale-code"), "en_US"),
    (re.compile(r"<?http\(s\)://[a-z-]+>?"), "https://shop.example/file"),
    (re.compile(r"\{\{Recipient-(?:WA-)?Phone-Number\}\}"), "+15550100001"),
)


def fill_in(value: Any) -> Any:
    """The example with every place-holder replaced that stands for something of a certain form."""
    if isinstance(value, dict):
        return {key: fill_in(one) for key, one in value.items()}
    if isinstance(value, list):
        return [fill_in(one) for one in value]
    if isinstance(value, str):
        for pattern, text in _FILLED:
            value = pattern.sub(text, value)
    return value

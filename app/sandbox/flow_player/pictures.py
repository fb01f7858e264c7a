"""Pictures inside a Flow JSON: base64, shown as data: addresses when they are what they say."""

import base64
import binascii
from typing import Any

# A Flow may carry so much for a picture; more is advised against from 300 KB on.
LARGEST = 1_400_000
MAGIC = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp", b"GIF8": "image/gif"}


def address(source: Any) -> str:
    """A data: address, or blank for what is no picture."""
    if not isinstance(source, str) or len(source) > LARGEST:
        return ""
    encoded = source.partition("base64,")[2] if source.startswith("data:") else source
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return ""
    kind = next((kind for magic, kind in MAGIC.items() if data.startswith(magic)), None)
    return "" if kind is None else f"data:{kind};base64,{base64.b64encode(data).decode()}"

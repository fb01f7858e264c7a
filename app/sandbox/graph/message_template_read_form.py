"""What is read of a message template is not what was written.

Source: Meta docs, "Templates" reference, read 2026-03.
"""

from typing import Any
from urllib.parse import urlencode

Part = dict[str, Any]
# Where the button of a login code leads; the app on the phone takes the code out of it (unverified).
CODE_ADDRESS = "https://www.whatsapp.com/otp/code/"
DEFAULT_LABEL = "Copy code"


def components_as_read(components: list[Part]) -> list[Part]:
    """The button of a login code comes back as a link with an address of Meta's own."""
    minutes = next((part["code_expiration_minutes"] for part in components if _expires(part)), None)
    return [
        part | {"buttons": [_button_as_read(button, minutes) for button in part["buttons"]]}
        if part["type"] == "BUTTONS"
        else part
        for part in components
    ]


def _expires(part: Part) -> bool:
    return part["type"] == "FOOTER" and part.get("code_expiration_minutes") is not None


def _button_as_read(button: Part, minutes: int | None) -> Part:
    if button["type"] != "OTP":
        return button
    query = {"otp_type": str(button["otp_type"]).upper()}
    if minutes is not None:
        query["code_expiration_minutes"] = str(minutes)
    address = f"{CODE_ADDRESS}?{urlencode(query)}&code=otp"
    return {
        "type": "URL",
        "text": button.get("text") or DEFAULT_LABEL,
        "url": address + "{{1}}",
        "example": [address + "123456"],
    }

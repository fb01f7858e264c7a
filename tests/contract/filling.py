"""Meta's examples with their place-holders filled in by real things of a sandbox's world."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from tests.contract.tour import FLOW_JSON, PEM, PICTURE, TYPES
from tests.contract.world import World
from tests.sandbox.support import CUSTOMER

BLOCKED = "16505551234"  # whom the examples block
USER = "2345678901234567"  # whom the examples take off an account


@dataclass(frozen=True)
class Filler:
    """What stands for what: patterns of place-holders, in this order, and their values."""

    values: tuple[tuple[re.Pattern[str], str], ...]

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.fill(key): self.fill(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.fill(one) for one in value]
        if isinstance(value, str):
            for pattern, text in self.values:
                value = pattern.sub(text.replace("\\", r"\\"), value)
        return value


# Place-holders that are not of the right form, and what anybody would write there.
FORMS = (
    (r"<HEADER_TYPE>", "text"),
    (r"<TEMPLATE_NAME>|template-name", "order_sent"),
    (r"language-and-locale-code", "en_US"),
    (r"<?http\(s\)://[a-z-]+>?", "https://shop.example/file"),
    (r"\{\{Recipient-(?:WA-)?Phone-Number\}\}", f"+{CUSTOMER}"),
    (r"<SCREEN_ID>", "ONLY"),
)


def _compiled(pairs: Any) -> Filler:
    return Filler(tuple((re.compile(pattern), value) for pattern, value in pairs))


def by_form() -> Filler:
    """Fills in what must be of a certain form; ids are made up."""
    return _compiled([*FORMS, (r"<[A-Z_]*OBJECT_ID>", "880011223344556")])


def of_world(world: World) -> Filler:
    """Fills in real ids: media, Flows, handles, a message to answer, a QR code, a callback."""
    client, number_id = world.client, world.meta.number_id
    wamid = world.meta.receive().json()["wamid"]
    other: dict[str, Any] = {"from": f"+{BLOCKED}"}
    world.meta.receive(**other)
    media = {
        kind: client.media.upload(number_id, BytesIO(PICTURE), size_bytes=len(PICTURE), mime_type=TYPES[kind])
        for kind in TYPES
    }
    kinds = [(f"<{kind.upper()}_OBJECT_ID>", media[kind]) for kind in ("audio", "document", "image", "video")]
    code = client.qr_codes.create(number_id, "Hello").code
    return _compiled(
        [
            *FORMS,
            *kinds,
            (r"<MEDIA_OBJECT_ID>", media["sticker"]),  # stands only in stickers
            (r"<MSGID_OF[A-Z_]*>|^wamid\..*", wamid),
            (r"^4::YXBwbGljYXRpb24vcGRm:.*", world.meta.handle("application/pdf")),
            (r"(?s)^4::?(?:aW1hZ2U|VGVzdC5w).*", world.meta.handle("image/png", PICTURE)),
            (r"^ANED2T5QRU7HG1$", code),
            (r"^https://your-[a-z-]+\.com/webhook(?:/override)?$", world.receiver.url),
            (r"^YOUR_VERIFY_TOKEN(?:_PLACEHOLDER)?$", world.receiver.verify_token),
            (r"(?s)^-----BEGIN PUBLIC KEY-----.*", PEM),
        ]
    )


def flows(world: World) -> dict[bool, tuple[str, str]]:
    """A draft (True) and a published Flow (False): id and name."""
    found = {}
    for is_draft, name in ((True, "Draft"), (False, "Published")):
        made = world.client.flows.create(
            world.meta.waba_id, name=name, categories=["OTHER"], flow_json=FLOW_JSON, publish=not is_draft
        )
        found[is_draft] = (made.flow_id, name)
    return found


def with_flow(body: Any, listed: Mapping[bool, tuple[str, str]]) -> Any:
    """The Flow that the example means: a draft where it says so."""
    flow_id, name = listed["'mode': 'draft'" in str(body)]
    return _compiled([(r"\{\{Flow-ID\}\}", flow_id), (r"\{\{Flow-Name\}\}", name)]).fill(body)


def message_template_of(template: Mapping[str, Any], handle: str, flow_id: str) -> dict[str, Any]:
    """An approved message template into which the values of this send fit."""
    components = [
        _component(one, handle) for one in template.get("components", ()) if one["type"] != "button"
    ]
    if not any(one["type"] == "BODY" for one in components):
        components.append({"type": "BODY", "text": "Good day."})
    listed = [
        _button(one["sub_type"], flow_id) for one in template.get("components", ()) if "sub_type" in one
    ]
    if listed:
        components.append({"type": "BUTTONS", "buttons": listed})
    return {
        "name": template["name"],
        "language": template["language"]["code"],
        "category": "MARKETING",
        "status": "APPROVED",
        "components": components,
    }


def _component(sent: Mapping[str, Any], handle: str) -> dict[str, Any]:
    if sent["type"] == "header":
        kind = sent["parameters"][0]["type"].upper()
        return {"type": "HEADER", "format": kind, "example": {"header_handle": [handle]}}
    places = [f"{{{{{at}}}}}" for at in range(1, len(sent["parameters"]) + 1)]
    text = f"Good day, this is what you have asked us for: {' and then '.join(places)}, as always."
    return {"type": "BODY", "text": text, "example": {"body_text": [places]}}


def _button(sub_type: str, flow_id: str) -> dict[str, Any]:
    found = {"type": sub_type.upper(), "text": "Yes"}
    if sub_type == "flow":
        found |= {"flow_id": flow_id, "flow_action": "navigate", "navigate_screen": "ONLY"}
    return found

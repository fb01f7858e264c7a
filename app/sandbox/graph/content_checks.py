"""Rules of plain message types. Source: Meta docs, "Messages" pages by type, read 2026-03 to 2026-09."""

from collections.abc import Callable
from typing import Any

from ..store import messages
from . import checks, errors, interactive_checks
from .registry import Call

# type → keys its object may have.
MEDIA_KEYS = {
    "image": {"id", "link", "caption"},
    "audio": {"id", "link", "voice"},
    "video": {"id", "link", "caption"},
    "document": {"id", "link", "caption", "filename"},
    "sticker": {"id", "link"},
}
LONGEST_TEXT, LONGEST_CAPTION, MOST_CONTACTS = 4096, 1024, 257

Content = dict[str, Any]


def check(call: Call, kind: str, content: Any) -> str | None:
    """Check the object of that type; answers a link that Meta would have to fetch, if there is one."""
    if kind == "contacts":
        _contacts(content)
        return None
    if not isinstance(content, dict):
        raise errors.bad_value(f"{kind} must be an object.")
    if kind in MEDIA_KEYS:
        return _media(call, kind, content)
    return CHECKS[kind](call, content)


def _text(_call: Call, content: Content) -> None:
    _known_keys(content, {"body", "preview_url"}, "text")
    body = checks.text_at(content, "body", "text['body']", LONGEST_TEXT)
    if not body.strip():
        raise errors.missing_part("text['body'] is required.")
    if not isinstance(content.get("preview_url", False), bool):
        raise errors.bad_value("text['preview_url'] must be true or false.")


def _media(call: Call, kind: str, content: Content) -> str | None:
    _known_keys(content, MEDIA_KEYS[kind], kind)
    checks.optional_text_at(content, "caption", f"{kind}['caption']", LONGEST_CAPTION)
    checks.optional_text_at(content, "filename", f"{kind}['filename']", 240)
    return checks.media_reference(call.db, call.node.waba_id, content, kind)


def _location(_call: Call, content: Content) -> None:
    _known_keys(content, {"latitude", "longitude", "name", "address"}, "location")
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        if content.get(name) is None:
            raise errors.missing_part(f"location['{name}'] is required.")
        if not _is_within(content[name], most):
            raise errors.bad_value(f"location['{name}'] must be a number between -{most:.0f} and {most:.0f}.")
    checks.optional_text_at(content, "name", "location['name']", 1000)
    checks.optional_text_at(content, "address", "location['address']", 1000)


def _is_within(value: Any, most: float) -> bool:
    try:
        return -most <= float(value) <= most
    except (TypeError, ValueError):
        return False


def _contacts(content: Any) -> None:
    people = checks.list_at({"contacts": content}, "contacts", "contacts", 1, MOST_CONTACTS)
    for index, person in enumerate(people):
        path = f"contacts[{index}]['name']"
        name = checks.object_at(person, "name", path)
        checks.text_at(name, "formatted_name", f"{path}['formatted_name']", 1000)
        parts = ("first_name", "last_name", "middle_name", "prefix", "suffix")
        if not any(name.get(part) for part in parts):
            raise errors.missing_part(f"{path} needs at least one of {', '.join(parts)}.")


def _reaction(call: Call, content: Content) -> None:
    _known_keys(content, {"message_id", "emoji"}, "reaction")
    checks.text_at(content, "message_id", "reaction['message_id']", 1000)
    if "emoji" not in content:
        raise errors.missing_part("reaction['emoji'] is required.")
    checks.optional_text_at(content, "emoji", "reaction['emoji']", 32)
    if call.params.has("context"):
        raise errors.invalid("A reaction cannot carry a context.")


def _interactive(call: Call, content: Content) -> str | None:
    return interactive_checks.check(call, content)


def _pin(_call: Call, _content: Content) -> None:
    raise errors.invalid("pin is only for groups, and the sandbox has no groups.")


CHECKS: dict[str, Callable[[Call, Content], str | None]] = {
    "text": _text,
    "location": _location,
    "reaction": _reaction,
    "interactive": _interactive,
    "pin": _pin,
}
TYPES = ("text", *MEDIA_KEYS, "location", "contacts", "reaction", "interactive", "template", "pin")


def reaction_failure(call: Call, content: Content) -> int | None:
    """131009 as a `failed` webhook when the message reacted to is unknown or a reaction itself."""
    target = messages.find(call.db, str(content["message_id"]))
    is_known = (
        target is not None and target["phone_number_id"] == call.node.id and target["type"] != "reaction"
    )
    return None if is_known else 131009


def _known_keys(content: Content, known: set[str], path: str) -> None:
    for key in content:
        if key not in known:
            raise errors.GraphError(100, f'Unexpected key "{key}" on param "{path}".')

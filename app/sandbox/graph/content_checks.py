"""Rules of plain message types. Source: Meta docs, "Messages" pages by type, read 2026-03 to 2026-09."""

import re
from collections.abc import Callable
from datetime import date
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

NAME_PARTS = ("first_name", "last_name", "middle_name", "prefix", "suffix")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

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
    checks.text_at(content, "body", "text['body']", LONGEST_TEXT)
    checks.flag_at(content, "preview_url", "text['preview_url']")


def _media(call: Call, kind: str, content: Content) -> str | None:
    _known_keys(content, MEDIA_KEYS[kind], kind)
    checks.optional_text_at(content, "caption", f"{kind}['caption']", LONGEST_CAPTION)
    checks.optional_text_at(content, "filename", f"{kind}['filename']", 240)
    checks.flag_at(content, "voice", f"{kind}['voice']")
    return checks.media_reference(call.db, call.node.waba_id, content, kind)


def _location(_call: Call, content: Content) -> None:
    check_location(content, "location")


def check_location(content: Content, path: str) -> None:
    """A place; in a header of a message template too."""
    _known_keys(content, {"latitude", "longitude", "name", "address"}, path)
    checks.number_at(content, "latitude", f"{path}['latitude']", -90, 90)
    checks.number_at(content, "longitude", f"{path}['longitude']", -180, 180)
    checks.optional_text_at(content, "name", f"{path}['name']", 1000)
    checks.optional_text_at(content, "address", f"{path}['address']", 1000)


def _contacts(content: Any) -> None:
    people = checks.list_at({"contacts": content}, "contacts", "contacts", 1, MOST_CONTACTS)
    for index, person in enumerate(people):
        _person(person, f"contacts[{index}]")


def _person(person: Content, path: str) -> None:
    name = checks.object_at(person, "name", f"{path}['name']")
    checks.text_at(name, "formatted_name", f"{path}['name']['formatted_name']", 512)
    if not any(isinstance(name.get(part), str) and name[part] for part in NAME_PARTS):
        raise errors.missing_part(f"{path}['name'] needs at least one of {', '.join(NAME_PARTS)}.")
    for at, phone in enumerate(checks.optional_list_at(person, "phones", f"{path}['phones']")):
        if phone.get("wa_id") is None:
            checks.text_at(phone, "phone", f"{path}['phones'][{at}]['phone']", 64)
        checks.optional_text_at(phone, "phone", f"{path}['phones'][{at}]['phone']", 64)
    for key, inner, most in (("emails", "email", 320), ("urls", "url", 2000)):
        for at, item in enumerate(checks.optional_list_at(person, key, f"{path}['{key}']")):
            checks.text_at(item, inner, f"{path}['{key}'][{at}]['{inner}']", most)
    checks.optional_list_at(person, "addresses", f"{path}['addresses']")
    checks.optional_object_at(person, "org", f"{path}['org']")
    checks.optional_text_at(person, "birthday", f"{path}['birthday']")
    if person.get("birthday") and not _is_date(person["birthday"]):
        raise errors.bad_value(f"{path}['birthday'] must be written as YYYY-MM-DD.")


def _is_date(text: str) -> bool:
    try:
        return DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _reaction(call: Call, content: Content) -> None:
    _known_keys(content, {"message_id", "emoji"}, "reaction")
    checks.text_at(content, "message_id", "reaction['message_id']")
    if content.get("emoji") is None:
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
        if key not in known and content[key] is not None:
            raise errors.GraphError(100, f'Unexpected key "{key}" on param "{path}".')

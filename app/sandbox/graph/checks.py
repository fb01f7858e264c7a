"""Small checks that message kinds share. Each raises a GraphError that names the parameter."""

import math
import re
from typing import Any

from ..database import Database
from ..store import media
from . import errors

LINK = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
LONGEST_URL = 2000


def object_at(holder: dict[str, Any], key: str, path: str) -> dict[str, Any]:
    """A required object."""
    value = holder.get(key)
    if value is None:
        raise errors.missing_part(f"{path} is required.")
    if not isinstance(value, dict):
        raise errors.bad_value(f"{path} must be an object.")
    return value


def list_at(
    holder: dict[str, Any], key: str, path: str, least: int, most: int | None
) -> list[dict[str, Any]]:
    """A required list of objects."""
    value = holder.get(key)
    if value is None:
        raise errors.missing_part(f"{path} is required.")
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise errors.bad_value(f"{path} must be a list of objects.")
    if len(value) < least or (most is not None and len(value) > most):
        bounds = f"at least {least}" if most is None else f"{least} to {most}"
        raise errors.bad_value(f"{path} must hold {bounds} items, it has {len(value)}.")
    return value


def optional_list_at(holder: dict[str, Any], key: str, path: str) -> list[dict[str, Any]]:
    """A list of objects, or nothing."""
    return list_at(holder, key, path, 0, None) if holder.get(key) is not None else []


def text_at(holder: dict[str, Any], key: str, path: str, most: int | None = None) -> str:
    """A required text that is not blank."""
    value = holder.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise errors.missing_part(f"{path} is required.")
    return _checked_text(value, path, most)


def optional_text_at(holder: dict[str, Any], key: str, path: str, most: int | None = None) -> None:
    if holder.get(key) is not None:
        _checked_text(holder[key], path, most)


def optional_object_at(holder: dict[str, Any], key: str, path: str) -> dict[str, Any]:
    """An object; an empty one when nothing is given."""
    return object_at(holder, key, path) if holder.get(key) is not None else {}


def flag_at(holder: dict[str, Any], key: str, path: str) -> None:
    """True, false or nothing."""
    if holder.get(key) is not None and not isinstance(holder[key], bool):
        raise errors.bad_value(f"{path} must be true or false.")


def choice_at(holder: dict[str, Any], key: str, path: str, choices: tuple[str, ...]) -> None:
    """One of these words, or nothing."""
    if holder.get(key) is not None and holder[key] not in choices:
        raise errors.bad_value(f"{path} must be one of {', '.join(choices)}.")


def number_at(holder: dict[str, Any], key: str, path: str, least: float, most: float) -> float:
    """A required number in these bounds, or its digits."""
    value = holder.get(key)
    if value is None:
        raise errors.missing_part(f"{path} is required.")
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not least <= number <= most:
        raise errors.bad_value(f"{path} must be a number from {least:g} to {most:g}.")
    return number


def whole_at(holder: dict[str, Any], key: str, path: str, least: int, most: int) -> None:
    """A required whole number in these bounds, or its digits."""
    if not number_at(holder, key, path, least, most).is_integer():
        raise errors.bad_value(f"{path} must be a whole number.")


def unique(values: list[str], path: str) -> None:
    if len(set(values)) != len(values):
        raise errors.bad_value(f"{path} must be unique.")


def url_at(holder: dict[str, Any], key: str, path: str) -> str:
    url = text_at(holder, key, path, LONGEST_URL)
    if not LINK.fullmatch(url):
        raise errors.bad_value(f"{path} must be a web address that begins with http:// or https://.")
    return url


def media_reference(db: Database, waba_id: str, holder: dict[str, Any], path: str) -> str | None:
    """Exactly one of `id` (an uploaded file of this account) and `link` (https); answers the link."""
    has_id, has_link = holder.get("id") is not None, holder.get("link") is not None
    if has_id == has_link:
        raise errors.missing_part(f"{path} needs exactly one of id and link.")
    if has_link:
        link = url_at(holder, "link", f"{path}['link']")
        if not link.lower().startswith("https://"):
            raise errors.bad_value(f"{path}['link'] must begin with https://.")
        return link
    found = media.find(db, text_at(holder, "id", f"{path}['id']"))
    if found is None or found["waba_id"] != waba_id:
        raise errors.bad_value(
            f"Param {path}['id'] is not a valid whatsapp business account media attachment ID."
        )
    return None


def _checked_text(value: Any, path: str, most: int | None) -> str:
    if not isinstance(value, str):
        raise errors.bad_value(f"{path} must be a string.")
    if most is not None and len(value) > most:
        raise errors.bad_value(f"{path} must be at most {most} characters long, it has {len(value)}.")
    return value

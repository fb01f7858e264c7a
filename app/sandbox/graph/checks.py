"""Small checks that message kinds share. Each raises a GraphError that names the parameter."""

from typing import Any
from urllib.parse import urlsplit

from ..database import Database
from ..store import media
from . import errors


def object_at(holder: dict[str, Any], key: str, path: str) -> dict[str, Any]:
    """A required object."""
    value = holder.get(key)
    if value is None:
        raise errors.missing_part(f"{path} is required.")
    if not isinstance(value, dict):
        raise errors.bad_value(f"{path} must be an object.")
    return value


def list_at(holder: dict[str, Any], key: str, path: str, least: int, most: int) -> list[dict[str, Any]]:
    """A required list of objects."""
    value = holder.get(key)
    if value is None:
        raise errors.missing_part(f"{path} is required.")
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise errors.bad_value(f"{path} must be a list of objects.")
    if not least <= len(value) <= most:
        raise errors.bad_value(f"{path} must hold {least} to {most} items, it has {len(value)}.")
    return value


def text_at(holder: dict[str, Any], key: str, path: str, most: int) -> str:
    """A required text."""
    value = holder.get(key)
    if value is None or value == "":
        raise errors.missing_part(f"{path} is required.")
    return _checked_text(value, path, most)


def optional_text_at(holder: dict[str, Any], key: str, path: str, most: int) -> None:
    if holder.get(key) is not None:
        _checked_text(holder[key], path, most)


def unique(values: list[str], path: str) -> None:
    if len(set(values)) != len(values):
        raise errors.bad_value(f"{path} must be unique.")


def url_at(holder: dict[str, Any], key: str, path: str) -> str:
    url = text_at(holder, key, path, 2000)
    if not is_web_address(url):
        raise errors.bad_value(f"{path} must be a web address that begins with http:// or https://.")
    return url


def is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets of IPv6 that do not close
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def media_reference(db: Database, waba_id: str, holder: dict[str, Any], path: str) -> str | None:
    """Exactly one of `id` (an uploaded file of this account) and `link`; answers the link."""
    has_id, has_link = bool(holder.get("id")), bool(holder.get("link"))
    if has_id == has_link:
        raise errors.missing_part(f"{path} needs exactly one of id and link.")
    if has_link:
        return url_at(holder, "link", f"{path}['link']")
    found = media.find(db, str(holder["id"]))
    if found is None or found["waba_id"] != waba_id:
        raise errors.bad_value(
            f"Param {path}['id'] is not a valid whatsapp business account media attachment ID."
        )
    return None


def _checked_text(value: Any, path: str, most: int) -> str:
    if not isinstance(value, str):
        raise errors.bad_value(f"{path} must be a string.")
    if len(value) > most:
        raise errors.bad_value(f"{path} must be at most {most} characters long, it has {len(value)}.")
    return value

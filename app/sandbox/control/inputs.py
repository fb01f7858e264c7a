"""Reading control requests. Whatever is wrong becomes BadInput: 400 with a sentence."""

from typing import Any

from flask import request

from .. import clock, ids, json_text
from ..context import Sandbox
from ..database import Row
from ..digits import whole_number
from ..store import phone_numbers


class BadInput(ValueError):
    """The text says what is wrong and what is wanted."""


def body() -> dict[str, Any]:
    """The JSON object of the request; empty when there is no body."""
    raw = request.get_data()
    if not raw.strip():
        return {}
    try:
        found = json_text.read(raw)
    except ValueError as error:
        raise BadInput("The body is not valid JSON.") from error
    if not isinstance(found, dict):
        raise BadInput("The body must be a JSON object.")
    return found


def known_keys(given: dict[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise BadInput(f"Unknown: {', '.join(unknown)}. Known: {', '.join(known)}.")


def text(given: dict[str, Any], key: str, most: int = 500) -> str:
    """A required text."""
    found = optional_text(given, key, most)
    if not found:
        raise BadInput(f"'{key}' is required.")
    return found


def optional_text(given: dict[str, Any], key: str, most: int = 500) -> str | None:
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise BadInput(f"'{key}' must be a text of at most {most} characters.")
    return value.strip()


def object_(given: dict[str, Any], key: str) -> dict[str, Any]:
    value = given.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput(f"'{key}' must be an object.")
    return value


def objects(given: dict[str, Any], key: str, most: int = 2000) -> list[dict[str, Any]]:
    """A required list of objects."""
    found = given.get(key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise BadInput(f"'{key}' must be a list of objects.")
    if len(found) > most:
        raise BadInput(f"'{key}' may hold {most} at once.")
    return found


def choice(given: dict[str, Any], key: str, values: tuple[str, ...]) -> str:
    value = text(given, key)
    if value not in values:
        raise BadInput(f"'{key}' must be one of {', '.join(values)}.")
    return value


def flag(given: dict[str, Any], key: str, default: bool) -> bool:
    value = given.get(key, default)
    if not isinstance(value, bool):
        raise BadInput(f"'{key}' must be true or false.")
    return value


def count(given: dict[str, Any], key: str, default: int | None, most: int = 1_000_000) -> int | None:
    """A whole number from 1; null means without end where the caller allows it."""
    value = given.get(key, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadInput(f"'{key}' must be a whole number from 1 to {most}.")
    return value


def moment(given: dict[str, Any], key: str) -> float:
    """UNIX seconds, not in the future."""
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= clock.now():
        raise BadInput(f"'{key}' must be UNIX seconds, not in the future.")
    return float(value)


def wa_id(given: dict[str, Any], key: str) -> str:
    """A phone number with country code, as digits."""
    value = text(given, key, 40)
    digits = ids.digits_of(value)
    if not 7 <= len(digits) <= 15 or value.strip("+ -().0123456789"):
        raise BadInput(f"'{key}' must be a phone number with country code, 7 to 15 digits.")
    return digits


def number(sandbox: Sandbox, given: dict[str, Any]) -> Row:
    """The phone number that `phone_number_id` names."""
    phone_number_id = text(given, "phone_number_id")
    found = phone_numbers.find(sandbox.db, phone_number_id)
    if found is None:
        raise BadInput(f"There is no phone number with the id {phone_number_id} in this sandbox.")
    return found


def optional_flag(given: dict[str, Any], key: str) -> bool | None:
    return flag(given, key, False) if given.get(key) is not None else None


def limit(default: int, most: int) -> int:
    """The `limit` of the query."""
    value = request.args.get("limit", str(default))
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= most:
        raise BadInput(f"'limit' must be a whole number from 1 to {most}.")
    return int(value)


def query_number(key: str) -> int | None:
    """A whole number of the query; None when it is left out."""
    value = request.args.get(key)
    if value is None:
        return None
    found = whole_number(value)
    if found is None:
        raise BadInput(f"'{key}' must be a whole number.")
    return found

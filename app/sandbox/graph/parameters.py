"""What a Graph request carries: query, JSON, form or multipart, merged; JSON text inside forms is opened."""

from dataclasses import dataclass, field
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage

from .. import json_text
from ..digits import whole_number
from . import errors

MISSING = object()


@dataclass(frozen=True)
class Parameters:
    """Names to values as sent. Typed reading raises GraphError 100."""

    values: dict[str, Any]
    files: dict[str, FileStorage] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def has(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """None when absent; numbers become text, as in a query."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise errors.GraphError(100, f"Param {name} must be a string.")
        return str(value)

    def required_text(self, name: str) -> str:
        value = self.text(name)
        if value is None or value == "":
            raise errors.required(name)
        return value

    def opened(self, name: str) -> Any:
        """Lists and objects, which stand as JSON text in forms and queries; None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json_text.read(value)
        except ValueError:
            return value

    def structure(self, name: str) -> Any:
        """As `opened`, but a text that is no list and no object stays as it came: "44770" is no number."""
        value = self.values.get(name)
        return self.opened(name) if isinstance(value, str) and value.lstrip()[:1] in ("[", "{") else value

    def words(self, name: str) -> list[str]:
        """A list, given as JSON or comma-separated."""
        value = self.opened(name)
        if value is None or value == "":
            return []
        if isinstance(value, list):
            return [str(item) for item in value]
        return [word.strip() for word in str(value).split(",") if word.strip()]

    def number(self, name: str, default: int, most: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        number = whole_number(text)
        if not number:
            raise errors.GraphError(100, f"Param {name} must be a number greater than or equal to 1.")
        return min(number, most)


def read(request: Request) -> Parameters:
    """Query first, body over it. Malformed JSON is code 100."""
    values: dict[str, Any] = dict(request.args.items())
    if request.method != "GET" and not is_upload(request):
        values |= _body(request)
    return Parameters(values, {} if is_upload(request) else dict(request.files.items()))


def is_upload(request: Request) -> bool:
    """The body of `/upload:…` is the file, whatever its content type says."""
    return request.path.rsplit("/", 1)[-1].startswith("upload:")


def _body(request: Request) -> dict[str, Any]:
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return dict(request.form.items())
    raw = request.get_data()
    if not raw.strip():
        return {}
    try:
        body = json_text.read(raw)
    except ValueError as error:
        raise errors.invalid("The request body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise errors.invalid("The request body must be a JSON object.")
    return body

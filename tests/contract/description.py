"""Meta's own OpenAPI description of the API (v23.0), read once a session from beside the checkout."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parents[3] / "shared" / "cloud-api" / "openapi" / "business-messaging-api_v23.0.yaml"
WEBHOOKS = "/whatsapp/webhooks"
_PARAMETER = re.compile(r"\{([^}]+)\}")


def needed() -> None:
    """Skip, visibly, where Meta's file is not beside the checkout."""
    pytest.importorskip("yaml")
    if not FILE.is_file():
        pytest.skip("Meta's OpenAPI file beside the checkout is absent")


@cache
def document() -> dict[str, Any]:
    """The whole description; about two seconds, so it is kept."""
    import yaml

    with FILE.open(encoding="utf-8") as file:
        read: dict[str, Any] = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return read


@dataclass(frozen=True)
class Operation:
    """One method of one path; `pointer` leads to it in the document, `name` stands in exceptions."""

    method: str
    path: str
    item: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path.removeprefix('/{Version}')}"

    @property
    def spec(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.item[self.method]
        return found

    def query_parameters(self) -> dict[str, Mapping[str, Any]]:
        """By name; what stands twice counts once."""
        listed = [*self.spec.get("parameters", ()), *self.item.get("parameters", ())]
        found = [resolve(one) for one in listed]
        return {one["name"]: one for one in found if one.get("in") == "query"}

    def body(self, content_type: str) -> tuple[Mapping[str, Any] | None, list[str]]:
        """The schema of a body of that type (None: none described), and the types there are."""
        content = resolve(self.spec.get("requestBody", {})).get("content", {})
        return content.get(content_type, {}).get("schema"), [*content]

    def answer(self, status: int) -> tuple[bool, Mapping[str, Any] | None]:
        """Is this status described, and with which schema?"""
        answers = {str(key): value for key, value in self.spec["responses"].items()}
        if str(status) not in answers:
            return False, None
        content = resolve(answers[str(status)]).get("content", {})
        return True, content.get("application/json", {}).get("schema")

    def examples(self) -> dict[str, tuple[str, Any]]:
        """Every example of a request body, by name: its content type and its value."""
        content = resolve(self.spec.get("requestBody", {})).get("content", {})
        found: dict[str, tuple[str, Any]] = {}
        for content_type, media in content.items():
            named = {name: one.get("value") for name, one in media.get("examples", {}).items()}
            alone = {"example": media["example"]} if "example" in media else {}
            found |= {name: (content_type, value) for name, value in (named | alone).items()}
        return found


def resolve(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow `$ref`s of this document."""
    while "$ref" in value:
        found: Any = document()
        for part in str(value["$ref"]).removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


@cache
def operations() -> dict[str, Operation]:
    """All of them by name, such as `POST /{Phone-Number-ID}/messages`."""
    found = [
        Operation(method, path, item)
        for path, item in document()["paths"].items()
        for method in ("get", "post", "delete")
        if method in item
    ]
    return {one.name: one for one in found}


def find(method: str, segments: list[str], kinds: Mapping[str, str]) -> Operation | None:
    """The operation of a call; `kinds` says what each id in the path is (`WABA-ID` …).

    Most nodes share the shape `/{id}`: only by the kind of the id can they be told apart.
    """
    return next((one for one in operations().values() if _fits(one, method, segments, kinds)), None)


def _fits(operation: Operation, method: str, segments: list[str], kinds: Mapping[str, str]) -> bool:
    wanted = operation.path.strip("/").split("/")[1:]
    if operation.method != method.lower() or len(wanted) != len(segments):
        return False
    return all(_segment_fits(one, given, kinds) for one, given in zip(wanted, segments, strict=True))


def _segment_fits(wanted: str, given: str, kinds: Mapping[str, str]) -> bool:
    parameter = _PARAMETER.fullmatch(wanted)
    return wanted == given if parameter is None else _same_kind(parameter[1], kinds.get(given))


# The description has several names for the id of an account.
_SAME = {"WhatsApp-Business-Account-ID": "WABA-ID"}


def _same_kind(name: str, kind: str | None) -> bool:
    return kind is not None and _SAME.get(name, name) == kind


# Names that the description gives twice: where a webhook means the second, its `$ref` leads to the
# first, the message that a business sends.
_MEANT = {
    "BaseMessageProperties": "BaseMessageProperties_1",
    "TextMessage": "TextMessage_2",
    "ReactionMessage": "ReactionMessage_1",
    "AudioMessage": "AudioMessage_1",
    "DocumentMessage": "DocumentMessage_1",
    "ImageMessage": "ImageMessage_1",
    "StickerMessage": "StickerMessage_1",
    "VideoMessage": "VideoMessage_1",
    "LocationMessage": "LocationMessage_1",
    "ContactObject": "ContactObject_1",
    "ErrorObject": "ErrorObject_2",
}
_SCHEMAS = "#/components/schemas/"


@cache
def webhook_schema() -> dict[str, Any]:
    """The body of a webhook, its `$ref`s written out and mended."""
    found: dict[str, Any] = _written_out({"$ref": f"{_SCHEMAS}WebhookPayload"})
    return found


def _written_out(value: Any) -> Any:
    if isinstance(value, list):
        return [_written_out(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        name = str(value["$ref"]).removeprefix(_SCHEMAS)
        return _written_out(document()["components"]["schemas"][_MEANT.get(name, name)])
    return {key: _written_out(one) for key, one in value.items() if key != "discriminator"}


def webhook_examples() -> dict[str, Any]:
    """Meta's own webhook bodies by name."""
    operation = operations()[f"POST {WEBHOOKS}"]
    return {name: value for name, (_, value) in operation.examples().items()}

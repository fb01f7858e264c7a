"""Meta's own library of message templates, whose fixed texts need no review as they are.

Source: Meta docs, "Template library" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, each, node
from app.graph.message_templates import CreatedMessageTemplate, MessageTemplates

_PAGE = 50


@dataclass(frozen=True, slots=True)
class LibraryMessageTemplate:
    """An item of the library. `body_parameter_types` say which values fit: TEXT, DATE, AMOUNT, …"""

    library_id: str
    name: str
    language: str
    category: str
    topic: str | None = None
    use_case: str | None = None
    industries: tuple[str, ...] = ()
    header: str | None = None
    body: str | None = None
    body_parameters: tuple[str, ...] = ()
    body_parameter_types: tuple[str, ...] = ()
    buttons: tuple[dict[str, Any], ...] = ()


class MessageTemplateLibrary:
    """`client.message_template_library`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def each(
        self,
        *,
        search: str | None = None,
        topic: str | None = None,
        use_case: str | None = None,
        industry: str | None = None,
        language: str | None = None,
        name: str | None = None,
    ) -> Iterator[LibraryMessageTemplate]:
        """The items that fit, a page at a time as they are wanted."""
        wanted = {
            "search": search,
            "topic": topic,
            "usecase": use_case,
            "industry": industry,
            "language": language,
            "name": name,
        }
        given = {key: value for key, value in wanted.items() if value is not None}
        for found in each(self._call, "message_template_library", {"limit": _PAGE, **given}):
            yield _library_item(found)

    def create(
        self,
        waba_id: str,
        *,
        name: str,
        language: str,
        library_template_name: str,
        category: str = "UTILITY",
        button_inputs: Sequence[Mapping[str, Any]] = (),
        body_inputs: Mapping[str, object] | None = None,
    ) -> CreatedMessageTemplate:
        """Make a message template of the account out of an item.

        `button_inputs` in the item's order, as Meta's objects; needed where the item has a URL,
        phone or one-time-code button. `body_inputs`: `add_contact_number`, `add_learn_more_link`,
        `add_security_recommendation`, `add_track_package_link`, `code_expiration_minutes`.
        """
        body: dict[str, object] = {
            "name": name,
            "language": language,
            "category": category,
            "library_template_name": library_template_name,
        }
        if button_inputs:
            body["library_template_button_inputs"] = [dict(one) for one in button_inputs]
        if body_inputs:
            body["library_template_body_inputs"] = dict(body_inputs)
        return MessageTemplates(self._call).create(node(waba_id), body)


def _library_item(found: Mapping[str, Any]) -> LibraryMessageTemplate:
    return LibraryMessageTemplate(
        library_id=reading.text(found.get("id")) or "",
        name=reading.text(found.get("name")) or "",
        language=reading.text(found.get("language")) or "",
        category=reading.text(found.get("category")) or "",
        topic=reading.text(found.get("topic")),
        use_case=reading.text(found.get("usecase")),
        industries=reading.texts(found.get("industry")),
        header=reading.text(found.get("header")),
        body=reading.text(found.get("body")),
        body_parameters=reading.texts(found.get("body_params")),
        body_parameter_types=reading.texts(found.get("body_param_types")),
        buttons=tuple(reading.mappings(found.get("buttons"))),
    )

"""Meta's library of message templates: looking into it, and taking one out of it.

Source: Meta docs, "Template library" page, read 2026-09. The texts are Meta's and stay as they are; a link or
a telephone number of a button is the business's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from app.errors import DomainError, FieldProblem, InvalidFields, NotFound
from app.extensions import db
from app.graph.errors import GraphError
from app.graph.message_template_library import LibraryMessageTemplate
from app.graph.message_template_rules import MessageTemplateDraft, Preview, render_preview
from app.models import Account, MessageTemplate, VersionOrigin
from app.models import MessageTemplateStatus as State
from app.queries.access import Actor
from app.services.connections import client_for
from app.services.message_template_text import body_text
from app.services.message_templates.drafting import create_draft
from app.services.message_templates.removing import delete
from app.services.message_templates.submitting import submit
from app.services.message_templates.versions import keep_version
from app.services.meta_refusals import refused

MOST_FOUND = 60
_LONGEST_ADDRESS = 2000
_NUMBER = re.compile(r"\+[0-9][0-9 ]{6,18}", re.ASCII)
_ADDRESS = re.compile(r"https://[^\s{}/]+[^\s{}]*(\{\{1\}\})?", re.IGNORECASE)
_ASKED_FOR = {
    "URL": "Web address that “{}” opens",
    "PHONE_NUMBER": "Telephone number that “{}” calls",
}


@dataclass(frozen=True)
class LibraryFilters:
    """In Meta's words; empty ones are not asked for."""

    search: str = ""
    topic: str = ""
    use_case: str = ""
    industry: str = ""
    language: str = ""


@dataclass(frozen=True)
class Want:
    """What a button needs of the business. `key` names its field."""

    key: str
    kind: str
    label: str
    example: str


@dataclass(frozen=True)
class LibraryItem:
    """An item as it is shown; `obstacle`: why it cannot be taken from here."""

    found: LibraryMessageTemplate
    preview: Preview
    wants: list[Want] = field(default_factory=list)
    obstacle: str = ""


def search_library(account: Account, filters: LibraryFilters) -> list[LibraryItem]:
    """The first that fit. Raises NotReady, RefusedByMeta."""
    given = {name: value for name, value in vars(filters).items() if value}
    return [_shown(found) for found in _ask(account, given, MOST_FOUND)]


def find_item(account: Account, name: str, language: str) -> LibraryItem:
    """Raises NotFound, and what `search_library` raises."""
    found = _ask(account, {"name": name, "language": language}, 5)
    exact = next((one for one in found if (one.name, one.language) == (name, language)), None)
    if exact is None:
        raise NotFound("Meta’s library has no such message template any more. Look again.")
    return _shown(exact)


def use_item(
    *, account: Account, item: LibraryItem, name: str, given: Mapping[str, str], actor: Actor
) -> MessageTemplate:
    """Create it at Meta. `given`: what the business says to each want, by its key.

    Raises InvalidFields, NotReady, RefusedByMeta; nothing is kept then.
    """
    inputs = _inputs(item.wants, given)
    extra: dict[str, Any] = {"library_template_name": item.found.name}
    if inputs:
        extra["library_template_button_inputs"] = inputs
    draft = MessageTemplateDraft(
        name=name, language=item.found.language, category=item.found.category or "UTILITY", extra=extra
    )
    row = create_draft(account=account, draft=draft, actor=actor)
    try:
        submit(message_template=row, actor=actor)
    except DomainError:
        # It has no text of its own: without Meta's yes there is nothing to keep.
        if row.status is State.DRAFT:
            delete(message_template=row, actor=actor)
        raise
    _take_over_text(row)
    return row


def _ask(account: Account, wanted: Mapping[str, str], most: int) -> list[LibraryMessageTemplate]:
    client = client_for(account)
    db.session.commit()
    try:
        return list(islice(client.message_template_library.each(**wanted), most))
    except GraphError as error:
        raise refused(error) from error


def _take_over_text(row: MessageTemplate) -> None:
    """The text as Meta made it; should this fail, the next sync brings it."""
    client, meta_id = client_for(row.account), row.meta_id
    db.session.commit()
    if meta_id is None:
        return
    try:
        found = client.message_templates.get(meta_id)
    except GraphError:
        return
    db.session.refresh(row, with_for_update=True)
    row.components = list(found.components)
    row.body_text = body_text(row.components)
    row.parameter_format = found.parameter_format
    keep_version(row, VersionOrigin.META)
    db.session.commit()


def _shown(found: LibraryMessageTemplate) -> LibraryItem:
    components: list[dict[str, Any]] = []
    if found.header:
        components.append({"type": "HEADER", "format": "TEXT", "text": found.header})
    components.append({"type": "BODY", "text": found.body or ""})
    if found.buttons:
        components.append({"type": "BUTTONS", "buttons": list(found.buttons)})
    samples = {f"body.{index}": text for index, text in enumerate(found.body_parameters, start=1)}
    kinds = [str(button.get("type") or "") for button in found.buttons]
    is_code = "OTP" in kinds
    return LibraryItem(
        found,
        render_preview(components, samples),
        [_want(index, button) for index, button in enumerate(found.buttons) if _is_asked(button)],
        "One-time codes are set up in the editor, with the app they are for." if is_code else "",
    )


def _is_asked(button: Mapping[str, Any]) -> bool:
    return button.get("type") in _ASKED_FOR


def _want(index: int, button: Mapping[str, Any]) -> Want:
    kind = str(button["type"])
    label = _ASKED_FOR[kind].format(button.get("text") or "the button")
    return Want(f"button-{index}", kind, label, str(button.get("url") or button.get("phone_number") or ""))


def _inputs(wants: Sequence[Want], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Meta's objects, in order. A `{{1}}` at an address's end is what differs from message to message."""
    problems: list[FieldProblem] = []
    inputs: list[dict[str, Any]] = []
    for want in wants:
        value = given.get(want.key, "").strip()
        problem = _problem(want, value)
        if problem:
            problems.append(FieldProblem(want.key, problem))
        elif want.kind == "PHONE_NUMBER":
            inputs.append({"type": want.kind, "phone_number": value})
        else:
            url = {"base_url": value} | (
                {"url_suffix_example": value.replace("{{1}}", "example")} if value.endswith("{{1}}") else {}
            )
            inputs.append({"type": want.kind, "url": url})
    if problems:
        raise InvalidFields(problems)
    return inputs


def _problem(want: Want, value: str) -> str:
    if not value:
        return "This is missing."
    if want.kind == "PHONE_NUMBER":
        return "" if _NUMBER.fullmatch(value) else "Write it with its country code, such as +12025550100."
    if not _ADDRESS.fullmatch(value) or len(value) > _LONGEST_ADDRESS:
        return "Write the whole address, beginning with https://. A {{1}} may stand at its very end."
    return ""

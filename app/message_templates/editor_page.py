"""What the editor's page shows: the sheet, what is to be said about it, and what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import url_for

from app.errors import FieldProblem
from app.message_templates.blueprint import blueprint
from app.message_templates.sheet_form import CATEGORIES, HEADERS, carried
from app.message_templates.steps import settle
from app.models import Account, Contact, MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import accounts as account_queries
from app.queries import message_templates as queries
from app.queries.contact_lists import list_latest
from app.queries.flows import list_published
from app.services.message_template_text import Preview, show
from app.services.message_templates import LANGUAGES
from app.services.message_templates.lint import Finding, Problem, lint
from app.services.message_templates.places import place_of
from app.services.message_templates.sample_files import KINDS as FILE_KINDS
from app.services.message_templates.sample_files import accepted_types, file_id_of
from app.services.message_templates.sheet_buttons import FIXED_LABELS, KINDS
from app.services.message_templates.sheets import SHAPES, Sheet, list_variables, to_draft
from app.web.identity import current_actor

MANAGE = "message_templates.manage"
SHAPE_WORDS = {
    "standard": "Message",
    "carousel": "Carousel of cards",
    "offer": "Limited-time offer",
    "call": "Asking to call",
}
HEADER_WORDS = {
    "": "None",
    "TEXT": "Text",
    "IMAGE": "Image",
    "VIDEO": "Video",
    "DOCUMENT": "Document",
    "LOCATION": "Location",
    "PRODUCT": "Product",
    "GIF": "GIF",
}
_CARD_HEADERS = ("IMAGE", "VIDEO", "PRODUCT")
_CARD_BUTTONS = ("QUICK_REPLY", "URL", "PHONE_NUMBER", "SPM")
_ONLY_MARKETING = ("COPY_CODE", "CATALOG", "MPM", "SPM")
_CONTACTS = 12
_FIRST_NAME = ("1", "name", "first_name", "customer", "customer_name")


@dataclass(frozen=True)
class Editor:
    """The page. `row`: None for a new one; `seen`: the revision it is based on; `focus`: where to go on;
    `shows_errors`: at the fields too, after somebody tried to send it."""

    sheet: Sheet
    account: Account
    row: MessageTemplate | None
    seen: int
    contact: Contact | None = None
    notes: list[str] = field(default_factory=list)
    refused: list[FieldProblem] = field(default_factory=list)
    """What a service or Meta said of its fields, by Meta's paths."""
    focus: str = ""
    shows_errors: bool = False
    is_conflict: bool = False
    has_change: bool = False
    findings: list[Finding] = field(default_factory=list)

    shapes = {name: SHAPE_WORDS[name] for name in SHAPES}
    categories = CATEGORIES
    languages = LANGUAGES
    fixed_labels = FIXED_LABELS
    button_words = KINDS

    @property
    def is_at_meta(self) -> bool:
        return self.row is not None and self.row.status is not State.DRAFT

    @property
    def is_begun(self) -> bool:
        return bool(self.sheet.name or self.sheet.main.body or self.sheet.is_login)

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_error]

    def at(self, place: str) -> list[str]:
        """What is wrong with a field, once that is to be said there."""
        if not self.shows_errors:
            return []
        return [finding.problem.message for finding in self.errors if finding.place == place]

    @property
    def variables(self) -> list[tuple[str, str]]:
        return list_variables(self.sheet)

    @property
    def headers(self) -> dict[str, str]:
        """What a header may be, for this kind and category."""
        barred = {"GIF"} if self.sheet.category != "MARKETING" else set()
        barred |= {"DOCUMENT", "LOCATION", "PRODUCT", "TEXT", "GIF"} if self.sheet.shape == "offer" else set()
        kept = self.sheet.main.header
        return {name: HEADER_WORDS[name] for name in HEADERS if name not in barred or name == kept}

    @property
    def card_headers(self) -> dict[str, str]:
        return {name: HEADER_WORDS[name] for name in _CARD_HEADERS}

    @property
    def addable(self) -> dict[str, str]:
        """Kinds of buttons that can be added."""
        barred = _ONLY_MARKETING if self.sheet.category != "MARKETING" else ()
        return {name: words for name, words in KINDS.items() if name not in barred}

    @property
    def addable_on_cards(self) -> dict[str, str]:
        return {name: KINDS[name] for name in _CARD_BUTTONS}

    @property
    def flows(self) -> list[tuple[str, str]]:
        found = list_published(current_actor().scope(MANAGE))
        own = [(flow.meta_id or "", flow.name) for flow in found if flow.account_id == self.account.id]
        kept = {button.flow_id for button in self.sheet.main.buttons if button.flow_id}
        return [*own, *((id_, f"Flow {id_}") for id_ in sorted(kept - {id_ for id_, _ in own}))]

    @property
    def siblings(self) -> list[MessageTemplate]:
        """All languages of it that there are, this one too."""
        if self.row is None:
            return []
        rows = queries.list_by_names(self.account.id, [self.row.name])
        return sorted((row for row in rows if row.status is not State.DELETED), key=lambda row: row.language)

    @property
    def free_languages(self) -> dict[str, str]:
        taken = {row.language for row in self.siblings}
        return {code: name for code, name in LANGUAGES.items() if code not in taken}

    @property
    def accounts(self) -> list[tuple[int, str]]:
        found = account_queries.list_accounts(current_actor().scope(MANAGE))
        return [(account.id, account.name) for account in found]

    @property
    def contacts(self) -> list[Contact]:
        return list_latest(self.account.id, _CONTACTS)

    @property
    def preview(self) -> Preview:
        draft = to_draft(self.sheet)
        values: dict[str, Any] = {key: value for key, value in self.sheet.samples.items() if value}
        for prefix, part in self.sheet.parts:
            for number, button in enumerate(part.buttons):
                values[f"{prefix}button.{number}.url"] = button.example
        if self.contact is not None:
            values |= _values_of(self.contact, self.variables)
        return show(draft.components, values)

    @property
    def business_name(self) -> str:
        """As it will stand above the message."""
        return self.account.business_name or self.account.name

    @staticmethod
    def carried(value: Mapping[str, Any] | list[Any]) -> str:
        return carried(value)

    @staticmethod
    def accepts(header: str) -> str:
        return accepted_types(header) if header in FILE_KINDS else ""


def _values_of(contact: Contact, variables: list[tuple[str, str]]) -> dict[str, str]:
    """What a real customer's message would have in the variables whose meaning is clear."""
    name = contact.display_name
    known = dict.fromkeys(_FIRST_NAME, name.split()[0] if name.split() else name)
    known |= {"full_name": name, "phone": contact.wa_id or "", "phone_number": contact.wa_id or ""}
    return {key: known[variable] for key, variable in variables if known.get(variable)}


def build(editor: Editor) -> Editor:
    """With all that is to be said about its sheet."""
    settled = replace(editor, sheet=settle(editor.sheet))
    draft = to_draft(settled.sheet)
    found = lint(draft, editor.account.id, editor.row)
    known = {finding.problem.message for finding in found}
    refused = [
        Finding(Problem(one.field, one.message), place_of(one.field, draft, settled.sheet))
        for one in editor.refused
        if one.message not in known
    ]
    return replace(settled, findings=[*refused, *found])


@blueprint.app_template_global("sample_src")
def sample_src(handle: str) -> str:
    """Where a browser finds a sample file; empty for one that is not kept here."""
    file_id = file_id_of(handle)
    return url_for("message_templates.sample", file_id=file_id) if file_id is not None else ""

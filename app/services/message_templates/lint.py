"""All that can be said about a message template before Meta sees it: Meta's rules, what the account already
has, and advice. One set of findings for the editor, the API, import and files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.graph.message_template_rules import MessageTemplateDraft
from app.graph.problems import Problem
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.services.message_templates import fixes
from app.services.message_templates.advice import advise
from app.services.message_templates.places import place_of
from app.services.message_templates.quotas import edit_quota, name_lock
from app.services.message_templates.rows import check
from app.services.message_templates.sheets import Sheet, sheet_of

__all__ = ["Finding", "Problem", "lint"]


@dataclass(frozen=True)
class Finding:
    """A problem, the editor's field it is about, and the fix that one click makes (or empty)."""

    problem: Problem
    place: str
    fix: str = ""

    @property
    def is_error(self) -> bool:
        return self.problem.severity == "error"

    @property
    def fix_words(self) -> str:
        return fixes.WORDS.get(self.fix, "")


def lint(
    draft: MessageTemplateDraft, account_id: int | None = None, row: MessageTemplate | None = None
) -> list[Finding]:
    """Errors first. `account_id`: compare with what that account has; `row`: what is being edited."""
    sheet = sheet_of(draft)
    found = [_finding(problem, place_of(problem.field, draft, sheet), sheet) for problem in check(draft)]
    if account_id is not None:
        found += [_finding(problem, problem.field, sheet) for problem in _beside(draft, account_id, row)]
    found += [_finding(problem, place, sheet) for place, problem in advise(sheet)]
    return sorted(found, key=lambda finding: not finding.is_error)


def _finding(problem: Problem, place: str, sheet: Sheet) -> Finding:
    return Finding(problem, place, fixes.fix_for(problem.code, place, sheet))


def _beside(draft: MessageTemplateDraft, account_id: int, own: MessageTemplate | None) -> Iterator[Problem]:
    """Against the other message templates of the account, and what was done to them."""
    own_id = own.id if own is not None else None
    if own is None or own.status is State.DRAFT:
        yield from _locked(draft, account_id)
    elif (next_at := edit_quota(own).next_at) is not None:
        said = f"Meta takes the next change of it on {_moment(next_at)}; until then it can be kept here."
        yield Problem("", said, "edit_quota")
    named = [row for row in queries.list_by_names(account_id, [draft.name]) if row.id != own_id]
    live = [row for row in named if row.status is not State.DELETED]
    if any(row.language == draft.language for row in live):
        yield Problem("name", "This name is taken in this language. Choose another one.", "name_taken")
    at_meta = {row.category for row in live if row.status is not State.DRAFT}
    if at_meta and draft.category not in at_meta:
        said = (
            f"Its other languages are {' and '.join(sorted(at_meta)).lower()}; Meta wants the same for all."
        )
        yield Problem("category", said, "category_differs")
    if draft.category != "AUTHENTICATION" and _is_double(draft, account_id, own_id):
        said = "Another template has the same text. Meta rejects doubles; change the body or the footer."
        yield Problem("body", said, "duplicate_content")


def _locked(draft: MessageTemplateDraft, account_id: int) -> Iterator[Problem]:
    until = name_lock(account_id, draft.name, draft.language)
    if until is not None:
        said = (
            "One of this name and language was deleted after it had been approved. Meta keeps the name "
            f"locked until {_moment(until)}; choose another one."
        )
        yield Problem("name", said, "name_locked")


def _moment(at: datetime) -> str:
    return f"{at:%-d %B, %H:%M} UTC"


def _is_double(draft: MessageTemplateDraft, account_id: int, own_id: int | None) -> bool:
    text, footer = _words(draft.components)
    if not text:
        return False
    same = queries.list_by_body(account_id, text)
    return any(
        row.id != own_id
        and row.status not in (State.DELETED, State.DRAFT)
        and (row.name, row.language) != (draft.name, draft.language)
        and _words(row.components) == (text, footer)
        for row in same
    )


def _words(components: list[Any]) -> tuple[str, str]:
    """(body, footer)"""
    by_type = {str(part.get("type", "")).upper(): part for part in components if isinstance(part, dict)}
    body, footer = (str(by_type.get(kind, {}).get("text") or "") for kind in ("BODY", "FOOTER"))
    return body, footer

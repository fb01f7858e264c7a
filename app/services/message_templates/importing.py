"""Taking message templates out of a file, or out of another account: first what would come of it, then
drafts. Nothing goes to Meta, and either all of it is kept or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.errors import ChangedMeanwhile
from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.graph.problems import Problem
from app.models import Account, MessageTemplate, VersionOrigin
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries
from app.queries.access import Actor
from app.services.message_templates.families import FamilySettings, write_family
from app.services.message_templates.family_files import NamedSettings, read_families
from app.services.message_templates.needs import (
    Belongings,
    belongings_of,
    missing_parts,
    without_foreign_files,
)
from app.services.message_templates.reading import Entry, File
from app.services.message_templates.rows import draft_of, record, write
from app.services.message_templates.versions import keep_version


class Fate(StrEnum):
    """What would become of an entry."""

    NEW = "new"
    SAME = "same"
    """It is here already, word for word."""
    DIFFERS = "differs"
    """There is a draft of this name and language with another text."""
    TAKEN = "taken"
    """One of this name and language is at Meta."""
    TWICE = "twice"
    """It stands in the file before, with another text."""
    UNUSABLE = "unusable"


@dataclass(frozen=True)
class Planned:
    """An entry with its fate. `problems`: those of the text, and what it needs that is not here."""

    entry: Entry
    fate: Fate
    problems: list[Problem]
    row: MessageTemplate | None = None

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def is_taken_over(self, *, overwrite: bool) -> bool:
        return self.fate is Fate.NEW or (overwrite and self.fate is Fate.DIFFERS)


@dataclass(frozen=True)
class Plan:
    """What an import would do. `overwrite`: drafts that differ get the file's text."""

    planned: list[Planned]
    families: list[NamedSettings] = field(default_factory=list)
    family_problems: list[Problem] = field(default_factory=list)
    overwrite: bool = False

    @property
    def taken_over(self) -> list[Planned]:
        return [one for one in self.planned if one.is_taken_over(overwrite=self.overwrite)]

    def count(self, fate: Fate) -> int:
        return sum(one.fate is fate for one in self.planned)


def plan_import(account_id: int, file: File, *, overwrite: bool = False) -> Plan:
    """Reads only."""
    names = {entry.name for entry in file.entries if entry.draft is not None}
    rows = {(row.name, row.language): row for row in queries.list_by_names(account_id, names)}
    seen: dict[tuple[str, str], MessageTemplateDraft] = {}
    has = belongings_of(account_id)
    planned = [_plan_one(has, entry, rows, seen) for entry in file.entries]
    settings, problems = read_families(file.families)
    return Plan(planned, settings, problems, overwrite)


def import_drafts(*, account: Account, plan: Plan, actor: Actor) -> list[MessageTemplate]:
    """Make the drafts of a plan; the settings of names that are new here come with them.

    Raises ChangedMeanwhile, and nothing is kept, when somebody was faster with one of the names.
    """
    account_id = account.id
    has, known = belongings_of(account_id), queries.list_by_names(account_id, _names(plan))
    before = {row.name for row in known if row.status is not State.DELETED}
    try:
        made = [_keep(account_id, one, has, actor) for one in plan.taken_over]
        db.session.flush()
        for row in made:
            keep_version(row, VersionOrigin.IMPORTED, actor)
            record(actor, "message_template.imported", row)
        _keep_families(account_id, plan, made, before, actor)
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise ChangedMeanwhile(
            "Somebody made one of these message templates meanwhile. Nothing was saved. Look again."
        ) from error
    return made


def _plan_one(
    has: Belongings,
    entry: Entry,
    rows: dict[tuple[str, str], MessageTemplate],
    seen: dict[tuple[str, str], MessageTemplateDraft],
) -> Planned:
    if entry.draft is None:
        return Planned(entry, Fate.UNUSABLE, entry.problems)
    draft, key = entry.draft, (entry.name, entry.language)
    problems = [*entry.problems, *missing_parts(has, draft.components)]
    row = rows.get(key)
    if key in seen:
        is_repeated = _is_same(draft, seen[key])
        return Planned(entry, Fate.SAME if is_repeated else Fate.TWICE, problems, row)
    seen[key] = draft
    if row is None or row.status is State.DELETED:
        return Planned(entry, Fate.NEW, problems, row)
    if _is_same(draft_of(row), draft):
        return Planned(entry, Fate.SAME, problems, row)
    return Planned(entry, Fate.DIFFERS if row.status is State.DRAFT else Fate.TAKEN, problems, row)


def _is_same(one: MessageTemplateDraft, other: MessageTemplateDraft) -> bool:
    return _whole(one) == _whole(other)


def _whole(draft: MessageTemplateDraft) -> dict[str, Any]:
    return replace(draft, parameter_format=draft.parameter_format or "POSITIONAL").to_body()


def _keep(account_id: int, one: Planned, has: Belongings, actor: Actor) -> MessageTemplate:
    """A new draft; a deleted row of this name is used again, as with a draft that is written by hand."""
    draft = one.entry.draft
    if draft is None:
        raise ValueError("an entry without a draft cannot be kept")
    row = one.row
    if row is None:
        row = MessageTemplate(account_id=account_id)
        db.session.add(row)
    write(row, replace(draft, components=without_foreign_files(has, draft.components)))
    row.status = State.DRAFT
    row.meta_id = None
    row.created_by_id = actor.user.id if actor.user else None
    row.rejected_reason = row.quality_score = ""
    row.submitted_at = row.status_changed_at = row.last_synced_at = None
    row.revision = (row.revision or 0) + 1
    return row


def _names(plan: Plan) -> set[str]:
    return {one.entry.name for one in plan.taken_over}


def _keep_families(
    account_id: int, plan: Plan, made: list[MessageTemplate], before: set[str], actor: Actor
) -> None:
    """Names that were here before keep their settings, unless the file is to overwrite them."""
    by_name = {row.name: row for row in made}
    languages: dict[str, set[str]] = {}
    for row in queries.list_by_names(account_id, by_name):
        languages.setdefault(row.name, set()).add(row.language)
    for named in plan.families:
        if named.name in by_name and (named.name not in before or plan.overwrite):
            settings = _fitting(named.settings, languages[named.name])
            write_family(account_id, named.name, settings, actor, object_id=by_name[named.name].id)


def _fitting(settings: FamilySettings, languages: set[str]) -> FamilySettings:
    """A fallback that did not come along is none."""
    if settings.fallback_language in languages:
        return settings
    return replace(settings, fallback_language="")


def path_of(entry: Entry, problem: Problem) -> str:
    """`message_templates[3].components[0].text`"""
    return ".".join(part for part in (entry.path, problem.field) if part)

"""Message templates beside their rows: checks without saving, files, what all languages of a name share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import INCLUDE, RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.schemas.message_template_files import (
    ExportQuery,
    FamilyIn,
    FamilyOut,
    LintIn,
    LintOut,
    MessageTemplateFile,
    MessageTemplateImportIn,
    MessageTemplateImportOut,
)
from app.api.views.message_templates import filters_of
from app.models import MessageTemplate, Role
from app.queries import message_template_families as family_queries
from app.queries import message_templates as queries
from app.queries.accounts import get_account
from app.services.message_templates.exporting import write_export
from app.services.message_templates.families import FamilySettings, set_family, settings_of
from app.services.message_templates.importing import Planned, import_drafts, plan_import
from app.services.message_templates.reading import Problem, judge, read_parsed
from app.web.identity import current_actor
from app.web.responses import stream

_TAGS = ["Message templates"]
_EXPORT: dict[int | str, Any] = {
    200: {
        "description": "The file, written while it is read.",
        "content": {"application/json": {"schema": MessageTemplateFile}},
    }
}


@blueprint.post("/templates/lint/")
@allowed("message_templates.view")
@blueprint.input(LintIn, location="json", unknown=INCLUDE)
@blueprint.output(LintOut)
@blueprint.doc(tags=_TAGS)
def lint_template(json_data: dict[str, Any]) -> dict[str, Any]:
    """Check a message template without saving it

    Takes a body of Meta's create call and answers 200 with all that Meta would refuse (errors) or may
    refuse (warnings), as far as it can be known before. `submit_for_approval/` checks the same, with the
    same codes in `details.problems`.
    """
    return {"problems": _problems(judge(json_data, "").problems)}


@blueprint.get("/templates/export/")
@allowed("message_templates.view")
@blueprint.input(ExportQuery, location="query", unknown=RAISE)
@blueprint.doc(tags=_TAGS, responses=_EXPORT)
def export_templates(query_data: dict[str, Any]) -> Response:
    """Export message templates

    All languages of each name of which one fits the filters, as bodies of Meta's create call, with what
    the languages of a name share. `import/` takes the answer as it is.
    """
    scope = current_actor().scope("message_templates.view")
    parts = write_export(scope, filters_of(query_data), query_data.get("name", ""))
    return stream(parts, "application/json")


@blueprint.post("/templates/import/")
@allowed("message_templates.manage")
@blueprint.input(MessageTemplateImportIn, location="json")
@blueprint.output(MessageTemplateImportOut)
@blueprint.doc(tags=_TAGS)
def import_templates(json_data: dict[str, Any]) -> dict[str, Any]:
    """Import message templates

    Makes drafts, of which Meta hears nothing. Everything is made, or nothing; what cannot be a draft is named
    and left out. With `dry_run` it is only said what would come of it.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope("message_templates.manage"))
    is_trial = json_data.get("dry_run", False)
    plan = plan_import(
        account.id, read_parsed(json_data["file"]), overwrite=json_data.get("overwrite", False)
    )
    made = [] if is_trial else import_drafts(account=account, plan=plan, actor=current_actor())
    ids = {(row.name, row.language): row.id for row in made}
    return {
        "dry_run": is_trial,
        "made": len(plan.taken_over),
        "entries": [_entry(one, ids) for one in plan.planned],
        "problems": _problems(plan.family_problems),
    }


@blueprint.get("/templates/<int:template_id>/family/")
@allowed("message_templates.view", template=queries.get_message_template)
@blueprint.output(FamilyOut)
@blueprint.doc(tags=_TAGS)
def show_template_family(template: MessageTemplate) -> dict[str, Any]:
    """Show what all languages of a name share

    Tags, who may send it, and the language for customers of other languages.
    """
    return _family(template)


@blueprint.put("/templates/<int:template_id>/family/")
@allowed("message_templates.manage", template=queries.get_message_template)
@blueprint.input(FamilyIn, location="json")
@blueprint.output(FamilyOut)
@blueprint.doc(tags=_TAGS)
def set_template_family(template: MessageTemplate, json_data: dict[str, Any]) -> dict[str, Any]:
    """Set what all languages of a name share

    It holds for every language of the name, whichever of them the address names.
    """
    settings = FamilySettings(
        tuple(json_data["tags"]), Role(json_data["least_role"]), json_data["fallback_language"]
    )
    set_family(message_template=template, settings=settings, actor=current_actor())
    return _family(template)


def _family(row: MessageTemplate) -> dict[str, Any]:
    settings = settings_of(row.account_id, row.name)
    return {
        "waba_account_id": row.account_id,
        "name": row.name,
        **vars(settings),
        "languages": family_queries.list_variants(row.account_id, row.name),
    }


def _entry(one: Planned, ids: dict[tuple[str, str], int]) -> dict[str, Any]:
    known = one.row.id if one.row is not None else None
    return {
        "path": one.entry.path,
        "name": one.entry.name,
        "language": one.entry.language,
        "fate": one.fate,
        "template_id": ids.get((one.entry.name, one.entry.language), known),
        "problems": _problems(one.problems),
    }


def _problems(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """What a problem does not have is left out."""
    return [
        {name: value for name, value in asdict(problem).items() if value is not None} for problem in problems
    ]

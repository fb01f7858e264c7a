"""Beginning with a message template of our own writing."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import FieldProblem, InvalidFields
from app.models import Account, MessageTemplate
from app.queries.access import Actor
from app.services.message_templates.importing import Fate, import_drafts, plan_import
from app.services.message_templates.reading import File, judge
from app.services.starting_message_templates import StartingMessageTemplate


def start_with(
    *,
    account: Account,
    starting: StartingMessageTemplate,
    name: str,
    languages: Sequence[str],
    actor: Actor,
) -> list[MessageTemplate]:
    """A draft in each of these languages, all or none. Raises InvalidFields, ChangedMeanwhile."""
    bodies = [starting.draft(language, name).to_body() for language in languages]
    plan = plan_import(account.id, File([judge(body, "") for body in bodies]))
    if plan.count(Fate.UNUSABLE):
        text = "Use small letters, digits and underscores only, such as order_update."
        raise InvalidFields([FieldProblem("name", text)])
    taken = [one.entry.language for one in plan.planned if one.fate is not Fate.NEW]
    if taken:
        text = f"There is already a message template “{name}” in: {', '.join(taken)}. Choose another name."
        raise InvalidFields([FieldProblem("name", text)])
    return import_drafts(account=account, plan=plan, actor=actor)

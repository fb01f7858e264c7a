"""What all languages of a name share: tags, who may send it by hand, and the language for everybody else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.errors import ChangedMeanwhile, FieldProblem, InvalidFields, NotAllowed
from app.extensions import db
from app.models import MessageTemplate, MessageTemplateFamily, MessageTemplateTag, Role
from app.models.roles import roles_above
from app.queries import message_template_families as queries
from app.queries.access import Actor
from app.services import audit

MOST_TAGS = 20
LONGEST_TAG = 40
LEAST_ROLES = (Role.AGENT, Role.MANAGER, Role.OWNER)
"""Viewers send nothing."""
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_WHO = {
    Role.MANAGER: "managers and owners",
    Role.OWNER: "owners",
}


@dataclass(frozen=True)
class FamilySettings:
    """`tags` in any order and spelling; see `read_tags`."""

    tags: tuple[str, ...] = ()
    least_role: Role = Role.AGENT
    fallback_language: str = ""


def settings_of(account_id: int, name: str) -> FamilySettings:
    """How a name is set; nothing in particular while nobody has set anything."""
    row = queries.find_family(account_id, name)
    if row is None:
        return FamilySettings()
    return FamilySettings(tuple(queries.list_tags_of(row.id)), row.least_role, row.fallback_language)


def read_tags(words: Iterable[str]) -> tuple[str, ...]:
    """Small letters, single spaces, each once, sorted: "Claims" and "claims " are one tag."""
    return tuple(sorted({" ".join(word.split()).lower() for word in words if word.strip()}))


def set_family(
    *, message_template: MessageTemplate, settings: FamilySettings, actor: Actor
) -> FamilySettings:
    """Set it for all languages of this one's name. Raises InvalidFields."""
    account_id, name = message_template.account_id, message_template.name
    languages = {row.language for row in queries.list_variants(account_id, name)}
    problems = check_settings(settings, languages)
    if problems:
        raise InvalidFields(problems)
    object_id = message_template.id
    try:
        write_family(account_id, name, settings, actor, object_id=object_id)
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise ChangedMeanwhile from error
    return settings_of(account_id, name)


def check_settings(settings: FamilySettings, languages: Iterable[str]) -> list[FieldProblem]:
    """`languages`: those that there are of the name."""
    problems: list[FieldProblem] = []
    tags = read_tags(settings.tags)
    if len(tags) > MOST_TAGS:
        problems.append(FieldProblem("tags", f"At most {MOST_TAGS} tags."))
    if any(len(tag) > LONGEST_TAG for tag in tags):
        problems.append(FieldProblem("tags", f"A tag has at most {LONGEST_TAG} characters."))
    if any("," in tag or _UNSTORABLE.search(tag) for tag in tags):
        problems.append(FieldProblem("tags", "A tag has letters, digits, spaces and signs, but no comma."))
    if settings.least_role not in LEAST_ROLES:
        problems.append(FieldProblem("least_role", "Choose agents, managers or owners."))
    if settings.fallback_language and settings.fallback_language not in set(languages):
        text = "There is no such language of this message template."
        problems.append(FieldProblem("fallback_language", text))
    return problems


def write_family(
    account_id: int, name: str, settings: FamilySettings, actor: Actor, *, object_id: int
) -> bool:
    """Write what differs, with an audit entry; whether anything did. The caller has checked, and commits."""
    before = settings_of(account_id, name)
    after = FamilySettings(read_tags(settings.tags), settings.least_role, settings.fallback_language)
    if before == after:
        return False
    row = queries.find_family(account_id, name)
    if row is None:
        row = MessageTemplateFamily(account_id=account_id, name=name)
        db.session.add(row)
    row.least_role, row.fallback_language = after.least_role, after.fallback_language
    db.session.flush()
    db.session.execute(delete(MessageTemplateTag).where(MessageTemplateTag.family_id == row.id))
    db.session.add_all(MessageTemplateTag(family_id=row.id, tag=tag) for tag in after.tags)
    old, new = _values(before), _values(after)
    audit.record(
        actor,
        "message_template.family_changed",
        account_id=account_id,
        object_type="message_template",
        object_id=object_id,
        details={
            "name": name,
            **audit.differences((key for key in old if old[key] != new[key]), old, new),
        },
    )
    return True


def require_role(actor: Actor, account_id: int, name: str) -> None:
    """Raises NotAllowed when the name is kept for roles above the actor's in this account."""
    role = actor.role_in(account_id)
    if role is Role.OWNER:
        return
    row = queries.find_family(account_id, name)
    if row is not None and row.least_role in roles_above(role):
        who = _WHO.get(row.least_role, "agents, managers and owners")
        raise NotAllowed(
            f"Only {who} may send the message template “{name}”. Nothing was sent. "
            "Ask one of them, or choose another one."
        )


def _values(settings: FamilySettings) -> dict[str, object]:
    return {
        "tags": list(settings.tags),
        "least_role": settings.least_role.value,
        "fallback_language": settings.fallback_language,
    }

"""Changes of message templates that are at Meta, as far as they are written: kept until they are sent."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from app.errors import ChangedMeanwhile, NotReady
from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.models import MessageTemplate, MessageTemplateChange, User
from app.models import MessageTemplateStatus as State
from app.queries import message_template_versions as queries
from app.queries.access import Actor
from app.services.message_templates.rows import record, write


def change_of(row: MessageTemplate) -> MessageTemplateChange | None:
    return queries.find_change(row)


def text_of_change(row: MessageTemplate, change: MessageTemplateChange) -> MessageTemplate:
    """The message template as it would be with it; no row of any table."""
    text = MessageTemplate(name=row.name, language=row.language)
    write(text, MessageTemplateDraft.from_body(change.body))
    return text


def is_outdated(row: MessageTemplate) -> bool:
    """Whether Meta has had another text since the change was last saved."""
    change = change_of(row)
    return change is not None and queries.find_newer_text(row, change) is not None


def save_change(
    *, message_template: MessageTemplate, draft: MessageTemplateDraft, actor: Actor, seen: int | None = None
) -> MessageTemplateChange:
    """Keep what is written so far. `seen`: the revision it is based on, 0 for none.

    Raises ChangedMeanwhile when somebody saved since, NotReady for a draft (that is saved as it is).
    """
    if message_template.status is State.DRAFT:
        raise NotReady("This message template is a draft; its text is saved as it is.")
    change = change_of(message_template)
    if change is not None and seen is not None and seen != change.revision:
        own_id = actor.user.id if actor.user else None
        if change.saved_by_id != own_id or own_id is None:
            raise changed_by(change.saved_by_id)
    if change is None:
        change = MessageTemplateChange(message_template_id=message_template.id, revision=0)
        db.session.add(change)
    change.body = draft.to_body()
    change.revision += 1
    change.saved_by_id = actor.user.id if actor.user else None
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise ChangedMeanwhile from error
    return change


def changed_by(user_id: int | None) -> ChangedMeanwhile:
    """Says who it was."""
    user = db.session.get(User, user_id) if user_id is not None else None
    who = user.display_name if user is not None else "Somebody else"
    return ChangedMeanwhile(f"{who} has saved another text meanwhile. Yours is not saved yet.")


def discard(*, message_template: MessageTemplate, actor: Actor) -> None:
    """Forget what was written and not sent, by a person's choice."""
    discard_change(message_template)
    record(actor, "message_template.change_discarded", message_template)
    db.session.commit()


def discard_change(message_template: MessageTemplate) -> None:
    """Forget what was written and not sent. The caller commits."""
    change = change_of(message_template)
    if change is not None:
        db.session.delete(change)

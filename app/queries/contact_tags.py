"""Which tags there are."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Contact, ContactTag
from app.queries.access import AccountScope

MOST = 200


def list_tags(scope: AccountScope) -> list[str]:
    """Those of contacts in the scope, by name; from one to the next along the index, not by reading all."""
    first = select(func.min(ContactTag.tag).label("tag")).cte("tags", recursive=True)
    later = aliased(ContactTag)
    step = select(func.min(later.tag)).where(later.tag > first.c.tag).scalar_subquery()
    tags = first.union_all(select(step).where(first.c.tag.is_not(None)))
    statement = select(tags.c.tag).where(tags.c.tag.is_not(None)).limit(MOST)
    if scope.ids is not None:
        here = (
            select(ContactTag.contact_id)
            .join(Contact, Contact.id == ContactTag.contact_id)
            .where(ContactTag.tag == tags.c.tag, scope.covers(Contact.account_id))
            .correlate(tags)
            .exists()
        )
        statement = statement.where(here)
    return list(db.session.scalars(statement))

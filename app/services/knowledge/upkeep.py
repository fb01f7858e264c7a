"""What a worker does for the knowledge bases: files that wait, and articles that are not in step."""

from __future__ import annotations

from sqlalchemy import and_, or_, select

from app.extensions import db
from app.models import Account, KnowledgeArticle, KnowledgeBase
from app.queries.access import EVERYTHING
from app.queries.accounts import get_account
from app.services.knowledge import articles, imports, index, setup_text


def work_off(worker: str) -> int:
    """One account or one file at a time. Returns how many there were."""
    return imports.work_off(worker) or _mend()


def _mend() -> int:
    """The text of step 5 from before there were articles, and terms cut by an older version."""
    account_id = db.session.scalar(
        select(Account.id)
        .outerjoin(KnowledgeBase, KnowledgeBase.account_id == Account.id)
        .where(
            or_(
                and_(KnowledgeBase.account_id.is_(None), Account.knowledge_base != ""),
                KnowledgeBase.index_version < index.INDEX_VERSION,
            )
        )
        .order_by(Account.id)
        .limit(1)
    )
    if account_id is None:
        db.session.rollback()
        return 0
    base = articles.hold(account_id)
    if base.index_version < index.INDEX_VERSION:
        articles.cut_all(
            db.session.scalars(select(KnowledgeArticle).where(KnowledgeArticle.account_id == account_id))
        )
        base.index_version = index.INDEX_VERSION
    setup_text.follow(get_account(account_id, EVERYTHING))
    db.session.commit()
    return 1


def follow_all() -> None:
    """Texts that a program of the version before changed, which knows of no articles. For the hourly job."""
    for account_id in list(db.session.scalars(select(Account.id).where(Account.knowledge_base != ""))):
        setup_text.follow(get_account(account_id, EVERYTHING))
        db.session.commit()

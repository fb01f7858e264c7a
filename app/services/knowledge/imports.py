"""Importing files of articles: the row is the queue, a worker claims it by a lease, and works in batches.

Each batch is one transaction: articles, what became of each, and the counts. A killed worker's batch
rolls back; the next one reads the file again and goes on after the last item that is written down.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import undefer

from app import failpoints
from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.log_fields import about
from app.models import (
    ArticleSource,
    ImportItemState,
    ImportState,
    KnowledgeArticle,
    KnowledgeImport,
    KnowledgeImportItem,
    utcnow,
)
from app.queries.access import Actor
from app.services import audit, bell
from app.services.account_locks import hold_account
from app.services.knowledge import articles, index
from app.services.knowledge.contents import LONGEST_TITLE, MOST_ARTICLES, check
from app.services.knowledge.files.drafts import Draft, Unreadable
from app.services.knowledge.files.reading import ENDINGS, kind_of, read_file
from app.services.knowledge.languages import NAMES

log = logging.getLogger(__name__)

LARGEST_FILE = 25 * 1024 * 1024
BATCH = 25
MOST_TRIES = 5
_MOST_WAITING = 10
_LEASE = timedelta(seconds=150)
"""Longer than a file may take to be read (files/pdf.py), and a batch after it."""
_KEPT = timedelta(days=90)
_LONGEST_NAME = 200


@dataclass(frozen=True)
class _Claimed:
    """A claimed import's values, copied out: the row is not held while the file is read."""

    id: int
    account_id: int
    kind: str
    file_name: str
    language: str
    content: bytes
    done: int


@dataclass(frozen=True)
class _Ready:
    """A draft with its terms cut, or with why it cannot be taken."""

    draft: Draft
    terms: index.Terms | None = None
    error: str = ""


def queue_import(
    *, account_id: int, file_name: str, content: bytes, language: str, actor: Actor
) -> KnowledgeImport:
    """Keep a file; a worker takes its articles over. `language`: "" to go by each article's words.

    Raises InvalidFields for a file that is empty, too large or of no kind that is read.
    """
    file_name = " ".join(file_name.replace("\x00", "").split())[-_LONGEST_NAME:]
    problems = _problems(file_name, content, language)
    hold_account(account_id)
    if not problems and _count_waiting(account_id) >= _MOST_WAITING:
        text = "Ten files are waiting already. Wait until they are done, then try again."
        problems = [FieldProblem("file", text)]
    if problems:
        db.session.rollback()
        raise InvalidFields(problems)
    row = KnowledgeImport(
        account_id=account_id,
        created_by_id=actor.user.id if actor.user else None,
        file_name=file_name,
        kind=kind_of(file_name) or "",
        language=language,
        size_bytes=len(content),
        content=content,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor,
        "knowledge_import.started",
        account_id=account_id,
        object_type="knowledge_import",
        object_id=row.id,
        details={"file_name": file_name, "size_bytes": len(content)},
    )
    db.session.commit()
    bell.ring(bell.KNOWLEDGE)
    return row


def _problems(file_name: str, content: bytes, language: str) -> list[FieldProblem]:
    if language and language not in NAMES:
        return [FieldProblem("language", "Choose a language from the list, such as en for English.")]
    if kind_of(file_name) is None:
        text = f"This kind of file is not read. Bring one that ends in {', '.join(ENDINGS)}."
        return [FieldProblem("file", text)]
    if not content:
        return [FieldProblem("file", "This file is empty. Look whether it is the right one, then try again.")]
    if len(content) > LARGEST_FILE:
        text = f"This file is larger than {LARGEST_FILE // 1024 // 1024} MB. Split it, then try again."
        return [FieldProblem("file", text)]
    return []


def _count_waiting(account_id: int) -> int:
    statement = select(func.count(KnowledgeImport.id)).where(
        KnowledgeImport.account_id == account_id,
        KnowledgeImport.state.in_((ImportState.WAITING, ImportState.WORKING)),
    )
    return db.session.scalar(statement) or 0


def work_off(worker: str) -> int:
    """Take one file over, if one is waiting. Returns how many there were."""
    claimed = _claim(worker)
    if claimed is None:
        return 0
    failpoints.reach("import-claimed")
    try:
        drafts = read_file(claimed.kind, claimed.content, claimed.file_name, claimed.language)
        _take_over(claimed, drafts, worker)
    except Unreadable as error:
        _finish(claimed.id, worker, error=str(error))
    except _Lost:
        db.session.rollback()
    except DomainError as error:
        db.session.rollback()
        _finish(claimed.id, worker, error=error.message)
    return 1


class _Lost(Exception):
    """Somebody else has the import now, or it is gone with its account."""


def _claim(worker: str) -> _Claimed | None:
    now = utcnow()
    row = db.session.scalars(
        select(KnowledgeImport)
        .options(undefer(KnowledgeImport.content))
        .where(
            KnowledgeImport.state.in_((ImportState.WAITING, ImportState.WORKING)),
            or_(KnowledgeImport.lease_until.is_(None), KnowledgeImport.lease_until < now),
        )
        .order_by(KnowledgeImport.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        db.session.rollback()
        return None
    if row.tries >= MOST_TRIES:
        _end(row, "Reading this file has stopped the worker several times. Split it, then try again.", now)
        db.session.commit()
        return None
    row.state, row.lease_owner, row.lease_until = ImportState.WORKING, worker, now + _LEASE
    row.tries += 1
    claimed = _Claimed(
        row.id, row.account_id, row.kind, row.file_name, row.language, row.content or b"", row.done
    )
    db.session.commit()
    return claimed


def _take_over(claimed: _Claimed, drafts: Sequence[Draft], worker: str) -> None:
    for start in range(claimed.done, len(drafts), BATCH):
        ready = [_prepare(draft) for draft in drafts[start : start + BATCH]]
        row = _held(claimed.id, worker)
        row.total = len(drafts)
        articles.hold(claimed.account_id)
        _write_batch(row, start, ready)
        row.lease_until = utcnow() + _LEASE
        failpoints.reach("import-batch")
        db.session.commit()
    _finish(claimed.id, worker, total=len(drafts))


def _prepare(draft: Draft) -> _Ready:
    """Judged and cut to terms before the transaction begins: neither needs a lock."""
    try:
        check(draft.contents)
    except InvalidFields as error:
        return _Ready(draft, error=error.message)
    return _Ready(draft, index.cut(draft.contents))


def _held(import_id: int, worker: str) -> KnowledgeImport:
    """The row, locked, while it is still this worker's."""
    statement = select(KnowledgeImport).where(KnowledgeImport.id == import_id).with_for_update()
    row = db.session.scalars(statement.execution_options(populate_existing=True)).first()
    if row is None or row.lease_owner != worker or row.state is not ImportState.WORKING:
        raise _Lost
    return row


def _write_batch(row: KnowledgeImport, start: int, batch: Sequence[_Ready]) -> None:
    drafts = [ready.draft for ready in batch]
    statement = select(KnowledgeArticle).where(
        KnowledgeArticle.account_id == row.account_id,
        or_(
            KnowledgeArticle.source_key.in_([draft.key for draft in drafts]),
            KnowledgeArticle.id.in_([draft.article_id for draft in drafts if draft.article_id]),
        ),
    )
    by_key: dict[str | int | None, KnowledgeArticle] = {}
    for found in db.session.scalars(statement):
        by_key |= {found.id: found, found.source_key: found}
    room = MOST_ARTICLES - articles.count_articles(row.account_id)
    for position, ready in enumerate(batch, start):
        article = by_key.get(ready.draft.article_id) if ready.draft.article_id else None
        article = article or by_key.get(ready.draft.key)
        error = ready.error
        if not error and article is None and room <= 0:
            error = f"The account has {MOST_ARTICLES:,} articles, which is the most it can have."
        state = ImportItemState.FAILED
        if not error:
            room -= article is None
            article, state = _put(row.account_id, article, ready)
        setattr(row, state.value, getattr(row, state.value) + 1)
        db.session.add(
            KnowledgeImportItem(
                import_id=row.id,
                position=position,
                title=ready.draft.title[:LONGEST_TITLE],
                state=state,
                error=error,
                article_id=article.id if article else None,
            )
        )


def _put(
    account_id: int, article: KnowledgeArticle | None, ready: _Ready
) -> tuple[KnowledgeArticle, ImportItemState]:
    """What was changed by hand stays so until the file itself says something new."""
    contents = ready.draft.contents
    said = contents.hash()
    if article is not None and said in {article.content_hash, articles.contents_of(article).hash()}:
        return article, ImportItemState.UNCHANGED
    state = ImportItemState.CREATED if article is None else ImportItemState.UPDATED
    if article is None:
        article = KnowledgeArticle(
            account_id=account_id, source=ArticleSource.IMPORT, source_key=ready.draft.key, is_on=True
        )
    article.content_hash = said
    articles.write(article, contents, ready.terms)
    return article, state


def _finish(import_id: int, worker: str, *, error: str = "", total: int | None = None) -> None:
    try:
        row = _held(import_id, worker)
    except _Lost:
        db.session.rollback()
        return
    row.total = total if total is not None else row.total
    _end(row, error, utcnow())
    db.session.commit()
    log.info("an import of articles has ended", extra=about(account_id=row.account_id))
    db.session.rollback()


def _end(row: KnowledgeImport, error: str, now: datetime) -> None:
    row.state = ImportState.FAILED if error else ImportState.DONE
    row.error, row.finished_at, row.content = error, now, None
    row.lease_owner = row.lease_until = None


def forget_old(now: datetime | None = None) -> None:
    """Drop what finished imports noted down, after a while. Their articles stay."""
    before = (now or utcnow()) - _KEPT
    db.session.execute(delete(KnowledgeImport).where(KnowledgeImport.finished_at < before))
    db.session.commit()

"""Articles as messages: the list that offers a few, and the answer behind a row of it."""

from __future__ import annotations

from collections.abc import Sequence

from app.services.bot.decisions import Offered, Reply
from app.services.bot.knowledge import FoundArticle
from app.services.bot.plan import Plan

_LONGEST_TITLE = 24
_LONGEST_DESCRIPTION = 72
_PREFIX = "bot-article-"


def offered_rows(articles: Sequence[FoundArticle]) -> list[Offered]:
    """Under ids that lead back to the articles when one is chosen."""
    return [
        Offered(
            row_id=f"{_PREFIX}{article.article_id}",
            article_id=article.article_id,
            title=article.title,
            text="\n".join(part for part in (article.short_answer, article.link) if part),
        )
        for article in articles
    ]


def offer_reply(plan: Plan, offered: Sequence[Offered]) -> Reply:
    """A list message. Source: Meta docs, "Interactive list messages", read 2026-09 (lengths)."""
    rows = [
        {"id": one.row_id, "title": _cut(one.title, _LONGEST_TITLE), **_description(one)} for one in offered
    ]
    return Reply(
        "interactive",
        {
            "type": "list",
            "body": {"text": plan.offer},
            "action": {"button": _cut(plan.offer_button, 20), "sections": [{"rows": rows}]},
        },
    )


def _description(one: Offered) -> dict[str, str]:
    """The whole title where the row's own is cut, else how the answer begins."""
    line = one.title if len(one.title) > _LONGEST_TITLE else " ".join(one.text.split())
    return {"description": _cut(line, _LONGEST_DESCRIPTION)} if line else {}


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def chosen_reply(offered: Offered) -> Reply:
    return Reply.of_text(offered.text)

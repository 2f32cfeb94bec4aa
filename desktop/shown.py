"""What the log keeps of help that is on the screen."""

from __future__ import annotations

from datetime import datetime

from assist.domain import ArticleHit, Help, Shown, Source, SourceKind, Suggestion


def shown_events(help_: Help, *, at: datetime) -> list[Shown]:
    """Return an event for each reply and each article of ``help_``, ranked from 1 within its list."""
    return [
        *(_shown_reply(help_, reply, rank, at) for rank, reply in enumerate(help_.replies, start=1)),
        *(_shown_article(help_, hit, rank, at) for rank, hit in enumerate(help_.articles, start=1)),
    ]


def _shown_reply(help_: Help, reply: Suggestion, rank: int, at: datetime) -> Shown:
    return Shown(
        suggestion_id=reply.id,
        ref=help_.ref,
        list_name="replies",
        rank=rank,
        source=reply.source,
        text=reply.text,
        confidence=reply.confidence,
        features=reply.features,
        versions=help_.versions,
        at=at,
    )


def _shown_article(help_: Help, hit: ArticleHit, rank: int, at: datetime) -> Shown:
    return Shown(
        suggestion_id=hit.id,
        ref=help_.ref,
        list_name="articles",
        rank=rank,
        source=Source(
            SourceKind.ARTICLE,
            f"article:{hit.article_id}:{hit.locale}",
            hit.title,
            url=hit.url,
            date=hit.updated_at,
            visibility=hit.visibility,
        ),
        text=hit.text,
        confidence=hit.confidence,
        features=hit.features,
        versions=help_.versions,
        at=at,
    )

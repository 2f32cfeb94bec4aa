"""The replies that an agent may start from: candidates from macros, past replies and the best article, judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from assist.asked import Asked, evidence, suggestion_id
from assist.context import Context
from assist.domain import (
    AccountId,
    ArticleHit,
    Flag,
    SimilarTicket,
    Source,
    SourceKind,
    Suggestion,
    Visibility,
)
from assist.rank.articles import ARTICLE_FLOOR
from assist.rank.confidence import confidence
from assist.rank.courtesies import courtesy_reply, occasion
from assist.rank.draft import draft_from
from assist.rank.experience.model import ReplyModel
from assist.rank.experience.standing import offered, read_for, with_chance, with_standing
from assist.rank.fuse import Fused
from assist.rank.highlight import word_score
from assist.rank.macros import MacroMatcher
from assist.rank.past_macros import KnownMacro, known_macros, with_known, with_past
from assist.rank.replies import RankedReply, ReplyCandidate, rank_replies
from assist.rank.stage import wanted
from assist.render import placeholder_values, render
from assist.retrieve.backend import Backend
from assist.retrieve.lexical import field_language
from assist.retrieve.query import CollectionKey
from assist.store.documents import Documents
from assist.store.records import PastReply
from assist.text.courtesy import greeting, without_greeting
from assist.text.language import detect
from assist.text.mail import without_signature
from assist.text.personal import fill, slots
from assist.text.promises import find_flags

MAX_SIMILAR = 4
OF_ARTICLE = 0.75
"""A draft from an article counts this much of the article: a macro that fits as well was written to be sent."""
LOOKED_AT = {SourceKind.MACRO: 8, SourceKind.PAST_REPLY: 14}
"""Candidates of each kind that are read and judged closely."""
OTHER_BRANDS = 4
"""Times as many past replies are read where other brands' fall out."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the search gave. ``replies`` are by document id, of this brand alone; ``likely`` with their chance."""

    macros: Sequence[Fused]
    past: Sequence[Fused]
    replies: Mapping[int, PastReply] = field(repr=False)
    likely: Mapping[int, float]


class ReplyFinder:
    """Finds and judges replies. Holds no state of any ticket."""

    def __init__(
        self,
        *,
        documents: Documents,
        backend: Backend,
        now: Callable[[], datetime],
        matchers: Mapping[AccountId, MacroMatcher[int]] | None,
        habits: Mapping[AccountId, ReplyModel] | None,
    ) -> None:
        """``matchers`` know of each account which macro, by document id, answered what; ``habits`` how it replies."""
        self._documents = documents
        self._backend = backend
        self._now = now
        self._matchers = matchers if matchers is not None else {}
        self._habits = habits if habits is not None else {}

    def read_for(self, context: Context) -> list[str]:
        """Return the texts besides the query whose vectors `found` and `ranked` will ask for."""
        return read_for(context) if context.ref.account in self._habits and not context.is_closing else []

    def found(self, asked: Asked) -> Found:
        """Return the candidates of a question, best first."""
        likely = self._likely(asked)
        found = self._search(asked, SourceKind.PAST_REPLY, also=tuple(likely))
        replies = self._documents.past_replies([one.doc_id for one in found])
        replies = _of_brand(replies, asked.question.opened.ticket.brand)
        of_brand = [one for one in found if one.doc_id in replies]
        near = of_brand[: LOOKED_AT[SourceKind.PAST_REPLY]]
        past = near + [one for one in of_brand[len(near) :] if one.doc_id in likely]
        return Found(self._search(asked, SourceKind.MACRO), past, replies, likely)

    def ranked(self, asked: Asked, found: Found, articles: Sequence[ArticleHit]) -> list[RankedReply]:
        """Return at most three replies, best first; `assist.rank.replies.rank_replies` says how they are chosen."""
        if occasion(asked.context) is not None:
            courtesy = courtesy_reply(asked.context, dismissed=asked.question.dismissed)
            return [courtesy] if courtesy is not None else []
        candidates = [
            *self._macro_candidates(asked, found.macros),
            *self._past_candidates(asked, found),
            *self._article_candidates(asked, articles),
        ]
        candidates = with_standing(candidates, self._habits.get(asked.account), asked.context, asked.query.vector)
        return rank_replies(
            candidates,
            language=asked.context.language,
            now=self._now(),
            dismissed=asked.question.dismissed,
            moment=wanted(asked.context, asked.signals.mood),
        )

    def _search(self, asked: Asked, kind: SourceKind, *, also: tuple[int, ...] = ()) -> list[Fused]:
        """Return the candidates of a kind, best first; those of ``also`` in any case."""
        key: CollectionKey = (asked.account, kind)
        if not asked.is_telling and not also:
            return []
        several = OTHER_BRANDS if kind is SourceKind.PAST_REPLY and asked.question.opened.ticket.brand else 1
        found = self._backend.search(key, replace(asked.query, also=also))
        near = found[: LOOKED_AT[kind] * several] if asked.is_telling else []
        return near + [one for one in found[len(near) :] if one.doc_id in also]

    def _likely(self, asked: Asked) -> dict[int, float]:
        """Return past replies by document id that agents are likely to send now, each with the chance."""
        if asked.context.is_closing:
            return {}
        chances = offered(self._habits.get(asked.account), asked.context, asked.query.vector)
        ids = self._documents.past_reply_ids(asked.account, list(chances)) if chances else {}
        return {id_: chances[source] for source, id_ in ids.items()}

    def _macro_candidates(self, asked: Asked, found: Sequence[Fused]) -> Iterator[ReplyCandidate]:
        known = self._known_macros(asked)
        candidates = with_known(found, known)
        macros = self._documents.macros([candidate.doc_id for candidate in candidates])
        values = placeholder_values(asked.question.opened, asked.question.agent)
        for candidate in candidates:
            if (macro := macros.get(candidate.doc_id)) is None:
                continue
            text = without_signature(f"{render(macro.body, values)}\n")
            judged = self._candidate(
                asked,
                candidate,
                text=fill(text, asked.context.own_values),
                about=f"{macro.title} {macro.body}",
                source=Source(SourceKind.MACRO, f"macro:{macro.id}", macro.title, date=macro.updated_at),
                usage=macro.usage,
                written=macro.body,
            )
            yield with_past(judged, known.get(candidate.doc_id))

    def _known_macros(self, asked: Asked) -> Mapping[int, KnownMacro]:
        """Return what the account's past says of its macros, of the unlikely ones too."""
        matcher = self._matchers.get(asked.account)
        if matcher is None or asked.query.vector is None or asked.context.is_closing:
            return {}
        return known_macros(matcher, asked.context.query, asked.query.vector)

    def _past_candidates(self, asked: Asked, found: Found) -> Iterator[ReplyCandidate]:
        for candidate in found.past:
            reply = found.replies.get(candidate.doc_id)
            if reply is None or reply.ref == asked.context.ref:
                continue
            source = Source(
                SourceKind.PAST_REPLY,
                f"reply:{reply.ref.id}:{reply.message_id}",
                f"{reply.agent_name} on “{reply.subject}”",
                url=reply.url,
                date=reply.replied_at,
            )
            judged = self._candidate(
                asked,
                candidate,
                text=self._addressed(asked, fill(reply.reply_text, asked.context.own_values)),
                about=f"{reply.subject} {reply.customer_text}",
                source=source,
                language=reply.language,
                csat=reply.csat,
                reopens=reply.reopens,
                written=reply.reply_text,
            )
            yield with_chance(judged, found.likely.get(candidate.doc_id))

    def _article_candidates(self, asked: Asked, articles: Sequence[ArticleHit]) -> Iterator[ReplyCandidate]:
        """Draft from the best article, if everyone may read it: its sentences or steps that matter, and the link."""
        for hit in articles[:1]:
            body = draft_from(hit.text, hit.highlight)
            if hit.visibility is not Visibility.EVERYONE or not body:
                continue
            if hit.url:
                body = f"{body}\n\n{hit.url}"
            yield ReplyCandidate(
                text=self._addressed(asked, body),
                source=Source(
                    SourceKind.ARTICLE,
                    f"article:{hit.article_id}:{hit.locale}",
                    hit.title,
                    url=hit.url,
                    date=hit.updated_at,
                    visibility=hit.visibility,
                ),
                match=hit.confidence * OF_ARTICLE,
                language=field_language(hit.locale),
                evidence=hit.features,
            )

    def _candidate(
        self, asked: Asked, found: Fused, *, text: str, about: str, source: Source, language: str = "", **more: object
    ) -> ReplyCandidate:
        overlap = word_score(about, asked.weights, language=asked.context.language)
        language = language or detect(text)
        return ReplyCandidate(
            text=text,
            source=source,
            match=self._confidence(asked, found, overlap=overlap, language=language),
            language=language,
            evidence={**evidence(found), "overlap": overlap},
            **more,  # type: ignore[arg-type]  # csat, reopens and usage, each typed where it is given
        )

    def _confidence(self, asked: Asked, found: Fused, *, overlap: float, language: str) -> float:
        return confidence(
            found,
            overlap=overlap,
            same_language=not language or field_language(language) == field_language(asked.context.language),
            english=asked.reads_well,
        )

    def _addressed(self, asked: Asked, body: str) -> str:
        return f"{greeting(asked.context.language, asked.context.customer_name)}\n\n{without_greeting(body)}"


def suggestion(asked: Asked, ranked: RankedReply) -> Suggestion:
    """Return a ranked reply as it is shown."""
    candidate = ranked.candidate
    return Suggestion(
        id=suggestion_id(asked.context, candidate.source.key, candidate.text),
        ref=asked.context.ref,
        text=candidate.text,
        source=candidate.source,
        because=ranked.because,
        confidence=ranked.confidence,
        open_slots=slots(candidate.text),
        features=ranked.features,
        also=ranked.also,
        flags=_flags(asked.context, candidate),
    )


def _of_brand(past: Mapping[int, PastReply], brand: str) -> dict[int, PastReply]:
    """Leave out what belongs to another brand (promise U4); where either brand is not known, nothing says so."""
    return {id_: reply for id_, reply in past.items() if not (brand and reply.brand) or reply.brand == brand}


def _flags(context: Context, candidate: ReplyCandidate) -> tuple[Flag, ...]:
    """A macro or an article holds for every ticket; a past reply was written for one."""
    if candidate.source.kind is not SourceKind.PAST_REPLY:
        return ()
    facts = "\n".join((context.subject, *(turn.text for turn in context.turns if turn.public)))
    greeted = candidate.text.find("\n\n")
    return find_flags(candidate.text, language=candidate.language, facts=facts, since=max(greeted, 0))


def similar_tickets(asked: Asked, found: Found) -> tuple[SimilarTicket, ...]:
    """Return solved tickets like the one in front, at most `MAX_SIMILAR`."""
    similar: dict[int, SimilarTicket] = {}
    for candidate in found.past:
        reply = found.replies.get(candidate.doc_id)
        if reply is None or reply.ref == asked.context.ref or reply.ref.id in similar:
            continue
        overlap = word_score(f"{reply.subject} {reply.customer_text}", asked.weights, language=asked.context.language)
        if confidence(candidate, overlap=overlap, english=asked.reads_well) >= ARTICLE_FLOOR:
            similar[reply.ref.id] = SimilarTicket(
                reply.ref, reply.subject, reply.url, reply.replied_at, reply.agent_name, reply.csat
            )
    return tuple(similar.values())[:MAX_SIMILAR]

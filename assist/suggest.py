"""The pipeline: an open ticket in, help out. Runs in the engine process, or plainly in the app without it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from assist import __version__
from assist.articles import ArticleFinder, JudgedArticle
from assist.context import Context, build_context
from assist.domain import (
    AccountId,
    Agent,
    ArticleHit,
    Flag,
    Help,
    OpenTicket,
    SimilarTicket,
    Source,
    SourceKind,
    Stage,
    Suggestion,
    SuggestionId,
    Trigger,
    Visibility,
)
from assist.ports import Encoder
from assist.rank.articles import ARTICLE_FLOOR, Measures
from assist.rank.confidence import confidence
from assist.rank.courtesies import courtesy_reply, occasion
from assist.rank.draft import draft_from
from assist.rank.experience.model import ReplyModel
from assist.rank.experience.standing import offered, with_chance, with_standing
from assist.rank.fuse import Fused
from assist.rank.highlight import best_sentence, candidate_sentences, word_score
from assist.rank.macros import MacroMatcher
from assist.rank.past_macros import KnownMacro, known_macros, with_known, with_past
from assist.rank.replies import RankedReply, ReplyCandidate, rank_replies
from assist.rank.stage import wanted
from assist.render import placeholder_values, render
from assist.retrieve.backend import Backend
from assist.retrieve.lexical import analyzer, field_language
from assist.retrieve.query import CollectionKey, Query
from assist.signals.advice import ChurnRules
from assist.signals.alerts import Signals, alerts, read_closely
from assist.store.documents import Documents
from assist.store.records import PastReply
from assist.text.courtesy import greeting, without_greeting
from assist.text.language import UNDERSTOOD, detect
from assist.text.mail import without_signature
from assist.text.personal import fill, slots
from assist.text.promises import find_flags

MAX_ARTICLES = 3
MAX_SIMILAR = 4
OF_ARTICLE = 0.75
"""A draft from an article counts this much of the article: a macro that fits as well was written to be sent."""
LOOKED_AT = {SourceKind.MACRO: 8, SourceKind.PAST_REPLY: 14}
"""Candidates of each kind that are read and judged closely."""
OTHER_BRANDS = 4
"""Times as many past replies are read where other brands' fall out."""
TELLING_WORDS = 24
"""Overlap is measured over the query's most telling words; a long ticket holds many that do not matter."""
UNKNOWN_WORD_SHARE = 0.25
"""A word that no document holds counts this much: mostly names and chat, but "kayak" tells that we sell none."""
MIN_QUERY_WORDS = 2
POLICY = "hand-set-2"


@dataclass(frozen=True, slots=True)
class Question:
    """What the assistant is asked. ``dismissed`` are source keys that were dismissed on this ticket."""

    opened: OpenTicket
    agent: Agent
    dismissed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question after reading: shared by all steps of one answer."""

    question: Question
    context: Context
    signals: Signals
    query: Query
    weights: Mapping[str, float] = field(repr=False)
    """Analysed words of the query to weights, the most telling ones only."""

    @property
    def account(self) -> AccountId:
        return self.context.ref.account

    @property
    def reads_well(self) -> bool:
        """Whether the encoder that was asked knows the customer's language."""
        language = self.context.language
        return language == "en" or (self.query.other is not None and language in UNDERSTOOD)


class Assistant:
    """Answers questions from one backend. Holds no state of any ticket."""

    def __init__(
        self,
        *,
        documents: Documents,
        backend: Backend,
        encoder: Encoder | None,
        triggers: Sequence[Trigger],
        now: Callable[[], datetime],
        matchers: Mapping[AccountId, MacroMatcher[int]] | None = None,
        habits: Mapping[AccountId, ReplyModel] | None = None,
        second: Callable[[AccountId, str], Encoder | None] | None = None,
    ) -> None:
        """``matchers`` know of each account which macro, by document id, answered what; ``habits`` how it replies.

        ``second`` gives the encoder that understands an account's tickets of a language better, if there is one.
        """
        self._second = second if second is not None else lambda _account, _language: None
        self._habits = habits if habits is not None else {}
        self._matchers = matchers if matchers is not None else {}
        self._documents = documents
        self._backend = backend
        self._encoder = encoder
        self._triggers = triggers
        self.churn_rules: ChurnRules | None = None
        """The admin's own words and advice about leaving, where there are any."""
        self._now = now
        self._finder = ArticleFinder(documents=documents, backend=backend, now=now)

    def answer(self, question: Question) -> Iterator[Help]:
        """Yield help as it gets better: by words first, then with meaning. Never raises for odd tickets.

        Both share ``state_key`` and suggestion ids, so the second can refine the first in place.
        """
        started = time.perf_counter()
        context = build_context(question.opened)
        signals = alerts(context, question.opened, self._triggers, now=self._now(), rules=self.churn_rules)
        first = Stage.LEXICAL if self._encoder is not None else Stage.PLAIN
        yield self._help(question, context, signals, Query(context.words, None), stage=first, started=started)
        if self._encoder is not None:
            signals = self._read_closely(signals, context)
            yield self._help(question, context, signals, self._query(context), stage=Stage.REFINED, started=started)

    def _help(
        self,
        question: Question,
        context: Context,
        signals: Signals,
        query: Query,
        *,
        stage: Stage,
        started: float,
    ) -> Help:
        asked = _Asked(question, context, signals, query, self._telling(context))
        likely = self._likely(asked)
        found = {
            SourceKind.MACRO: self._search(asked, SourceKind.MACRO),
            SourceKind.PAST_REPLY: self._search(asked, SourceKind.PAST_REPLY, also=tuple(likely)),
        }
        past = self._documents.past_replies([c.doc_id for c in found[SourceKind.PAST_REPLY]])
        past = _of_brand(past, question.opened.ticket.brand)
        own_brand = [c for c in found[SourceKind.PAST_REPLY] if c.doc_id in past]
        near = own_brand[: LOOKED_AT[SourceKind.PAST_REPLY]]
        found[SourceKind.PAST_REPLY] = near + [c for c in own_brand[len(near) :] if c.doc_id in likely]
        articles = self._articles(asked)
        replies = self._replies(asked, found, past, articles, likely)
        return Help(
            ref=context.ref,
            state_key=context.state_key,
            stage=stage,
            replies=tuple(self._suggestion(asked, reply) for reply in replies),
            articles=tuple(articles),
            similar=_similar(asked, found[SourceKind.PAST_REPLY], past),
            alerts=signals.alerts,
            churn=signals.churn,
            mood=signals.mood,
            language=context.language,
            why_no_replies="" if replies else self._why_empty(asked, SourceKind.PAST_REPLY, SourceKind.MACRO),
            why_no_articles="" if articles else self._why_empty(asked, SourceKind.ARTICLE),
            versions={
                "kibitz": __version__,
                "policy": POLICY,
                "encoder": self._encoder.name if self._encoder is not None else "",
            },
            timings_ms={"answered": (time.perf_counter() - started) * 1e3},
            mood_trend=signals.trend,
        )

    def _read_closely(self, signals: Signals, context: Context) -> Signals:
        """Judge moods by meaning too, if an encoder is at hand that knows the customer's language."""
        reader = self._second(context.ref.account, context.language)
        if reader is None and context.language == "en":
            reader = self._encoder
        return read_closely(signals, context, reader) if reader is not None else signals

    def _query(self, context: Context) -> Query:
        if self._encoder is None:
            return Query(context.words, None)
        second = self._second(context.ref.account, context.language)
        (vector,) = self._encoder.encode([context.query])
        return Query(context.words, vector, other=second.encode([context.query])[0] if second is not None else None)

    def _telling(self, context: Context) -> dict[str, float]:
        """Weigh the query's words by how rare they are in the articles (or, without any, in past replies)."""
        for kind in SourceKind:
            if rarity := self._backend.rarity((context.ref.account, kind), context.words):
                break
        else:
            return {}
        weighted: dict[str, float] = {}
        for word, known_share in rarity.items():
            share = known_share if known_share < 1.0 else UNKNOWN_WORD_SHARE
            for token in analyzer(field_language(context.language)).analyze(word):
                weighted[token] = max(weighted.get(token, 0.0), share * context.words[word])
        return dict(sorted(weighted.items(), key=lambda item: (-item[1], item[0]))[:TELLING_WORDS])

    def _search(self, asked: _Asked, kind: SourceKind, *, also: tuple[int, ...] = ()) -> list[Fused]:
        """Return the candidates of a kind, best first; those of ``also`` in any case."""
        key: CollectionKey = (asked.account, kind)
        telling = not asked.context.is_closing and len(asked.weights) >= MIN_QUERY_WORDS
        if not telling and not also:
            return []
        several = OTHER_BRANDS if kind is SourceKind.PAST_REPLY and asked.question.opened.ticket.brand else 1
        found = self._backend.search(key, replace(asked.query, also=also))
        near = found[: LOOKED_AT[kind] * several] if telling else []
        return near + [one for one in found[len(near) :] if one.doc_id in also]

    def _likely(self, asked: _Asked) -> dict[int, float]:
        """Return past replies by document id that agents are likely to send now, each with the chance."""
        if asked.context.is_closing:
            return {}
        chances = offered(self._habits.get(asked.account), asked.context, asked.query.vector)
        ids = self._documents.past_reply_ids(asked.account, list(chances)) if chances else {}
        return {id_: chances[source] for source, id_ in ids.items()}

    # --- articles

    def ranked_articles(self, opened: OpenTicket) -> list[JudgedArticle]:
        """Return all articles that were looked at for ``opened`` in the last stage, best first, unsure ones too."""
        context = build_context(opened)
        return self._finder.ranked(context, self._query(context), self._telling(context))

    def _articles(self, asked: _Asked) -> list[ArticleHit]:
        """Return the best passage of each article above the floor."""
        if asked.context.is_closing or not asked.weights:
            return []
        judged = self._finder.ranked(asked.context, asked.query, asked.weights)
        return [self._hit(asked, one) for one in judged[:MAX_ARTICLES] if one.confidence >= ARTICLE_FLOOR]

    def _hit(self, asked: _Asked, judged: JudgedArticle) -> ArticleHit:
        stored, passage = judged.stored, judged.stored.passage
        return ArticleHit(
            id=_suggestion_id(asked.context, f"article:{passage.article_id}:{passage.locale}", passage.text),
            article_id=passage.article_id,
            locale=passage.locale,
            title=stored.title,
            url=stored.url,
            heading_path=passage.heading_path,
            text=passage.text,
            highlight=self._highlight(asked, passage.text),
            confidence=judged.confidence,
            updated_at=stored.updated_at,
            visibility=stored.visibility,
            features={**_evidence(judged.found), **_measured(judged.measures)},
        )

    def _highlight(self, asked: _Asked, text: str) -> tuple[int, int]:
        language = asked.context.language
        spans = candidate_sentences(text, asked.weights, language=language)
        cosines = self._cosines(asked, [text[start:end] for start, end in spans])
        return best_sentence(text, spans, asked.weights, language=language, cosines=cosines)

    def _cosines(self, asked: _Asked, texts: Sequence[str]) -> list[float] | None:
        encoder, vector = self._encoder, asked.query.vector
        if asked.query.other is not None:
            encoder, vector = self._second(asked.account, asked.context.language), asked.query.other
        if vector is None or encoder is None or len(texts) < 2:
            return None
        cosines: list[float] = np.asarray(encoder.encode(texts) @ vector).tolist()
        return cosines

    # --- replies

    def _replies(
        self,
        asked: _Asked,
        found: Mapping[SourceKind, Sequence[Fused]],
        past: Mapping[int, PastReply],
        articles: Sequence[ArticleHit],
        likely: Mapping[int, float],
    ) -> list[RankedReply]:
        if occasion(asked.context) is not None:
            courtesy = courtesy_reply(asked.context, dismissed=asked.question.dismissed)
            return [courtesy] if courtesy is not None else []
        candidates = [
            *self._macro_candidates(asked, found[SourceKind.MACRO]),
            *self._past_candidates(asked, found[SourceKind.PAST_REPLY], past, likely),
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

    def _macro_candidates(self, asked: _Asked, found: Sequence[Fused]) -> Iterator[ReplyCandidate]:
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

    def _known_macros(self, asked: _Asked) -> Mapping[int, KnownMacro]:
        """Return what the account's past says of its macros, of the unlikely ones too."""
        matcher = self._matchers.get(asked.account)
        if matcher is None or asked.query.vector is None or asked.context.is_closing:
            return {}
        return known_macros(matcher, asked.context.query, asked.query.vector)

    def _past_candidates(
        self, asked: _Asked, found: Sequence[Fused], past: Mapping[int, PastReply], likely: Mapping[int, float]
    ) -> Iterator[ReplyCandidate]:
        for candidate in found:
            reply = past.get(candidate.doc_id)
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
            yield with_chance(judged, likely.get(candidate.doc_id))

    def _article_candidates(self, asked: _Asked, articles: Sequence[ArticleHit]) -> Iterator[ReplyCandidate]:
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
        self, asked: _Asked, found: Fused, *, text: str, about: str, source: Source, language: str = "", **more: object
    ) -> ReplyCandidate:
        overlap = word_score(about, asked.weights, language=asked.context.language)
        language = language or detect(text)
        return ReplyCandidate(
            text=text,
            source=source,
            match=self._confidence(asked, found, overlap=overlap, language=language),
            language=language,
            evidence={**_evidence(found), "overlap": overlap},
            **more,  # type: ignore[arg-type]  # csat, reopens and usage, each typed where it is given
        )

    def _confidence(self, asked: _Asked, found: Fused, *, overlap: float, language: str) -> float:
        return confidence(
            found,
            overlap=overlap,
            same_language=not language or field_language(language) == field_language(asked.context.language),
            english=asked.reads_well,
        )

    def _addressed(self, asked: _Asked, body: str) -> str:
        return f"{greeting(asked.context.language, asked.context.customer_name)}\n\n{without_greeting(body)}"

    def _suggestion(self, asked: _Asked, ranked: RankedReply) -> Suggestion:
        candidate = ranked.candidate
        return Suggestion(
            id=_suggestion_id(asked.context, candidate.source.key, candidate.text),
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

    def _why_empty(self, asked: _Asked, *kinds: SourceKind) -> str:
        if asked.context.is_closing:
            return "The customer says thanks and asks nothing."
        if all(next(self._documents.iterate(kind, account=asked.account, page=1), None) is None for kind in kinds):
            what = "help articles" if kinds == (SourceKind.ARTICLE,) else "macros or solved tickets"
            return f"No {what} have been read from this helpdesk yet."
        if len(asked.weights) < MIN_QUERY_WORDS:
            return "The customer has not written enough words yet."
        what = "article" if kinds == (SourceKind.ARTICLE,) else "reply"
        weaker = (
            "" if asked.reads_well or asked.query.vector is None else " Tickets in this language are found by words."
        )
        return f"No {what} is close enough to what the customer writes.{weaker}"


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


def _similar(asked: _Asked, found: Sequence[Fused], past: Mapping[int, PastReply]) -> tuple[SimilarTicket, ...]:
    similar: dict[int, SimilarTicket] = {}
    for candidate in found:
        reply = past.get(candidate.doc_id)
        if reply is None or reply.ref == asked.context.ref or reply.ref.id in similar:
            continue
        overlap = word_score(f"{reply.subject} {reply.customer_text}", asked.weights, language=asked.context.language)
        if confidence(candidate, overlap=overlap, english=asked.reads_well) >= ARTICLE_FLOOR:
            similar[reply.ref.id] = SimilarTicket(
                reply.ref, reply.subject, reply.url, reply.replied_at, reply.agent_name, reply.csat
            )
    return tuple(similar.values())[:MAX_SIMILAR]


def _evidence(candidate: Fused) -> dict[str, float]:
    evidence = {"lexical": candidate.lexical, "lexical_share": candidate.lexical_share}
    if candidate.cosine is not None:
        evidence["cosine"] = candidate.cosine
    return evidence


def _measured(measures: Measures) -> dict[str, float]:
    return {
        "coverage": measures.coverage,
        "title_coverage": measures.title_coverage,
        "named": measures.named,
        "votes": float(measures.votes),
    }


def _suggestion_id(context: Context, source_key: str, text: str) -> SuggestionId:
    parts = "\x1f".join((str(context.ref), context.state_key, source_key, text))
    return SuggestionId(hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:24])

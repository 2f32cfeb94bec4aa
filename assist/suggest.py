"""The pipeline: an open ticket in, help out. Runs in the engine process, or plainly in the app without it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from assist import __version__
from assist.articles import ArticleFinder, JudgedArticle
from assist.asked import MIN_QUERY_WORDS, Asked, Question, evidence, suggestion_id
from assist.context import Context, build_context
from assist.domain import (
    AccountId,
    ArticleHit,
    Help,
    OpenTicket,
    SourceKind,
    Stage,
    Trigger,
)
from assist.ports import Encoder
from assist.rank.articles import ARTICLE_FLOOR, Measures
from assist.rank.experience.model import ReplyModel
from assist.rank.highlight import best_sentence, candidate_sentences
from assist.rank.macros import MacroMatcher
from assist.replying import ReplyFinder, similar_tickets, suggestion
from assist.retrieve.backend import Backend
from assist.retrieve.lexical import analyzer, field_language
from assist.retrieve.query import Query
from assist.signals.advice import ChurnRules
from assist.signals.alerts import Signals, alerts, read_closely
from assist.signals.mood import read_for
from assist.store.documents import Documents

MAX_ARTICLES = 3
__all__ = ["Assistant", "Question"]

TELLING_WORDS = 24
"""Overlap is measured over the query's most telling words; a long ticket holds many that do not matter."""
UNKNOWN_WORD_SHARE = 0.25
"""A word that no document holds counts this much: mostly names and chat, but "kayak" tells that we sell none."""
POLICY = "hand-set-2"


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
        self.read_ahead: Callable[[Sequence[str]], object] = lambda _texts: None
        """Told the texts that ``encoder`` will be asked for, so that it may begin while words alone are judged."""
        self._second = second if second is not None else lambda _account, _language: None
        self._documents = documents
        self._backend = backend
        self._encoder = encoder
        self._triggers = triggers
        self.churn_rules: ChurnRules | None = None
        """The admin's own words and advice about leaving, where there are any."""
        self._now = now
        self._finder = ArticleFinder(documents=documents, backend=backend, now=now)
        self._replies = ReplyFinder(documents=documents, backend=backend, now=now, matchers=matchers, habits=habits)

    def answer(self, question: Question) -> Iterator[Help]:
        """Yield help as it gets better: by words first, then with meaning. Never raises for odd tickets.

        Both share ``state_key`` and suggestion ids, so the second can refine the first in place.
        """
        started = time.perf_counter()
        context = build_context(question.opened)
        self._begin_reading(context)
        first = Stage.LEXICAL if self._encoder is not None else Stage.PLAIN
        signals = alerts(context, question.opened, self._triggers, now=self._now(), rules=self.churn_rules)
        asked = Asked(question, context, signals, Query(context.words, None), self._telling(context))
        by_words = self._help(asked, stage=first, started=started)
        yield by_words
        if self._encoder is not None:
            self._begin_highlighting(asked, by_words)
            signals = self._read_closely(signals, context)
            asked = replace(asked, signals=signals, query=self._query(context))
            yield self._help(asked, stage=Stage.REFINED, started=started)

    def _help(self, asked: Asked, *, stage: Stage, started: float) -> Help:
        context, signals = asked.context, asked.signals
        found = self._replies.found(asked)
        articles = self._articles(asked)
        replies = self._replies.ranked(asked, found, articles)
        return Help(
            ref=context.ref,
            state_key=context.state_key,
            stage=stage,
            replies=tuple(suggestion(asked, reply) for reply in replies),
            articles=tuple(articles),
            similar=similar_tickets(asked, found),
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

    def _begin_reading(self, context: Context) -> None:
        """Let the encoder read, beside the judging by words, what it will be asked for in any case."""
        texts = [context.query, *self._replies.read_for(context)]
        if (reader := self._mood_reader(context)) is not None and reader is self._encoder:
            texts[1:1] = read_for(context, reader)
        self.read_ahead(texts)

    def _begin_highlighting(self, asked: Asked, by_words: Help) -> None:
        """Let the encoder read the sentences of articles that were found by words: most of them stay."""
        if self._second(asked.account, asked.context.language) is None:
            for hit in by_words.articles:
                spans = candidate_sentences(hit.text, asked.weights, language=asked.context.language)
                if len(spans) > 1:
                    self.read_ahead([hit.text[start:end] for start, end in spans])

    def _read_closely(self, signals: Signals, context: Context) -> Signals:
        """Judge moods by meaning too, if an encoder is at hand that knows the customer's language."""
        reader = self._mood_reader(context)
        return read_closely(signals, context, reader) if reader is not None else signals

    def _mood_reader(self, context: Context) -> Encoder | None:
        second = self._second(context.ref.account, context.language)
        return second if second is not None or context.language != "en" else self._encoder

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

    # --- articles

    def ranked_articles(self, opened: OpenTicket) -> list[JudgedArticle]:
        """Return all articles that were looked at for ``opened`` in the last stage, best first, unsure ones too."""
        context = build_context(opened)
        return self._finder.ranked(context, self._query(context), self._telling(context))

    def _articles(self, asked: Asked) -> list[ArticleHit]:
        """Return the best passage of each article above the floor."""
        if asked.context.is_closing or not asked.weights:
            return []
        judged = self._finder.ranked(asked.context, asked.query, asked.weights)
        return [self._hit(asked, one) for one in judged[:MAX_ARTICLES] if one.confidence >= ARTICLE_FLOOR]

    def _hit(self, asked: Asked, judged: JudgedArticle) -> ArticleHit:
        stored, passage = judged.stored, judged.stored.passage
        return ArticleHit(
            id=suggestion_id(asked.context, f"article:{passage.article_id}:{passage.locale}", passage.text),
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
            features={**evidence(judged.found), **_measured(judged.measures)},
        )

    def _highlight(self, asked: Asked, text: str) -> tuple[int, int]:
        language = asked.context.language
        spans = candidate_sentences(text, asked.weights, language=language)
        cosines = self._cosines(asked, [text[start:end] for start, end in spans])
        return best_sentence(text, spans, asked.weights, language=language, cosines=cosines)

    def _cosines(self, asked: Asked, texts: Sequence[str]) -> list[float] | None:
        encoder, vector = self._encoder, asked.query.vector
        if asked.query.other is not None:
            encoder, vector = self._second(asked.account, asked.context.language), asked.query.other
        if vector is None or encoder is None or len(texts) < 2:
            return None
        cosines: list[float] = np.asarray(encoder.encode(texts) @ vector).tolist()
        return cosines

    def _why_empty(self, asked: Asked, *kinds: SourceKind) -> str:
        if asked.context.is_closing:
            return "The customer says thanks and asks nothing."
        if all(next(self._documents.iterate(kind, account=asked.account, page=1), None) is None for kind in kinds):
            what = "help articles" if kinds == (SourceKind.ARTICLE,) else "macros or solved tickets"
            return f"No {what} have been read from this helpdesk yet."
        if len(asked.weights) < MIN_QUERY_WORDS:
            return "The customer has not written enough words yet."
        what = "article" if kinds == (SourceKind.ARTICLE,) else "reply"
        by_words = not asked.reads_well and asked.query.vector is not None
        weaker = " Tickets in this language are found by their words only, not by what they mean." if by_words else ""
        return f"No {what} is close enough to what the customer writes.{weaker}"


def _measured(measures: Measures) -> dict[str, float]:
    return {
        "coverage": measures.coverage,
        "title_coverage": measures.title_coverage,
        "named": measures.named,
        "votes": float(measures.votes),
    }

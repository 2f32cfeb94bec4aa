"""The articles that may answer an open ticket: candidates from the search, measured, ranked, judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assist.context import Context
from assist.domain import SourceKind
from assist.rank.articles import Measures, confidences, utility
from assist.rank.fuse import Fused
from assist.rank.highlight import word_score
from assist.retrieve.backend import Backend
from assist.retrieve.lexical import field_language
from assist.retrieve.query import Query
from assist.retrieve.scopes import ArticleKey
from assist.store.documents import Documents
from assist.store.records import StoredPassage

MEASURED = 48
"""Candidates that are read and measured; reading and analysing one takes a seventh of a millisecond."""
MEASURED_FIRST = 20
"""The same before the encoder has answered, when every millisecond is waited for."""
OTHER_BRANDS = 4
"""Times as many are read where other brands' fall out."""
NAMED_WEIGHT = 0.5
"""What being named counts in the choice of candidates, where a cosine counts .7."""
MAX_ALSO = 300
SHRINK = 0.25
"""Of coverage: weight of words imagined as missing. Telling words weigh up to 1 each."""
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class JudgedArticle:
    """The best passage of one article in one locale. ``utility`` is in log-odds, ``confidence`` in [0, 1]."""

    stored: StoredPassage
    found: Fused
    measures: Measures
    utility: float
    confidence: float


class ArticleFinder:
    """Finds and judges articles. Holds no state of any ticket."""

    def __init__(self, *, documents: Documents, backend: Backend, now: Callable[[], datetime]) -> None:
        self._documents = documents
        self._backend = backend
        self._now = now
        self._last_named: tuple[Context, Mapping[int, float]] | None = None
        """Both stages of an answer ask for the same."""

    def ranked(self, context: Context, query: Query, weights: Mapping[str, float]) -> list[JudgedArticle]:
        """Return every article that was looked at, best first; ties by the passage's id.

        Args:
            context: Of the open ticket.
            query: Its words, and its vector once there is one.
            weights: The query's telling words, analysed, with weights; see `assist.rank.highlight.word_score`.
        """
        named = self._named(context)
        found = self._backend.search((context.ref.account, SourceKind.ARTICLE), replace(query, also=tuple(named)))
        near = sorted(found, key=lambda one: (-one.score - NAMED_WEIGHT * named.get(one.doc_id, 0.0), one.doc_id))
        most = MEASURED_FIRST if query.vector is None else MEASURED
        looked_at = near[: most if context.brand_id is None else most * OTHER_BRANDS]
        passages = self._documents.passages([one.doc_id for one in looked_at])
        passages = {id_: stored for id_, stored in passages.items() if _is_of_brand(stored, context.brand_id)}
        near = [one for one in looked_at if one.doc_id in passages][:most]
        usual = _usual_cosine(near)
        # Where none is in the customer's language, that says nothing against any; where the encoder does not know the
        # language either, it is all that keeps chance from being shown.
        foreign = query.other is not None and not _has(passages.values(), context.language)
        articles: dict[ArticleKey, list[JudgedArticle]] = {}
        for one in near:
            stored = passages[one.doc_id]
            measures = self._measures(one, stored, context, weights, named=named.get(one.doc_id, 0.0))
            measures = replace(measures, same_language=measures.same_language or foreign)
            key = (stored.passage.article_id, stored.passage.locale)
            own = JudgedArticle(stored, one, measures, utility(measures, cosine=usual), 0.0)
            articles.setdefault(key, []).append(own)
        best = [_as_a_whole(found, usual) for found in articles.values()]
        return _judged(sorted(best, key=lambda one: (-one.utility, one.stored.id)))

    def _named(self, context: Context) -> Mapping[int, float]:
        """Return the passages of articles whose section or label the conversation names, with how much."""
        if (last := self._last_named) is not None and last[0] is context:
            return last[1]
        found = self._passages_named(context)
        self._last_named = (context, found)
        return found

    def _passages_named(self, context: Context) -> Mapping[int, float]:
        account = context.ref.account
        texts = [context.subject, *(turn.text for turn in context.turns if turn.public)]
        keys = self._backend.named(account, texts)
        if not keys:
            return {}
        return {id_: keys[key] for id_, key in self._documents.passage_keys(account, keys, limit=MAX_ALSO).items()}

    def _measures(
        self, one: Fused, stored: StoredPassage, context: Context, weights: Mapping[str, float], *, named: float
    ) -> Measures:
        passage, language = stored.passage, context.language
        heading = " ".join(passage.heading_path)
        about = " ".join((stored.section, *stored.labels))
        locale = field_language(passage.locale)
        return Measures(
            cosine=one.cosine,
            lexical_share=one.lexical_share,
            coverage=word_score(f"{heading} {about} {passage.text}", weights, language=language, shrink=SHRINK),
            title_coverage=word_score(heading, weights, language=language, shrink=SHRINK),
            named=named,
            same_language=not passage.locale or locale == field_language(language),
            votes=stored.votes,
            years=max((self._now() - stored.updated_at).days, 0) / _DAYS_A_YEAR,
        )


def _is_of_brand(stored: StoredPassage, brand_id: int | None) -> bool:
    """Leave out what belongs to another brand (promise U4); where either brand is not known, nothing says so."""
    return brand_id is None or stored.brand_id is None or stored.brand_id == brand_id


def _has(passages: Iterable[StoredPassage], language: str) -> bool:
    locales = (stored.passage.locale for stored in passages)
    return any(not locale or field_language(locale) == field_language(language) for locale in locales)


def _as_a_whole(passages: Sequence[JudgedArticle], usual: float | None) -> JudgedArticle:
    """Return the best passage, with a utility half its own and half of what the article's passages hold together.

    A question's words are often spread over an article's passages, of which the best is shown.
    """
    best = max(passages, key=lambda one: (one.utility, -one.stored.id))
    together = replace(
        best.measures,
        cosine=max((one.measures.cosine for one in passages if one.measures.cosine is not None), default=None),
        lexical_share=max(one.measures.lexical_share for one in passages),
        coverage=max(one.measures.coverage for one in passages),
        title_coverage=max(one.measures.title_coverage for one in passages),
    )
    return replace(best, utility=(best.utility + utility(together, cosine=usual)) / 2)


def _usual_cosine(found: Sequence[Fused]) -> float | None:
    known = [one.cosine for one in found if one.cosine is not None]
    return sum(known) / len(known) if known else None


def _judged(ranked: Sequence[JudgedArticle]) -> list[JudgedArticle]:
    sure = confidences([one.utility for one in ranked], [one.measures for one in ranked])
    return [replace(one, confidence=value) for one, value in zip(ranked, sure, strict=True)]

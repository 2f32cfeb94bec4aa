"""Which article answers? Documents become articles of a store, queries become tickets; see docs/measuring.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

import numpy as np

from assist.domain import AccountId, Article
from assist.engine.service import Engine
from assist.evaluate.calibration import expected_calibration_error, scaled_on_the_other_half
from assist.evaluate.report import Figure, Report, bootstrap, mean
from assist.evaluate.rows import BadRow, Row
from assist.evaluate.world import NOW, catch_up, empty_store, engine_on, opened, put_articles
from assist.ports import Encoder
from assist.rank.articles import ARTICLE_FLOOR

CUT = 10
SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Query:
    id: str
    kb: str
    turns: tuple[tuple[str, str], ...] = field(repr=False)
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Found:
    """What one query got: document ids best first with their confidence."""

    query: _Query
    ids: tuple[str, ...]
    confidences: tuple[float, ...]

    @property
    def rank(self) -> int:
        """The place of the first right document from 1; 0 if it is not among the first ``CUT``."""
        return next((at for at, id_ in enumerate(self.ids[:CUT], 1) if id_ in self.query.gold), 0)

    @property
    def shown(self) -> tuple[str, ...]:
        above = [id_ for id_, sure in zip(self.ids, self.confidences, strict=True) if sure >= ARTICLE_FLOOR]
        return tuple(above[:SHOWN])


def evaluate(rows: Sequence[Row], *, encoder: Encoder | None = None) -> Report:
    """Rank the documents of each knowledge base for its queries; by the shipped encoder if ``encoder`` is None.

    Raises:
        BadRow: If a row cannot be used.
    """
    documents, queries = _read(rows)
    found: list[_Found] = []
    for kb, entries in documents.items():
        found.extend(_search(entries, [query for query in queries if query.kb == kb], encoder))
    size = f"{len(found)} queries, {sum(map(len, documents.values()))} documents, {len(documents)} knowledge bases"
    return Report("retrieval", size, _figures(found), [_case(one) for one in found])


def _read(rows: Sequence[Row]) -> tuple[dict[str, dict[str, Row]], list[_Query]]:
    documents: dict[str, dict[str, Row]] = {}
    queries: list[_Query] = []
    for row in rows:
        kb = row.get("kb", str, "")
        match row.need("type", str):
            case "document":
                documents.setdefault(kb, {})[_id(row)] = row
            case "query":
                turns = row.turns() or (("customer", row.need("text", str)),)
                queries.append(_Query(_id(row), kb, turns, frozenset(map(str, row.get("gold", list, [])))))
            case other:
                raise BadRow(f"{row.where}: type must be document or query, not {other!r}")
    for query in queries:
        if missing := query.gold - documents.get(query.kb, {}).keys():
            raise BadRow(f"query {query.id}: there is no document {min(missing)!r} in knowledge base {query.kb!r}")
    return documents, queries


def _id(row: Row) -> str:
    value = row.values.get("id")
    if not isinstance(value, str | int):
        raise BadRow(f"{row.where}: id is missing")
    return str(value)


def _search(entries: Mapping[str, Row], queries: Sequence[_Query], encoder: Encoder | None) -> Iterator[_Found]:
    names = list(entries)
    with empty_store() as store:
        put_articles(store, [_article(number, row) for number, row in enumerate(entries.values())])
        engine = engine_on(store, encoder=encoder)
        for query in queries:
            found = _ask(engine, query, names)
            if engine.has_other_work:  # the first question in another language; later ones find its vectors made
                catch_up(store, engine)
                found = _ask(engine, query, names)
            yield found


def _ask(engine: Engine, query: _Query, names: Sequence[str]) -> _Found:
    ranked = engine.ranked_articles(opened(query.turns, account=_ACCOUNT))
    best: dict[str, float] = {}
    for judged in ranked:
        best.setdefault(names[judged.stored.passage.article_id], judged.confidence)
    return _Found(query, tuple(best), tuple(best.values()))


_ACCOUNT = AccountId("eval:data")


def _article(number: int, row: Row) -> Article:
    text = row.get("text", str, "")
    if row.get("format", str, "text") != "html":
        text = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())
    return Article(
        account=_ACCOUNT,
        id=number,
        locale=row.get("language", str, ""),
        title=row.get("title", str, ""),
        html=text,
        url="",
        updated_at=_time(row),
        section=row.get("section", str, ""),
        labels=row.texts("labels"),
        votes=row.get("votes", int, 0),
    )


def _time(row: Row) -> datetime:
    text = row.get("updated_at", str, "")
    try:
        found = datetime.fromisoformat(text) if text else NOW
    except ValueError as error:
        raise BadRow(f"{row.where}: updated_at must be a time such as 2026-01-31T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=NOW.tzinfo)


def _figures(found: Sequence[_Found]) -> dict[str, Figure]:
    answerable = [one for one in found if one.query.gold]
    others = [one for one in found if not one.query.gold]
    ranks = np.array([one.rank for one in answerable])
    figures = {f"R@{k}": mean(((ranks > 0) & (ranks <= k)).astype(float)) for k in (1, 3, 5, CUT)}
    figures["MRR"] = mean(np.where(ranks > 0, 1 / np.maximum(ranks, 1), 0.0))
    figures["shown"] = mean([bool(one.shown) for one in answerable])
    shown = [one for one in found if one.shown]
    figures["right among shown"] = mean([bool(one.query.gold & set(one.shown)) for one in shown])
    if others:
        figures["silent where nothing answers"] = mean([not one.shown for one in others])
    judged = [one for one in found if one.ids]
    sure = np.array([one.confidences[0] for one in judged])
    right = np.array([one.ids[0] in one.query.gold for one in judged], dtype=np.float64)
    figures["ECE"] = bootstrap(len(judged), lambda rows: expected_calibration_error(sure[rows], right[rows]))
    scaled = scaled_on_the_other_half(sure, right)
    figures["ECE scaled"] = bootstrap(len(judged), lambda rows: expected_calibration_error(scaled[rows], right[rows]))
    return figures


def _case(one: _Found) -> dict[str, Any]:
    return {
        "id": one.query.id,
        "kb": one.query.kb,
        "gold": sorted(one.query.gold),
        "rank": one.rank,
        "found": list(one.ids[:CUT]),
        "confidence": [round(sure, 4) for sure in one.confidences[:CUT]],
        "shown": list(one.shown),
    }

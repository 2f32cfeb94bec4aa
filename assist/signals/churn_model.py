"""The shipped churn model: how likely a text says that its author leaves us (``resources/models/churn``)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from assist.encoders.manifest import checked_bytes, read_manifest
from assist.errors import ModelError
from assist.rank.sparse import Floats, Row, SparseRows
from assist.signals.companies import THEM, US, Companies
from assist.signals.cues import Cues, default_cues, hits
from assist.signals.leaving import BUCKETS, Concepts, features, joins_us, read_concepts, vector
from assist.signals.phrases import sentence
from resources import ROOT

LANGUAGES = frozenset({"en", "de", "fr", "es", "pt"})
"""What the model has learned; a text in another language is not judged by it."""
WEIGHTS: Mapping[str, float] = {"word": 1.0, "piece": 0.5, "concept": 1.0, "place": 2.0, "cue": 0.5}
"""How much each group of features may say; chosen by folds over the project's own texts (docs/adr/0009-churn.md)."""
_ENDS = frozenset({"LEAVE", "CANCEL", "RENEW", "EXPIRE", "RIVAL", "NOTICE"})
_MOVES = frozenset({"SWITCH", "JOIN"})
_OURS = frozenset({US, "AGREEMENT"})
_FIRST = frozenset({"I", "WE"})
SHORT_WORDS = 7
_NO_FEATURE = frozenset({"us"})


class Ending(Enum):
    """Whether a sentence speaks of an end: not at all, in some word, or of us and in so many words."""

    NONE = 0
    HINTED = 1
    PLAIN = 2


class OrdinaryWords(Collection[str]):
    """Words that are no names even with a capital, kept as CRC-32: (n,) uint32, sorted."""

    def __init__(self, codes: NDArray[np.uint32]) -> None:
        self._codes = frozenset(codes.tolist())

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and code_of(word) in self._codes

    def __iter__(self) -> Iterator[str]:
        raise TypeError("only the codes of the words are known")

    def __len__(self) -> int:
        return len(self._codes)


@dataclass(frozen=True, slots=True)
class Reader:
    """From a text to features: everything of the model but its weights."""

    concepts: Concepts
    ordinary: Collection[str] = field(repr=False)
    cues: Cues

    def row(self, text: str, companies: Companies, *, weights: Mapping[str, float] = WEIGHTS) -> Row:
        """Return the buckets and values of ``text``; case, numbers and names of companies do not count."""
        tokens = companies.read(text, ordinary=self.ordinary)
        return vector(features(tokens, self.concepts, cues=self._cues_in(text)), weights)

    def _cues_in(self, text: str) -> set[str]:
        said = sentence(text, message_id=None)
        found = {name for hit in hits(said, self.cues) for name in (hit.cue.name, f"group {hit.cue.group}")}
        return found | {name for name in self.cues.markers if name not in _NO_FEATURE and self.cues.marks(name, said)}


@dataclass(frozen=True, slots=True)
class ChurnModel:
    """``weights`` are (BUCKETS + 1,), the constant last."""

    reader: Reader
    weights: Floats = field(repr=False)

    def score(self, text: str, companies: Companies) -> float:
        """Return the log-odds that ``text`` says its author leaves us or thinks of it; 0 is undecided."""
        places, values = self.reader.row(text, companies)
        return float(values @ self.weights[places] + self.weights[-1])

    def names_us(self, text: str, companies: Companies) -> bool:
        return any(token.word == US for token in companies.read(text, ordinary=self.reader.ordinary))

    def joins_us(self, text: str, companies: Companies) -> bool:
        """Tell whether ``text`` plainly leaves another company for us; see `leaving.joins_us`."""
        return joins_us(*self._read(text, companies))

    def ending(self, text: str, companies: Companies) -> Ending:
        """Return how plainly ``text`` has to do with ending, leaving or another company; cheap, and asked first."""
        words, read = self._read(text, companies)
        concepts = {concept for concept, _ in read}
        if "THING" in concepts or not (concepts & _ENDS or (THEM in concepts and concepts & _MOVES)):
            return Ending.NONE
        said = bool(concepts & {"LEAVE", "CANCEL", "RENEW"}) and bool(concepts & _OURS)
        moving = THEM in concepts and bool(concepts & {"TO", "FROM", "LEAVE"}) and bool(concepts & _FIRST)
        short = (
            len(words) <= SHORT_WORDS
            and bool(concepts & {"LEAVE", "CANCEL"})
            and _FIRST & concepts
            and "YOU" not in concepts
        )
        return Ending.PLAIN if (said or moving or short) and not concepts & {"DEVICE", "NEG"} else Ending.HINTED

    def scores(self, rows: SparseRows) -> Floats:
        return rows.scores(self.weights)

    def _read(self, text: str, companies: Companies) -> tuple[list[str], list[tuple[str, int]]]:
        words = [token.word for token in companies.read(text, ordinary=self.reader.ordinary)]
        return words, self.reader.concepts.read(words)


@lru_cache(maxsize=65_536)
def code_of(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "replace"))


@cache
def churn_model() -> ChurnModel:
    """Return the shipped model, checked against the manifest.

    Raises:
        ModelError: If a file of it is missing or is not the approved one.
    """
    folder = ROOT / "models"
    try:
        files = read_manifest(folder / "manifest.toml")["churn"]
    except KeyError as error:
        raise ModelError("the model manifest has no churn model; install Kibitz again") from error
    concepts = read_concepts(checked_bytes(files, "words.toml"))
    with np.load(io.BytesIO(checked_bytes(files, "model.npz")), allow_pickle=False) as stored:
        weights = stored["weights"].astype(np.float64)
        ordinary = stored["ordinary"].astype(np.uint32)
    if weights.shape != (BUCKETS + 1,):
        raise ModelError("the churn model does not fit this version; install Kibitz again")
    return ChurnModel(Reader(concepts, OrdinaryWords(ordinary), default_cues("churn")), weights)

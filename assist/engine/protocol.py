"""What the app and the engine process say to each other: plain values over a private pipe between the two."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from assist.domain import AccountId, Help, SourceKind
from assist.signals.advice import DEFAULT_FILE
from assist.store.database import StoreKey
from assist.store.records import Changes
from assist.suggest import Question

# --- to the engine


@dataclass(frozen=True, slots=True)
class Start:
    """The first message. The key comes this way so that it stands in no argument list and no environment."""

    database: Path
    key: StoreKey = field(repr=False)
    models: Path
    triggers: Path
    churn: Path = DEFAULT_FILE


@dataclass(frozen=True, slots=True)
class Ask:
    """``number`` tells answers apart; a newer question makes those before it pointless."""

    number: int
    question: Question = field(repr=False)


@dataclass(frozen=True, slots=True)
class Update:
    """Documents of one kind came or went in the store."""

    account: AccountId
    kind: SourceKind
    changes: Changes


@dataclass(frozen=True, slots=True)
class Forget:
    """An account was disconnected: drop all that is held of it."""

    account: AccountId


@dataclass(frozen=True, slots=True)
class Stop:
    pass


ToEngine: TypeAlias = Start | Ask | Update | Forget | Stop

# --- to the app


@dataclass(frozen=True, slots=True)
class Started:
    """The engine answers from now on. Vectors that were missing are still being made."""

    encoder: str
    documents: int
    missing_vectors: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """``last`` says that nothing better will come for this question. ``help`` is None if it was overtaken."""

    number: int
    help: Help | None = field(repr=False)
    last: bool


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors to keep in the store: shape (len(ids), dimension), float16."""

    encoder: str
    kind: SourceKind
    ids: tuple[int, ...]
    vectors: NDArray[np.float16]
    remaining: int
    in_use: tuple[str, ...] = ()
    """Names of all encoders whose vectors are needed; those of others may go."""


@dataclass(frozen=True, slots=True)
class Settled:
    """All that was there is encoded and learned from. ``taken`` counts the messages that changed something before."""

    taken: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine could not do what was asked. ``what`` holds no customer text; ``number`` is None outside an answer."""

    number: int | None
    what: str


FromEngine: TypeAlias = Started | Answer | Encoded | Settled | Failed

"""What each account's past says of its next reply: a `ReplyModel` per account, learned beside the questions."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from assist.domain import AccountId, SourceKind
from assist.ports import Encoder
from assist.rank.experience.model import ReplyModel
from assist.rank.experience.situations import Exchange, Memo
from assist.store.documents import Documents
from assist.store.records import PastReply
from assist.store.snapshot import Arrays

LEARNED_FROM = 2_000
"""The newest past replies of an account; each has to be encoded at every start."""
JUDGED_MACROS = 1_000
PAGE = 1_000
RELEARN_SHARE = 0.02
"""A model stands until this share of what it was learned from has changed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one account's model was learned from, to be kept; another ``uid`` for other content."""

    memo: Memo = field(repr=False)
    uid: int = field(default_factory=lambda: secrets.randbits(62))

    def arrays(self) -> Arrays:
        """Return checksums of the texts (n, 2) and their vectors (n, dimension), bit by bit as whole numbers."""
        digests, vectors = self.memo.known()
        return {"digests": digests, "vectors": vectors.view(np.uint32)}


class Habits:
    """The models of all accounts. `learn` belongs to one thread; ``models`` may be read from another."""

    def __init__(
        self, documents: Documents, encoder: Encoder, *, give_way: Callable[[], object], asked: Encoder | None = None
    ) -> None:
        """``encoder`` reads the past; ``asked``, of the same name, what is in front, by default the same."""
        self._documents = documents
        self._encoder = encoder
        self._asked = asked or encoder
        self._give_way = give_way
        self.models: dict[AccountId, ReplyModel] = {}
        """An account has none while nothing was learned; then the hand-set score stands alone."""
        self._memos: dict[AccountId, Memo] = {}
        self._changes: dict[AccountId, int] = {}
        self._to_keep: dict[AccountId, Piece] = {}

    def changed(self, account: AccountId, number: int) -> None:
        """Say that so many past replies came or went."""
        self._changes[account] = self._changes.get(account, 0) + number

    def forget(self, account: AccountId) -> None:
        for known in (self.models, self._memos, self._changes, self._to_keep):
            known.pop(account, None)

    def learn(self) -> None:
        """Learn what changed enough; seconds for some hundred replies, and it gives way to questions."""
        for account, number in list(self._changes.items()):
            model = self.models.get(account)
            if model is not None and number < RELEARN_SHARE * len(model.memory):
                continue
            self._changes.pop(account, None)
            learned = self._learned(account)
            if learned is None:
                self.models.pop(account, None)
            else:
                self.models[account] = learned

    def _learned(self, account: AccountId) -> ReplyModel | None:
        memo = self._memos.setdefault(account, Memo(self._encoder, give_way=self._give_way))
        ids = self._documents.newest_replies(account, limit=LEARNED_FROM)
        replies: list[PastReply] = []
        for start in range(0, len(ids), PAGE):
            self._give_way()
            replies += self._documents.past_replies(ids[start : start + PAGE]).values()
        exchanges = past_exchanges(replies)
        model = ReplyModel.fit(exchanges, self._asked, memo=memo)
        macros = self._macros(account)
        if model is not None:
            model.know(macros, memo.encode(macros))
        texts = [text for one in exchanges for text in (one.reply, *(said for _, said in one.turns))] + macros
        if not memo.only(texts) or account not in self._to_keep:
            self._to_keep[account] = Piece(memo)
        return model

    def _macros(self, account: AccountId) -> list[str]:
        """Return what macros say, as a reply is judged: each would cost the first ticket that it is found for 10 ms."""
        ids = self._documents.newest_ids(SourceKind.MACRO, account, limit=JUDGED_MACROS)
        return list(dict.fromkeys(macro.body for macro in self._documents.macros(ids).values() if macro.body))

    def to_keep(self) -> Mapping[AccountId, Piece]:
        """Return what each account's model was learned from, for `put_back` at the next start."""
        return dict(self._to_keep)

    def put_back(self, account: AccountId, arrays: Arrays, uid: int) -> None:
        """Take back what `to_keep` gave; what does not fit is left out, and read again when it is needed."""
        memo = self._memos.setdefault(account, Memo(self._encoder, give_way=self._give_way))
        try:
            memo.put_back(arrays["digests"], arrays["vectors"].view(np.float32))
        except (KeyError, ValueError):
            return
        self._to_keep[account] = Piece(memo, uid)


def past_exchanges(replies: Sequence[PastReply]) -> list[Exchange]:
    """Return past replies with what their ticket holds before them, in the order of their times.

    Replies that were not kept (courtesy, or too much of one customer) are missing between the turns.
    """
    by_ticket = sorted(replies, key=lambda reply: (reply.ref.id, reply.replied_at, reply.message_id))
    found: list[tuple[PastReply, Exchange]] = []
    for ref, ticket in groupby(by_ticket, key=lambda reply: reply.ref):
        turns: tuple[tuple[str, str], ...] = ()
        for reply in ticket:
            turns = (
                *turns,
                ("customer", f"{reply.subject}\n{reply.customer_text}" if not turns else reply.customer_text),
            )
            found.append((reply, Exchange(str(ref.id), turns, reply.reply_text, f"{ref.id}:{reply.message_id}")))
            turns = (*turns, ("agent", reply.reply_text))
    found.sort(key=lambda entry: (entry[0].replied_at, entry[0].ref.id, entry[0].message_id))
    return [exchange for _, exchange in found]

"""What each account's past says of its macros: which customers' texts agents answered with (nearly) which macro."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assist.domain import AccountId, SourceKind
from assist.ports import Encoder
from assist.rank.diversify import same_texts
from assist.rank.macros import Example, MacroMatcher
from assist.render import render
from assist.retrieve.collection import Collection
from assist.retrieve.query import CollectionKey
from assist.store.documents import Documents
from assist.store.records import Document
from assist.text.courtesy import without_greeting

MIN_EXAMPLES = 2
"""A macro that was sent only once may have been sent by mistake."""
MIN_MACROS = 3
"""Fewer give no picture of what else customers ask."""
MAX_REPLIES = 20_000
COMPARED = 200
"""Past replies compared between two looks at whether a question waits."""


class MacroMemory:
    """Keeps one `MacroMatcher` for each account, by document ids of macros. Belongs to one thread, but for reading."""

    def __init__(self, documents: Documents, encoder: Encoder, collections: Mapping[CollectionKey, Collection]) -> None:
        self._documents = documents
        self._encoder = encoder
        self._collections = collections
        self._behind: set[AccountId] = set()
        self.matchers: dict[AccountId, MacroMatcher[int]] = {}

    def changed(self, account: AccountId, kind: SourceKind) -> None:
        """Note that what is learned of ``account`` may be out of date."""
        if kind is not SourceKind.ARTICLE:
            self._behind.add(account)

    def forget(self, account: AccountId) -> None:
        self._behind.discard(account)
        self.matchers.pop(account, None)

    def learn(self, pause: Callable[[], object]) -> None:
        """Learn anew what changed; ``pause`` is called between steps of a few milliseconds."""
        while self._behind:
            account = self._behind.pop()
            examples = self._examples(account, pause)
            if len({example.macro for example in examples}) >= MIN_MACROS:
                self.matchers[account] = MacroMatcher(examples)
            else:
                self.matchers.pop(account, None)

    def _examples(self, account: AccountId, pause: Callable[[], object]) -> list[Example[int]]:
        replies = self._collections.get((account, SourceKind.PAST_REPLY))
        macros = list(self._documents.iterate(SourceKind.MACRO, account=account))
        if replies is None or len(macros) < MIN_MACROS:
            return []
        bodies = [without_greeting(render(macro.text, {})) for macro in macros]
        answered: dict[int, list[Document]] = {}
        newest = self._documents.newest_replies(account, limit=MAX_REPLIES)
        for start in range(0, len(newest), COMPARED):
            pause()
            page = self._documents.by_id(SourceKind.PAST_REPLY, newest[start : start + COMPARED])
            for document, at in zip(page, same_texts([_plain(one) for one in page], bodies), strict=True):
                if at is not None:
                    answered.setdefault(at, []).append(document)
        found: list[Example[int]] = []
        for at, documents in answered.items():
            pause()
            if len(documents) >= MIN_EXAMPLES:
                found += self._of_macro(macros[at], documents, replies)
        return found

    def _of_macro(self, macro: Document, answered: Sequence[Document], replies: Collection) -> list[Example[int]]:
        vectors = replies.dense.vectors([document.id for document in answered])
        found = [
            Example(f"{document.title}\n{document.text}", macro.id, vectors[document.id])
            for document in answered
            if document.id in vectors
        ]
        if found and macro.title.strip():
            title = self._encoder.encode([macro.title])[0]
            found.append(Example(macro.title, macro.id, title, is_title=True))
        return found


def _plain(past: Document) -> str:
    return without_greeting(past.answer)

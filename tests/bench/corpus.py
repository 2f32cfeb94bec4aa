"""A shop of any size: the demo shop, then its sentences shuffled, with words of a Zipf vocabulary, so that rare words
are rare and some answers are really there.

Everything is drawn from one seed, and a smaller shop is the beginning of a larger one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import product

import numpy as np

from assist.domain import Article, Message, OpenTicket, Passage, Role, SolvedTicket, TicketRef
from assist.ingest import past_replies
from assist.store.records import PastReply
from assist.text.passages import sentences, split_article
from tests.helpers.demo_store import ACCOUNT, demo_articles, demo_solved
from tests.helpers.demo_tickets import NOW, demo_tickets, states

SEED = 20261123
VOCABULARY = 60_000
ZIPF_EXPONENT = 1.07
PASSAGES_PER_ARTICLE = 5
SENTENCES_PER_PASSAGE = (5, 9)
CHANGED_SHARE = 0.4
"""Of the longer words of a sentence, this share is exchanged: half for words of the article's topic, half for any."""
CHANGED_SHARE_OF_TICKETS = 0.1
"""Less in tickets: the demo's own help still fits them."""
TOPIC_WORDS = 8
REPLIES_PER_PASSAGE = 0.3
MOST_REPLIES = 4_000
"""A sync reads 2,000 solved tickets at most, and each teaches about two replies."""
_WORD = re.compile(r"[^\W\d_]{5,}")


@dataclass(frozen=True)
class Sentence:
    """``pieces`` alternate: text that stays, a word that may be exchanged, text that stays …"""

    pieces: tuple[str, ...]


class Shop:
    """Draws documents and tickets. Every method gives the same for the same arguments."""

    def __init__(self, seed: int = SEED) -> None:
        self._seed = seed
        draws = np.random.default_rng(seed)
        ranks = np.arange(1, VOCABULARY + 1)
        chances = 1.0 / (ranks + 2.7) ** ZIPF_EXPONENT
        self._words = _made_up_words(VOCABULARY, seed)
        self._drawn: list[int] = draws.choice(VOCABULARY, size=400_000, p=chances / chances.sum()).tolist()

    def articles(self, passages: int) -> Iterator[tuple[Article, tuple[Passage, ...]]]:
        """Yield articles until there are ``passages`` of them."""
        left, number = passages, 0
        while left > 0:
            if number < len(self._real):
                article, split = self._real[number]
                made = split[:left]
            else:
                article, made = self._article(number, min(PASSAGES_PER_ARTICLE, left))
            yield article, made
            left, number = left - len(made), number + 1

    def replies(self, passages: int) -> Iterator[tuple[SolvedTicket, tuple[PastReply, ...]]]:
        """Yield the solved tickets that go with a shop of ``passages``, each with the replies it teaches."""
        wanted = min(int(passages * REPLIES_PER_PASSAGE), MOST_REPLIES)
        number = 0
        while wanted > 0:
            solved, learned = self._learned[number % len(self._learned)]
            if number >= len(self._learned):
                ref = TicketRef(ACCOUNT, 100_000 + number)
                solved = SolvedTicket(replace(solved.ticket, ref=ref), ())
                learned = tuple(self._changed_reply(reply, ref, number * 10 + at) for at, reply in enumerate(learned))
            yield solved, learned[:wanted]
            wanted, number = wanted - len(learned), number + 1

    def solved(self, count: int) -> Iterator[tuple[SolvedTicket, tuple[PastReply, ...]]]:
        """Yield ``count`` solved tickets with whole conversations, the demo shop's again and again."""
        for number in range(count):
            solved, learned = self._learned[number % len(self._learned)]
            ref = TicketRef(ACCOUNT, 100_000 + number)
            same = replace(solved, ticket=replace(solved.ticket, ref=ref))
            yield same, tuple(self._changed_reply(reply, ref, number * 10 + at) for at, reply in enumerate(learned))

    def tickets(self, count: int, passages: int) -> list[OpenTicket]:
        """Return ``count`` different tickets; some of their words are those of an article of a shop of ``passages``."""
        draw = random.Random(self._seed + 1)
        known = [opened for demo in demo_tickets().values() for opened, _ in states(demo)]
        chosen = [known[at % len(known)] for at in draw.sample(range(max(count, len(known))), count)]
        articles = max(passages // PASSAGES_PER_ARTICLE, 1)
        return [self._ticket(opened, 900_000 + at, draw.randrange(articles)) for at, opened in enumerate(chosen)]

    @cached_property
    def _real(self) -> list[tuple[Article, tuple[Passage, ...]]]:
        return [(article, split_article(article)) for article in demo_articles() if not article.draft]

    @cached_property
    def _pool(self) -> list[Sentence]:
        texts = [passage.text for _, passages in self._real for passage in passages]
        found = [_sentence(text[start:end]) for text in texts for start, end in sentences(text)]
        return [sentence for sentence in found if len(sentence.pieces) > 2]

    @cached_property
    def _learned(self) -> list[tuple[SolvedTicket, tuple[PastReply, ...]]]:
        pairs = [(solved, past_replies(solved)) for solved in demo_solved()]
        return [(solved, learned) for solved, learned in pairs if learned]

    def _article(self, number: int, count: int) -> tuple[Article, tuple[Passage, ...]]:
        draw = random.Random(self._seed * 31 + number)
        like, _ = self._real[number % len(self._real)]
        topic = self._topic(number)
        title = f"{' '.join(topic[:2]).capitalize()}: {self._mixed(_sentence(like.title), topic, draw)}"
        article = replace(like, id=number + 1_000, title=title, html="", url=f"https://shop.example.com/hc/{number}")
        passages = []
        for ordinal in range(count):
            length = draw.randint(*SENTENCES_PER_PASSAGE)
            text = " ".join(self._mixed(draw.choice(self._pool), topic, draw) for _ in range(length))
            passages.append(Passage(article.id, article.locale, ordinal, (title, topic[ordinal].capitalize()), text))
        return article, tuple(passages)

    def _changed_reply(self, reply: PastReply, ref: TicketRef, number: int) -> PastReply:
        draw = random.Random(self._seed * 37 + number)
        topic = self._topic(number)
        return replace(
            reply,
            ref=ref,
            message_id=number + 1,
            subject=self._mixed(_sentence(reply.subject), topic, draw),
            customer_text=self._mixed(_sentence(reply.customer_text), topic, draw),
            reply_text=self._mixed(_sentence(reply.reply_text), topic, draw),
            replied_at=NOW - timedelta(days=number % 700),
        )

    def _ticket(self, opened: OpenTicket, ticket_id: int, article: int) -> OpenTicket:
        draw = random.Random(self._seed * 41 + ticket_id)
        topic = self._topic(article)
        ref = TicketRef(ACCOUNT, ticket_id)
        messages = tuple(self._message(message, topic, draw) for message in opened.messages)
        return replace(opened, ticket=replace(opened.ticket, ref=ref), messages=messages)

    def _message(self, message: Message, topic: Sequence[str], draw: random.Random) -> Message:
        if message.author.role is not Role.CUSTOMER or message.html:
            return message
        return replace(message, text=self._mixed(_sentence(message.text), topic, draw, share=CHANGED_SHARE_OF_TICKETS))

    def _topic(self, article: int) -> list[str]:
        start = article * 7919 % (len(self._drawn) - TOPIC_WORDS)
        return [self._words[rank] for rank in self._drawn[start : start + TOPIC_WORDS]]

    def _mixed(
        self, sentence: Sentence, topic: Sequence[str], draw: random.Random, *, share: float = CHANGED_SHARE
    ) -> str:
        pieces = list(sentence.pieces)
        for at in range(1, len(pieces), 2):
            chance = draw.random()
            if chance < share / 2:
                pieces[at] = topic[int(chance / share * 2 * len(topic))]
            elif chance < share:
                pieces[at] = self._words[self._drawn[int(draw.random() * len(self._drawn))]]
        return "".join(pieces)


def _sentence(text: str) -> Sentence:
    pieces, end = [], 0
    for match in _WORD.finditer(text):
        pieces += [text[end : match.start()], match.group()]
        end = match.end()
    return Sentence((*pieces, text[end:]))


def _made_up_words(count: int, seed: int) -> list[str]:
    """Return ``count`` different words that can be spoken, in a drawn order."""
    beginnings = ("b", "br", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "z")
    syllables = ["".join(pair) for pair in product(beginnings, "aeiou")]
    ends = ("k", "l", "m", "n", "nd", "r", "rt", "s", "st", "x")
    words = ["".join(parts) for parts in product(syllables, syllables, ends)]
    random.Random(seed).shuffle(words)
    return words[:count]

"""What belongs to one account, brand, customer or audience is never put into a reply for another (promise U4)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assist.domain import AccountId, Help, Role, SolvedTicket, SourceKind, Visibility
from assist.engine.service import Engine
from assist.ingest import past_replies
from assist.suggest import Question
from assist.text.passages import split_article
from tests.helpers.builders import (
    NOON,
    a_customer,
    a_macro,
    a_message,
    a_reply,
    a_solved_ticket,
    a_ticket,
    an_agent,
    an_article,
    an_author,
    an_open_ticket,
)
from tests.helpers.encoders import HashingEncoder
from tests.helpers.store import opened, run

ACCOUNTS = (AccountId("zendesk:one"), AccountId("freshdesk:one"), AccountId("zendesk:two"))
BRANDS = ("", "Tarn", "Fell")
BRAND_IDS = {"": None, "Tarn": 1, "Fell": 2}
TOPICS = ("tent pole snapped", "refund of the boots", "parcel without label", "jacket zip stuck")
CUSTOMERS = ("Siegfried Quandt", "Ines Caldeira", "Rajesh Venkataraman", "Bronwen Heatherington")


@dataclass(frozen=True, slots=True)
class Past:
    """A solved ticket of some account, brand and customer; its number is in every value that is the customer's own."""

    number: int
    account: AccountId
    brand: str
    customer: str
    topic: str

    @property
    def canaries(self) -> tuple[str, ...]:
        own = f"77{self.number:03d}"
        return (f"TT-{own}", f"canary{own}@example.com", f"+44 1632 {own}0", own, *self.customer.split())

    @property
    def mark(self) -> str:
        """A word that tells account and brand, and is nobody's own."""
        return _mark(self.account, self.brand)

    def solved(self) -> SolvedTicket:
        order, mail, phone, *_ = self.canaries
        first = self.customer.split()[0]
        text = (
            f"We have looked at the {self.topic} and the {self.mark} workshop can help. {first}, your order {order} is "
            f"noted under {mail}, we reach you at {phone}. Please keep the parts together until then."
        )
        customer = an_author(Role.CUSTOMER, name=self.customer)
        return a_solved_ticket(
            ticket=a_ticket(1000 + self.number, self.account, brand=self.brand, subject=self.topic),
            messages=(a_message(f"Help with my {self.topic} please", author=customer), a_reply(text)),
        )


def _mark(account: AccountId, brand: str) -> str:
    return f"{account.replace(':', '')}{brand or 'nobrand'}".lower()


pasts = st.lists(
    st.tuples(*(st.sampled_from(values) for values in (ACCOUNTS, BRANDS, CUSTOMERS, TOPICS))), min_size=1, max_size=14
).map(lambda rows: [Past(number, *row) for number, row in enumerate(rows, 1)])
articles = st.lists(
    st.tuples(*(st.sampled_from(values) for values in (ACCOUNTS, list(Visibility), TOPICS, BRANDS))), max_size=8
)


def an_engine(store, solved: list[Past], pages: list[tuple[AccountId, Visibility, str, str]]) -> Engine:
    for number, (account, visibility, topic, brand) in enumerate(pages, 1):
        secret = f"{account.replace(':', '')}{visibility.value.replace('-', '')} {_mark(account, brand)}"
        html = f"<p>For a {topic}, take the {secret} route. The {topic} is then solved within the {secret} rules.</p>"
        page = an_article(number, account, title=topic, html=html, visibility=visibility, brand_id=BRAND_IDS[brand])
        run(store.knowledge.put_articles([(page, split_article(page))]))
    for account in ACCOUNTS:
        body = f"For this, the {account.replace(':', '')} desk helps with tent, boots, refund, parcel and jacket."
        run(store.knowledge.put_macros([a_macro(1, account, title="Help", body=body)]))
    run(store.knowledge.put_solved([(ticket, past_replies(ticket)) for ticket in (past.solved() for past in solved)]))
    engine = Engine(reader=store.reader, encoder=HashingEncoder(), triggers=(), now=lambda: NOON)
    engine.load()
    list(engine.encode_missing())
    return engine


def ask(engine: Engine, account: AccountId, brand: str, topic: str) -> list[Help]:
    ticket = an_open_ticket(
        ticket=a_ticket(7, account, brand=brand, brand_id=BRAND_IDS[brand], subject=topic),
        messages=(a_message(f"Help with my {topic} please", author=an_author(Role.CUSTOMER, name="Olga Novak")),),
        customer=a_customer(name="Olga Novak", email="olga@example.org"),
    )
    return list(engine.answer(Question(ticket, an_agent())))


@pytest.mark.promise("U4")
@settings(max_examples=30)
@given(pasts, articles, st.sampled_from(ACCOUNTS), st.sampled_from(BRANDS), st.sampled_from(TOPICS))
def test_that_nothing_of_another_account_brand_customer_or_audience_gets_into_a_reply(
    solved, pages, account, brand, topic
):
    with TemporaryDirectory() as folder, opened(Path(folder) / "kibitz.db") as store:
        engine = an_engine(store, solved, pages)
        for help_ in ask(engine, account, brand, topic):
            replies = "\n".join(reply.text for reply in help_.replies).lower()
            everything = repr((help_.replies, help_.articles, help_.similar)).lower()
            for other in {one.replace(":", "") for one in ACCOUNTS if one != account}:
                assert other not in everything
            if brand:
                other_brand = {"Tarn": "fell", "Fell": "tarn"}[brand]
                assert f"{account.replace(':', '')}{other_brand}" not in everything
            for past in solved:
                assert not [canary for canary in past.canaries if canary.lower() in replies], past
            for visibility in set(Visibility) - {Visibility.EVERYONE}:
                assert f"{account.replace(':', '')}{visibility.value.replace('-', '')}" not in replies


@pytest.mark.promise("U4")
@given(st.sampled_from(BRANDS[1:]), st.integers(15, 35))
@settings(max_examples=8)
def test_that_dozens_of_replies_of_another_brand_do_not_crowd_out_the_own(brand, crowd):
    account, topic = ACCOUNTS[0], TOPICS[0]
    other = next(one for one in BRANDS[1:] if one != brand)
    solved = [Past(number, account, other, CUSTOMERS[0], topic) for number in range(1, crowd)]
    own = Past(900, account, brand, CUSTOMERS[1], topic)
    with TemporaryDirectory() as folder, opened(Path(folder) / "kibitz.db") as store:
        engine = an_engine(store, [*solved[: crowd // 2], own, *solved[crowd // 2 :]], [])
        found = [reply.text for reply in ask(engine, account, brand, topic)[-1].replies]

    assert any(own.mark in text for text in found), found


def test_that_the_world_of_these_tests_does_give_past_replies_and_drafts(tmp_path):
    past = Past(1, ACCOUNTS[0], "Tarn", CUSTOMERS[0], TOPICS[0])
    with opened(tmp_path / "kibitz.db") as store:
        engine = an_engine(store, [past], [(ACCOUNTS[0], Visibility.EVERYONE, TOPICS[1], "Tarn")])
        replies = ask(engine, ACCOUNTS[0], "Tarn", TOPICS[0])[-1].replies

    assert [past.mark in reply.text for reply in replies if reply.source.kind is SourceKind.PAST_REPLY] == [True]


@pytest.mark.promise("U4")
@pytest.mark.parametrize("crowd", [15, 35])
def test_that_dozens_of_articles_of_another_brand_do_not_crowd_out_the_own(tmp_path, crowd):
    account, topic = ACCOUNTS[0], TOPICS[0]
    others = [(account, Visibility.EVERYONE, topic, "Fell")] * crowd
    pages = [*others[: crowd // 2], (account, Visibility.EVERYONE, topic, "Tarn"), *others[crowd // 2 :]]
    with opened(tmp_path / "kibitz.db") as store:
        engine = an_engine(store, [], pages)
        found = [hit.article_id for hit in ask(engine, account, "Tarn", topic)[-1].articles]

    assert found == [crowd // 2 + 1]


@pytest.mark.promise("U4")
def test_that_an_article_without_a_brand_is_for_all_brands(tmp_path):
    with opened(tmp_path / "kibitz.db") as store:
        engine = an_engine(store, [], [(ACCOUNTS[0], Visibility.EVERYONE, TOPICS[0], "")])

        assert all(ask(engine, ACCOUNTS[0], brand, TOPICS[0])[-1].articles for brand in BRANDS)

"""A deleted customer leaves the store, the engine process and its kept index (promise D7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assist.domain import Role
from assist.ingest import past_replies
from assist.retrieve.lexical import LANGUAGES
from assist.retrieve.postings import term
from assist.store.database import index_path
from desktop.desk import SystemClock
from desktop.keeping import Keeping
from desktop.policy import Policy
from tests.helpers.builders import ACME, a_message, a_reply, a_solved_ticket, a_ticket, an_author, an_open_ticket
from tests.helpers.engine import is_alive, running, until
from tests.helpers.store import KEY, opened, plain_bytes_of, run

OLGA = an_author(Role.CUSTOMER, id=901, name="Olga Novak")
INDEX_PAGE_BYTES = 65_536


def hashed(word: str) -> bytes:
    return term(LANGUAGES.index("en"), 0, word).to_bytes(8, "little")


def all_bytes(home: Path) -> Iterator[bytes]:
    """Yield what every file below ``home`` holds, decrypted where it is encrypted."""
    for path in sorted(home.rglob("*")):
        if path.name.endswith(("-wal", "-shm")) or not path.is_file():
            continue
        if path.name == "kibitz.db":
            yield plain_bytes_of(path)
        elif path.name.endswith("-index"):
            yield plain_bytes_of(path, KEY, page_bytes=INDEX_PAGE_BYTES)
        else:
            yield path.read_bytes()


@pytest.mark.slow
@pytest.mark.promise("D7")
def test_that_a_deleted_customer_is_in_no_byte_of_any_file_and_no_engine(tmp_path):
    question = "My quetzal shaped kite tore, says Caldeira"
    answer = "Please send the quetzal kite to us and we will mend it within two weeks."
    mine = a_solved_ticket(8, messages=(a_message(question), a_reply(answer)))
    hers = a_solved_ticket(
        9,
        ticket=a_ticket(9, requester_id=901),
        messages=(a_message("Where is my parcel", author=OLGA), a_reply("It left us on Monday and comes within days.")),
    )
    traces = (b"quetzal", b"Caldeira", hashed("quetzal"))

    async def scenario(store):
        async with running(store) as engine:
            keeping = Keeping(
                store,
                engine.client,
                SystemClock(),
                Policy,
                on_changes=engine.client.update,
                forget_memory=lambda *_: None,
            )
            await until(index_path(store.path).exists)
            await until(lambda: any(hashed("quetzal") in one for one in all_bytes(tmp_path)))
            old = engine.pid
            (customer,) = await keeping.find(ACME, "900")
            await keeping.forget(customer)
            assert not is_alive(old)
            assert not any(trace in one for one in all_bytes(tmp_path) for trace in traces)
            await until(lambda: engine.client.is_up)
            await until(lambda: any(hashed("parcel") in one for one in all_bytes(tmp_path)))
            assert not any(trace in one for one in all_bytes(tmp_path) for trace in traces)
            return await engine.ask("My quetzal kite tore, what now?", subject="Quetzal kite")

    with opened(tmp_path / "kibitz.db") as store:
        run(store.knowledge.put_solved([(one, past_replies(one)) for one in (mine, hers)]))
        run(store.tickets.put(an_open_ticket()))
        helps = run(scenario(store))

    assert [found.similar for found in helps] == [(), ()]

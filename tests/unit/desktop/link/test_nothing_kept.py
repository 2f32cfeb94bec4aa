"""What passes over the link is in no file, and not in the encrypted store either."""

from __future__ import annotations

from tests.helpers.links import CODE
from tests.helpers.qt_loop import until

DRAFT = "Zaubernuss-Entwurf 7731"


def test_that_nothing_of_a_draft_is_in_any_file(go, linked, tmp_path):
    linked.room.drafts = True

    async def scenario():
        browser = linked.browser()
        browser.pair()
        await until(lambda: linked.link.state)
        await until(lambda: browser.extension.told_id)
        browser.type_code(CODE)
        await until(lambda: browser.extension.paired)
        browser.hello()
        await until(lambda: browser.extension.heard)
        browser.front(7)
        browser.say(t="draft", tab=1, url="https://acme.example.com/agent/tickets/7", text=DRAFT)
        await until(lambda: linked.link.draft(linked.at.ref(7)) == DRAFT)
        await linked.at.settle()

    go(scenario)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and DRAFT.encode() in path.read_bytes()]
    kept = linked.at.store.writer.submit(everything).result(timeout=10)
    assert "ticket" in kept.lower()
    assert DRAFT not in kept


def everything(connection) -> str:
    """Return all rows of the store in clear."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return "\n".join(f"{name}: {row!r}" for name in tables for row in connection.execute(f'SELECT * FROM "{name}"'))  # noqa: S608  # the store's own names

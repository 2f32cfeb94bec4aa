from datetime import timedelta

from assist.domain import HelpdeskKind
from assist.store.knowledge import put_macros
from assist.store.records import Account, Checkpoint
from assist.store.state import put_checkpoint
from tests.helpers.builders import ACME, NOON, a_macro, an_agent
from tests.helpers.store import opened, run


def an_account(**fields):
    defaults = {
        "id": ACME,
        "kind": HelpdeskKind.ZENDESK,
        "base_url": "https://acme.zendesk.com",
        "display": "Acme",
        "agent": an_agent(),
        "added_at": NOON,
    }
    return Account(**{**defaults, **fields})


def test_that_accounts_survive_a_restart_in_the_order_they_were_added(path):
    second = an_account(
        id="freshdesk:acme",
        kind=HelpdeskKind.FRESHDESK,
        added_at=NOON + timedelta(days=1),
        name="Sandbox",
        portal="support.acme.com",
    )
    with opened(path) as store:
        run(store.state.put_account(second))
        run(store.state.put_account(an_account(client_id="kibitz_desktop")))
    with opened(path) as store:
        assert store.state.accounts() == (an_account(client_id="kibitz_desktop"), second)


def test_that_replacing_an_account_keeps_when_it_was_added(store):
    run(store.state.put_account(an_account()))
    run(store.state.put_account(an_account(display="Acme Ltd", name="Shop", added_at=NOON + timedelta(days=9))))

    assert store.state.accounts() == (an_account(display="Acme Ltd", name="Shop"),)


def test_that_a_checkpoint_is_kept_for_each_collection(store):
    run(store.state.put_checkpoint(ACME, "articles", Checkpoint("page 2", False, NOON)))
    run(store.state.put_checkpoint(ACME, "articles", Checkpoint("page 3", True, NOON)))

    assert store.state.checkpoint(ACME, "articles") == Checkpoint("page 3", True, NOON)
    assert store.state.checkpoint(ACME, "macros") is None


def test_that_a_batch_and_its_checkpoint_can_share_a_transaction(store):
    def batch(connection):
        put_macros(connection, [a_macro()])
        put_checkpoint(connection, ACME, "macros", Checkpoint("1", True, NOON))
        raise InterruptedError

    assert isinstance(store.writer.submit(batch).exception(timeout=10), InterruptedError)

    assert store.state.checkpoint(ACME, "macros") is None
    assert store.documents.counts().macros == 0


def test_that_a_setting_can_be_changed_and_removed(store):
    run(store.state.put_setting("edge", "left"))
    run(store.state.put_setting("edge", "right"))
    run(store.state.put_setting("width", "400"))
    run(store.state.put_setting("width", None))

    assert store.state.settings() == {"edge": "right"}
    assert store.state.setting("width") is None

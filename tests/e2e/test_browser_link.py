"""The browser link from end to end: real browsers with the extension, the demo helpdesk's pages, and the app itself.

What the panel shows is read over the accessibility bus, as a screen reader does. The pages of both helpdesks are those
of the demo, and the extension may see 127.0.0.1 without the browser's prompt; all else is as an agent has it.
"""

from __future__ import annotations

import pytest

from assist.domain import SentAs
from tests.helpers.e2e import soon
from tests.helpers.forgeries import forgeries
from tests.helpers.linked import CTRL, END, LEFT, Linked, quoted

pytestmark = [pytest.mark.x11, pytest.mark.browser, pytest.mark.keyring_daemon, pytest.mark.slow]
pytestmark.append(
    pytest.mark.parametrize("linked", ["chromium-zendesk", "firefox-freshdesk"], indirect=True, scope="module")
)

A, B, C, D, E = "o-invoice-george", "o-cancel-club-zoe", "o-wash-ruth", "o-pole-snapped-ines", "o-injury-liam"
SCRIPTED = "o-trail-trial-sofia"
INSERTED = "It is in your reply. Read it, then send."
MOVED = "Another ticket or page is in front now, so nothing was inserted."


@pytest.fixture(autouse=True)
def _tidy(linked: Linked):
    yield
    linked.tidy()


def test_that_the_panel_follows_loads_steps_tabs_windows_and_what_is_no_ticket(linked: Linked):
    first = linked.open(A)
    linked.step(first, B)
    linked.shows(B)
    second = linked.open(C)
    first.front()
    linked.shows(B)
    window = linked.open(D, kind="window")
    second.front()
    linked.shows(C)
    window.front()
    linked.shows(D)
    window.close()
    linked.shows(C)
    second.close()
    linked.shows(B)
    first.click("#back")
    linked.shows_nothing()
    first.run("history.back()")
    linked.shows(B)


@pytest.mark.promise("U7")
def test_that_use_puts_the_reply_into_an_empty_composer_and_undo_takes_it_out(linked: Linked):
    tab = linked.open(A)
    comments = len(linked.ticket(A).comments)
    linked.station.set_clipboard("my own")
    linked.use()
    [used] = soon(lambda: linked.used(A))
    soon(lambda: linked.composed(tab).split(), lambda words: words == used.text.split())
    linked.says(INSERTED)
    assert (used.how, used.edit_distance) == ("click", 0)
    assert linked.station.clipboard() == "my own"

    tab.front()
    tab.chord(CTRL, "z")
    soon(lambda: linked.composed(tab), lambda text: text == "")
    assert len(linked.ticket(A).comments) == comments
    assert len(linked.used(A)) == 1
    assert {seen.method for seen in linked.asked()} == {"GET"}


@pytest.mark.promise("U7")
def test_that_use_puts_the_reply_where_the_caret_is_in_a_text_under_way(linked: Linked):
    tab = linked.open(B)
    comments = len(linked.ticket(B).comments)
    linked.write(tab, "Before that. After that.")
    for _ in "After that.":
        tab.chord(LEFT)
    linked.use()
    [used] = soon(lambda: linked.used(B))
    whole = f"Before that. {used.text} After that.".split()
    soon(lambda: linked.composed(tab).split(), lambda words: "".join(words) == "".join(whole))
    linked.says(INSERTED)

    tab.front()
    tab.chord(CTRL, "z")
    soon(lambda: linked.composed(tab).split(), lambda words: words == ["Before", "that.", "After", "that."])
    assert len(linked.ticket(B).comments) == comments


@pytest.mark.promise("N5")
def test_that_nothing_is_inserted_when_the_tab_is_switched_between_use_and_insert(linked: Linked):
    other = linked.open(C)
    linked.write(other, "For Ruth.")
    tab = linked.open(D)
    linked.world.faults.set({"latency_ms": 10_000})  # the look for news is given up before that
    linked.use()
    linked.says("Inserting")
    other.front()
    linked.announces(MOVED)
    linked.shows(C)
    assert (linked.composed(tab), linked.composed(other)) == ("", "For Ruth.")
    assert linked.used(C) == linked.used(D) == []


@pytest.mark.promise("N5")
def test_that_the_page_refuses_what_is_asked_for_while_it_goes_to_another_ticket(linked: Linked):
    tab = linked.open(E)
    linked.looked_at(tab)  # or Kibitz would not know that there is an editor
    # Nothing else runs in the page until the helpdesk's page has been told to answer otherwise; then it has moved.
    tab.run(
        f"""setTimeout(() => {{
            for (;;) {{
                const asked = new XMLHttpRequest();
                asked.open("GET", "/demo/faults", false);
                asked.send();
                if (JSON.parse(asked.responseText).retry_after === "go") break;
            }}
            history.pushState({{}}, "", {quoted(linked.path(C))});
            dispatchEvent(new PopStateEvent("popstate"));
        }}), 0"""
    )
    linked.use()
    soon(lambda: linked.used(E))
    linked.world.faults.set({"retry_after": "go"})
    linked.drawn(tab, C)
    linked.announces(MOVED)
    assert linked.composed(tab) == ""
    linked.step(tab, E)
    linked.shows(E)
    assert linked.composed(tab) == ""
    linked.says("Not inserted: something else was in front.")


@pytest.mark.promise("N6")
def test_that_a_colleagues_answer_stops_the_first_use_and_not_the_second(linked: Linked):
    key = "o-double-charge-hannah"
    tab = linked.open(key)
    colleague = next(one for one in linked.world.staff() if one.id not in own_ids(linked))
    linked.world.agent_replies(linked.number(key), "<p>It was charged once only.</p>", agent=colleague)
    linked.use()
    said: list[str] = []

    def heard() -> bool:
        said.extend(linked.reader.announced())
        return any(one.startswith(f"{colleague.name} answered ") and one.endswith(" Look first.") for one in said)

    soon(heard)
    linked.says(f"{colleague.name} has answered meanwhile")
    assert (linked.composed(tab), linked.used(key)) == ("", [])

    linked.use()
    [used] = soon(lambda: linked.used(key))
    soon(lambda: linked.composed(tab).split(), lambda words: words == used.text.split())


def own_ids(linked: Linked) -> set[int]:
    return {linked.world.agent_at(linked.kibitz.kind.value).id, linked.world.agent.id}


def test_that_without_a_composer_the_reply_is_copied_and_that_is_said(linked: Linked):
    tab = linked.open("o-sarcasm-peter")
    linked.station.set_clipboard("nothing yet")
    tab.run("document.querySelector('#composer').removeAttribute('contenteditable')")
    tab.wait("!document.querySelector('#composer').isContentEditable")
    linked.use()
    linked.announces("There is no reply editor on this page, so the reply was copied.")
    [used] = linked.used("o-sarcasm-peter")
    assert linked.station.clipboard() == used.text
    assert linked.composed(tab) == ""


@pytest.mark.promise("D3")
@pytest.mark.parametrize(("key", "more", "sent_as"), [(D, "", SentAs.AS_IS), (C, " I hope it helps.", SentAs.EDITED)])
def test_that_what_was_sent_is_in_the_log_soon_after_sending(linked: Linked, key, more, sent_as):
    tab = linked.open(key)
    linked.use()
    soon(lambda: linked.composed(tab))
    linked.says(INSERTED)
    if more:
        tab.front()
        tab.chord(CTRL, END)
        tab.type(more)
    sent = linked.send(tab, key)
    [outcome] = soon(lambda: linked.log.outcomes(linked.ref(key)))
    [used] = linked.used(key)
    assert (outcome.sent_as, outcome.suggestion_id) == (sent_as, used.suggestion_id)
    assert outcome.sent_text.split() == sent.split()
    assert outcome.edit_distance == len("".join(more.split()))


@pytest.mark.promise("S5")
def test_that_what_scripts_of_a_page_say_changes_nothing(linked: Linked):
    tab = linked.open(SCRIPTED)
    linked.button()
    comments = len(linked.ticket(SCRIPTED).comments)
    assert tab.run(forgeries(linked.web.popup_url)) == ""
    assert linked.composed(tab) == ""
    assert (linked.code(), linked.front()) == ("", linked.number(SCRIPTED))

    linked.use()
    soon(lambda: linked.used(SCRIPTED))
    linked.says(INSERTED)
    assert "forged" not in linked.composed(tab)
    assert len(linked.ticket(SCRIPTED).comments) == comments


def test_that_a_ticket_shown_by_another_host_is_not_followed(linked: Linked):
    first, second = "o-privacy-klara", "o-giftcard-zoe"
    linked.open(A)
    tab = linked.web.open(linked.address(first).replace("127.0.0.1", "localhost"))
    linked.drawn(tab, first)
    linked.step(tab, second)
    tab.go(linked.address(D))
    linked.shows(D)
    assert linked.log.shown(linked.ref(first)) == linked.log.shown(linked.ref(second)) == []


@pytest.mark.promise("S3")
def test_that_the_logs_hold_no_trouble_and_no_customers_words(linked: Linked):
    """The last of all: everything above has happened by then."""
    written = linked.kibitz.written_log()
    assert linked.kibitz.errors() == ""
    assert [line for line in written.splitlines() if " ERROR " in line or " WARNING " in line] == []
    for key in (A, B, C, D):
        customer = linked.world.people[linked.ticket(key).requester_id]
        for secret in (customer.name, customer.email, linked.ticket(key).subject):
            assert secret not in written


@pytest.mark.promise("I4")
def test_that_a_reply_is_used_by_keys_alone_and_the_keyboard_is_back_in_the_page(linked: Linked):
    key = "o-leaving-petra"
    tab = linked.open(key)
    linked.looked_at(tab)
    linked.station.press("alt+shift+k")
    panel = linked.kibitz.window()
    soon(linked.station.x.focused, lambda focused: focused == panel)
    linked.station.press("1")
    [used] = soon(lambda: linked.used(key))
    soon(lambda: linked.composed(tab).split(), lambda words: words == used.text.split())
    soon(linked.station.x.focused, lambda focused: focused not in {0, panel})
    assert used.how == "key"

"""What an agent does on the page, in a real browser."""

from __future__ import annotations

import shutil

import pytest

from integrations.demo.world import comment_text
from tests.helpers.demo_data import LONG, LONG_THREAD, NEW, OPEN, PENDING

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=BROWSER, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page that fails the test when its console complains or it asks another host."""
    context = browser.new_context(viewport={"width": 900, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.complaints = complaints
    page.on("request", lambda request: "127.0.0.1" in request.url or complaints.append(request.url))
    yield page
    context.close()
    assert complaints == []


def recent(zendesk):
    return [ticket["id"] for ticket in zendesk.get("/tickets/recent").json()["tickets"]]


def test_that_a_reply_typed_on_the_page_is_a_comment_of_the_api(page, server, zendesk, world):
    page.goto(server.zendesk_url)
    page.click(f'[data-ticket-id="{OPEN}"]')
    page.wait_for_url(f"**/agent/tickets/{OPEN}")
    page.click("#composer")
    page.keyboard.type("Hi Inês,")
    page.keyboard.press("Enter")
    page.keyboard.type("it is on its way.")
    with page.expect_response("**/reply"):
        page.click("#send")
    page.wait_for_selector('.message[data-author-role="agent"][data-public="true"]')

    comment = zendesk.get(f"/tickets/{OPEN}/comments?sort_order=desc").json()["comments"][0]
    assert (comment["plain_body"], comment["public"], comment["author_id"]) == (
        "Hi Inês,\nit is on its way.",
        True,
        world.agent.id,
    )
    assert recent(zendesk) == [OPEN]
    assert page.inner_text("#composer").strip() == ""


def test_that_the_list_is_worked_by_keyboard(page, server, zendesk):
    page.goto(f"{server.zendesk_url}/agent/dashboard")
    page.wait_for_selector(".row.cursor")
    order = page.eval_on_selector_all(".row", "rows => rows.map(row => row.dataset.ticketId)")

    for key in ("j", "j", "k", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("#composer")
    assert page.url.endswith(f"/agent/tickets/{order[1]}")

    page.keyboard.press("r")
    page.keyboard.type("Thank you!")
    with page.expect_response("**/reply"):
        page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("**/agent/dashboard")

    comments = zendesk.get(f"/tickets/{order[1]}/comments?sort_order=desc").json()["comments"]
    assert comments[0]["plain_body"] == "Thank you!"


def test_that_a_note_and_a_status_are_sent_as_chosen(page, server, world):
    page.goto(f"{server.zendesk_url}/agent/tickets/{PENDING}")
    page.click('[data-note="true"]')
    page.type("#composer", "Ask the workshop.")
    page.click("#send-menu")
    page.click('#status-menu [data-status="solved"]')
    assert page.inner_text("#send") == "Submit as Solved"
    with page.expect_response("**/reply"):
        page.click("#send")

    ticket = world.tickets[PENDING]
    assert (ticket.status, ticket.comments[-1].public) == ("solved", False)


def test_that_pasted_text_keeps_its_lines(page, server, world):
    page.goto(f"{server.zendesk_url}/agent/tickets/{NEW}")
    page.wait_for_selector("#composer")
    text = "Hallo Klara,\n\nzwei <Absätze> & ein Gruß.\n\nMaya"
    page.eval_on_selector(
        "#composer",
        """(editor, text) => {
            editor.focus();
            const data = new DataTransfer();
            data.setData("text/plain", text);
            editor.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )
    with page.expect_response("**/reply") as sent:
        page.click("#send")

    assert sent.value.status == 200
    assert comment_text(world.tickets[NEW].comments[-1]) == text


def test_that_a_customers_message_appears_without_a_reload(page, server, world):
    page.goto(f"{server.zendesk_url}/agent/tickets/{PENDING}")
    page.wait_for_selector(".message")

    comment = world.customer_writes(PENDING, "Hier ist das Foto.")

    page.wait_for_selector(f'.message[data-message-id="{comment.id}"]')
    assert page.inner_text(".ticket-head .chip") == "Open"


def test_that_a_long_thread_is_there_whole_and_shows_its_end(page, server, world):
    page.goto(f"{server.zendesk_url}/agent/tickets/{LONG}")
    page.wait_for_selector(".message")

    last = world.tickets[LONG].comments[-1].id
    assert page.locator(".message").count() == LONG_THREAD
    box = page.locator(f'.message[data-message-id="{last}"]').bounding_box()
    assert 0 < box["y"] < page.locator("#composer").bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 900


def test_that_the_freshdesk_face_sends_with_its_own_words(page, server, freshdesk):
    page.goto(f"{server.freshdesk_url}/a/tickets/{OPEN}")
    page.wait_for_selector("#send:has-text('Send')")
    page.type("#composer", "Soon.")
    with page.expect_response("**/reply"):
        page.click("#send")

    assert freshdesk.get(f"/tickets/{OPEN}/conversations").json()[-1]["body_text"] == "Soon."


def test_that_faults_are_switched_on_the_page(page, server, world):
    page.goto(f"{server.zendesk_url}/agent/tickets/{OPEN}")
    page.wait_for_selector("#composer")
    page.click("#demo-toggle")
    page.check("#fault-offline")
    page.wait_for_selector("#fault-banner:has-text('API offline')")
    assert world.faults.offline

    page.click("#fault-reset")
    page.wait_for_selector("#fault-banner", state="hidden")
    assert not world.faults.offline


def test_that_a_draft_waits_while_another_ticket_is_looked_at(page, server):
    page.goto(f"{server.zendesk_url}/agent/tickets/{OPEN}")
    page.type("#composer", "Half a sentence")
    page.click("#back")
    page.click(f'[data-ticket-id="{PENDING}"]')
    page.wait_for_selector(f'.ticket[data-ticket-id="{PENDING}"]')
    assert page.inner_text("#composer").strip() == ""

    page.go_back()
    page.go_back()
    page.wait_for_selector("#composer:has-text('Half a sentence')")


def test_that_a_lost_connection_is_said_and_costs_no_word(page, server, world):
    page.goto(f"{server.zendesk_url}/agent/tickets/{OPEN}")
    page.type("#composer", "Almost sent")
    page.route("**/demo/api/**", lambda route: route.abort())
    page.click("#send")
    page.wait_for_selector("#lost-banner")
    assert page.inner_text("#send-problem") == "Not sent: no connection."
    assert page.inner_text("#composer") == "Almost sent"

    page.unroute("**/demo/api/**")
    page.wait_for_selector("#lost-banner", state="hidden")
    with page.expect_response("**/reply"):
        page.click("#send")

    assert comment_text(world.tickets[OPEN].comments[-1]) == "Almost sent"
    assert all("ERR_FAILED" in complaint for complaint in page.complaints)
    page.complaints.clear()

"""The demo helpdesk's page in Chromium: what is beside what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from integrations.demo.server import DemoServer
from tests.helpers.e2e import BROWSER, QUIET, fresh_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOXES = """rows => rows.map(row => [...row.querySelectorAll(".facts > *")].flatMap(cell => {
    const inner = cell.querySelector(".chip") ?? cell;
    const { left, right, width } = inner.getBoundingClientRect();
    return width ? [[cell.className.split(" ")[0], left, right]] : [];
}))"""


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(fresh_world()) as running:
        yield running


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    if BROWSER is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize("face", ["zendesk_url", "freshdesk_url"])
@pytest.mark.parametrize("width_px", [1300, 1000, 780])
def test_that_nothing_in_a_row_of_the_list_covers_what_is_beside_it(server, page, face, width_px):
    page.set_viewport_size({"width": width_px, "height": 800})
    page.goto(getattr(server, face))
    page.wait_for_selector("#ticket-list .row .chip")
    rows = page.locator("#ticket-list .row").evaluate_all(BOXES)
    assert len(rows) > 5
    for row in rows:
        order = sorted(row, key=lambda cell: cell[1])
        assert [cell[0] for cell in order] == [cell[0] for cell in row]
        for (_, _, right), (_, left, _) in pairwise(order):
            assert right <= left

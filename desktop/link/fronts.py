"""Which page is in front, from what the linked browsers say. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from assist.domain import TicketRef


@dataclass(frozen=True, slots=True)
class Page:
    """A helpdesk's page. ``ref`` is its ticket, None where it shows none of a connected account."""

    browser: int
    tab: int
    url: str = field(repr=False)
    composer: bool
    ref: TicketRef | None


class Fronts:
    """Among several browsers, the one that named a page last is the one that counts."""

    def __init__(self) -> None:
        self.page: Page | None = None
        self.is_away = False
        """Another program than that browser is in front; its page is still the one that the agent comes back to."""
        self._browser: int | None = None
        self._draft: tuple[TicketRef, str] | None = None

    def front(self, page: Page) -> None:
        if self._draft is not None and self._draft[0] != page.ref:
            self._draft = None
        self.page, self.is_away, self._browser = page, False, page.browser

    def elsewhere(self, browser: int) -> None:
        """A browser shows something else. One that is not in front itself changes nothing."""
        if self._browser in (None, browser) or self.is_away:
            self.page, self.is_away, self._browser, self._draft = None, False, browser, None

    def away(self, browser: int) -> None:
        if self._browser == browser:
            self.is_away = True

    def composer(self, browser: int, tab: int, *, present: bool) -> None:
        if self.page is not None and (self.page.browser, self.page.tab) == (browser, tab):
            self.page = replace(self.page, composer=present)

    def gone(self, browser: int) -> None:
        """The link to a browser ended."""
        if self._browser == browser:
            self.page, self.is_away, self._browser, self._draft = None, False, None, None

    def typed(self, page: tuple[int, int, str], text: str) -> None:
        """Keep what was typed in ``page`` (browser, tab, address), if that is the page in front and shows a ticket."""
        now = self.page
        if now is not None and now.ref is not None and (now.browser, now.tab, now.url) == page:
            self._draft = (now.ref, text)

    def draft(self, ref: TicketRef) -> str:
        """Return what was typed so far for the ticket in front; empty for any other."""
        return self._draft[1] if self._draft is not None and self._draft[0] == ref else ""

    def forget_draft(self) -> None:
        self._draft = None

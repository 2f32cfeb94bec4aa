"""Text that not every customer may read leaves the panel only after a warning that was seen, and a click (U5)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from assist.domain import SuggestionId, Visibility
from desktop.panel.presenter import Outlets, PanelPresenter
from desktop.policy import InternalUse
from desktop.quick_open.view import QuickOpenView
from tests.helpers.builders import a_source, a_suggestion, an_article_hit
from tests.helpers.fakes import help_for, run, table
from tests.helpers.panel import words_on

NOT_PUBLIC = sorted(set(Visibility) - {Visibility.EVERYONE})
REPLY, ARTICLE = SuggestionId("r1"), SuggestionId("a1")


class Stage:
    """A real panel on a session; its ticket 7 has a reply and an article of one visibility."""

    def __init__(self, at, panel, theme, internal: InternalUse, visibility: Visibility) -> None:
        self.at, self.panel = at, panel
        self.copied: list[str] = []
        self.notices: list[str] = []
        self.internal = internal
        reply = a_suggestion("Our margin is 40%.", id=REPLY, source=a_source("article:5:en", visibility=visibility))
        hit = an_article_hit("Our margin is 40%.", id=ARTICLE, visibility=visibility)
        at.has(7)
        at.engine.answers[7] = [help_for(7, replies=(reply,), articles=(hit,))]
        self.presenter = PanelPresenter(
            panel,
            QuickOpenView(theme, panel),
            session=at.session,
            desk=at.desk,
            tasks=at.tasks,
            outlets=Outlets(lambda text: bool(self.copied.append(text)) or True, self.notices.append, lambda: None),
            internal=lambda: self.internal,
        )

    def after(self, *acts) -> None:
        async def scenario():
            self.panel.show_state(await self.at.open())
            for act in acts:
                act()
                await self.at.settle()
                self.panel.show_state(self.at.ready())

        run(scenario())
        assert self.at.errors == []

    @property
    def reply(self):
        return self.panel.ready.replies[0]

    @property
    def article(self):
        return self.panel.ready.articles[0]

    def decided(self) -> list[str]:
        return [kind for kind in self.at.kinds() if kind != "shown"]


@pytest.fixture
def staged(panel, theme, tmp_path):
    with table(tmp_path) as at:
        yield lambda internal=InternalUse.WARN, visibility=Visibility.AGENTS: Stage(
            at, panel, theme, internal, visibility
        )


WAYS = {
    "key": lambda stage: stage.reply.use("key"),
    "click": lambda stage: stage.reply.use("click"),
    "edit": lambda stage: stage.panel.edited.emit(REPLY, "Our margin is 41%."),
    "link": lambda stage: stage.article.copy_link(),
    "passage": lambda stage: stage.article.copy_passage(),
}


@pytest.mark.promise("U5")
@pytest.mark.parametrize("visibility", NOT_PUBLIC)
def test_that_nothing_is_copied_or_logged_before_the_warning_was_answered(staged, panel, visibility):
    stage = staged(visibility=visibility)
    seen = []

    def ask(way):
        WAYS[way](stage)
        seen.append((words_on(panel), [card for card in (stage.reply, stage.article) if card.ask.is_asking]))
        seen[-1][1][0].ask.no.click()

    stage.after(*(lambda way=way: ask(way) for way in WAYS))

    assert stage.copied == stage.decided() == []
    assert all("This customer may not be meant to read it." in words for words, _ in seen)
    assert [asking for _, asking in seen] == [[stage.reply]] * 3 + [[stage.article]] * 2


@pytest.mark.promise("U5")
def test_that_a_click_on_the_warning_carries_out_what_was_asked_for_once(staged):
    stage = staged()

    def click(card):
        return lambda: (card().ask.yes.click(), stage.presenter._gate.answered(card().id, used=True))

    replies, articles = click(lambda: stage.reply), click(lambda: stage.article)
    stage.after(
        lambda: WAYS["link"](stage),
        articles,
        lambda: WAYS["passage"](stage),
        articles,
        lambda: WAYS["edit"](stage),
        replies,
    )

    assert stage.copied == ["https://acme.example.com/hc/articles/5", "Our margin is 40%.", "Our margin is 41%."]
    assert stage.decided() == ["used", "edited"]


@pytest.mark.promise("U5")
def test_that_who_leaves_it_keeps_their_edit_and_has_copied_nothing(staged, qtbot):
    stage = staged()
    stage.after(
        lambda: stage.panel.edited.emit(REPLY, "Our margin is secret."),
        lambda: qtbot.keyClick(stage.reply.ask.no, Qt.Key.Key_Escape),
    )

    assert stage.copied == stage.decided() == []
    assert stage.reply.is_editing
    assert stage.reply.draft == "Our margin is secret."


@pytest.mark.promise("U5")
def test_that_an_admin_can_keep_it_out_of_replies_altogether(staged):
    stage = staged(InternalUse.NEVER)
    stage.after(*(lambda way=way: WAYS[way](stage) for way in WAYS))

    assert stage.copied == stage.decided() == []
    assert stage.notices == ["Not every customer may read this, so it stays out of replies here."] * len(WAYS)


@pytest.mark.promise("U5")
def test_that_an_admins_no_counts_between_the_warning_and_the_click(staged, qtbot):
    stage = staged()

    def forbid():
        stage.internal = InternalUse.NEVER
        qtbot.mouseClick(stage.reply.ask.yes, Qt.MouseButton.LeftButton)

    stage.after(lambda: stage.reply.use("click"), forbid)

    assert stage.copied == []


@pytest.mark.promise("U5")
def test_that_the_warning_goes_with_its_ticket(staged):
    stage = staged()
    stage.at.has(8)
    stage.after(
        lambda: stage.reply.use("click"),
        lambda: stage.at.session.open(stage.at.ref(8)),
        lambda: stage.presenter._gate.answered(REPLY, used=True),
    )

    assert not stage.reply.ask.is_asking
    assert stage.copied == []


def test_that_nobody_is_asked_about_what_everyone_may_read(staged):
    stage = staged(visibility=Visibility.EVERYONE)
    stage.after(lambda: WAYS["click"](stage), lambda: WAYS["link"](stage), lambda: WAYS["passage"](stage))

    assert stage.copied == ["Our margin is 40%.", "https://acme.example.com/hc/articles/5", "Our margin is 40%."]
    assert stage.notices == ["Link copied.", "Passage copied."]


def test_that_an_article_that_may_not_be_copied_says_so_and_has_no_buttons_for_it(staged, panel):
    stage = staged()
    stage.after()
    assert "Copy link" in words_on(panel)

    panel.show_state(replace(stage.at.ready(), shares_internal=False))

    assert "Copy link" not in words_on(stage.article)
    assert "Copy passage" not in words_on(stage.article)
    assert "Its text and its link stay out of replies here." in words_on(stage.article)
    assert "Internal: agents only" in words_on(stage.article)


@pytest.mark.promise("U5")
def test_that_an_internal_source_that_was_merged_into_a_reply_counts(staged):
    stage = staged(visibility=Visibility.EVERYONE)
    (help_,) = stage.at.engine.answers[7]
    merged = replace(help_.replies[0], also=(a_source("article:9:en", visibility=Visibility.AGENTS),))
    stage.at.engine.answers[7] = [replace(help_, replies=(merged,))]
    stage.after(lambda: WAYS["key"](stage))

    assert stage.copied == []
    assert stage.reply.ask.is_asking

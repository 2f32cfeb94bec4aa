"""One article that may answer: the passage, with the sentence that matters marked."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from assist.domain import ArticleHit, SuggestionId
from desktop.i18n import tr
from desktop.panel import words
from desktop.panel.card import Card
from desktop.panel.internal_ask import InternalAsk
from desktop.panel.state import Decided
from desktop.theme import Theme
from desktop.widgets.basics import Button, Label, column, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Icon, Pill
from desktop.widgets.prose import Prose, Span

FOLDED_LINES = 4
LEAD = 90
"""Characters of the passage that stay before the marked sentence when the passage is cut."""


class ArticleCard(Card):
    open_requested = Signal(str)
    copy_link_requested = Signal(str)
    copy_passage_requested = Signal(str)

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__(theme)
        self.number = number
        self.hit: ArticleHit | None = None
        self._trimmed = False
        self._title = ClampLabel("", "strong", lines=2)
        self._path = ClampLabel("", "tiny", lines=1)
        self._warning = Pill(theme)
        self.text = Prose(theme, lines=FOLDED_LINES)
        self.text.folded_changed.connect(self._show_fold)
        self._fold = Button(theme, tr("Show all"), kind="link")
        self._fold.clicked.connect(self.toggle_fold)
        self._done = Label("", "small", tone="accent")
        head = row(spacing=8)
        head.addWidget(Icon(theme, "article", "accent_text", 18), 0, Qt.AlignmentFlag.AlignTop)
        titles = column(spacing=2)
        titles.addWidget(self._title)
        titles.addWidget(self._path)
        head.addLayout(titles, 1)
        layout = column(spacing=8, margins=(12, 10, 12, 0))
        layout.addLayout(head)
        layout.addWidget(self._warning)
        layout.addWidget(self.text)
        layout.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._done)
        self.ask = InternalAsk(theme)
        layout.addWidget(self.ask)
        self._kept = Label(tr("Its text and its link stay out of replies here."), "small", wrap=True)
        layout.addWidget(self._kept)
        outer = column(spacing=4)
        outer.addLayout(layout)
        outer.addLayout(self._build_actions())
        self.setLayout(outer)

    @property
    def id(self) -> SuggestionId | None:
        return self.hit.id if self.hit is not None else None

    def is_held(self) -> bool:
        return super().is_held() or self.text.has_selection() or self.ask.is_asking

    def put(self, hit: ArticleHit, decided: Decided | None, *, now: datetime, copies: bool = True) -> None:
        """Show ``hit``; ``copies`` says whether its link and its text may leave the panel."""
        new = self.hit is None or self.hit.id != hit.id
        self.hit = hit
        if new or not copies:
            self.ask.end()
        for button in self._copying:
            button.setVisible(copies)
        self._kept.setVisible(not copies)
        self._title.put(hit.title)
        path = " › ".join(part for part in hit.heading_path if part != hit.title)
        changed = tr("changed {when}", when=words.ago(now - hit.updated_at))
        self._path.put(" · ".join(part for part in (path, changed) if part))
        warning = words.visibility_warning(hit.visibility)
        if warning is None:
            self._warning.put("")
        else:
            self._warning.put(warning.word, icon=warning.icon, tone=warning.tone)
        if new or self.text.is_folded:
            self._put_text(hit, whole=False)
        self._done.put({Decided.USED: tr("Copied"), Decided.OPENED: tr("Opened")}.get(decided, "") if decided else "")
        self.setAccessibleName(tr("Article {n}: {title}", n=self.number, title=hit.title))
        self.setAccessibleDescription(hit.text[:1_000])
        self._show_fold()

    def toggle_fold(self) -> None:
        if self.hit is not None:
            unfold = self.text.is_folded
            self._put_text(self.hit, whole=unfold)
            self.text.fold(folded=not unfold)
            self._show_fold()

    def open(self) -> None:
        if self.hit is not None:
            self.open_requested.emit(self.hit.id)

    def copy_link(self) -> None:
        if self.hit is not None:
            self.copy_link_requested.emit(self.hit.id)

    def copy_passage(self) -> None:
        if self.hit is not None:
            self.copy_passage_requested.emit(self.hit.id)

    def _build_actions(self) -> QHBoxLayout:
        actions = row(spacing=0, margins=(4, 0, 4, 6))
        self._copying: list[Button] = []
        for text, icon, act in (
            (tr("Open"), "open", self.open),
            (tr("Copy link"), "link", self.copy_link),
            (tr("Copy passage"), "copy", self.copy_passage),
        ):
            button = Button(self.theme, text, kind="quiet", icon=icon)
            button.setAccessibleName(tr("{verb}, article {n}", verb=text, n=self.number))
            button.clicked.connect(act)
            actions.addWidget(button)
            if act != self.open:
                self._copying.append(button)
        actions.addStretch(1)
        return actions

    def _put_text(self, hit: ArticleHit, *, whole: bool) -> None:
        text, mark = (hit.text, hit.highlight) if whole else around(hit.text, hit.highlight)
        spans = (Span(*mark, "marker"),) if mark[1] > mark[0] else ()
        self._trimmed = text != hit.text
        self.text.put(text, spans, name=tr("Passage of article {n}", n=self.number))

    def _show_fold(self) -> None:
        open_long = not self.text.is_folded
        self._fold.setVisible(self.text.is_cut or open_long or self._trimmed)
        self._fold.put(tr("Show less") if open_long else tr("Show all"))


def around(text: str, mark: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    """Return ``text`` from shortly before ``mark``, so that the marked sentence is seen without unfolding.

    What is left out in front is shown by … ; the mark moves along. A mark outside the text becomes empty.
    """
    start, end = max(0, mark[0]), min(len(text), mark[1])
    if start >= end:
        return text, (0, 0)
    if start <= LEAD * 2:
        return text, (start, end)
    cut = text.find(" ", start - LEAD) + 1
    if not 0 < cut <= start:
        cut = start
    return f"… {text[cut:]}", (start - cut + 2, end - cut + 2)

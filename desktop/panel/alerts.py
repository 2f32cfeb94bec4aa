"""What the agent should know before answering: a kind, a sentence, the evidence, the advice."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from assist.domain import Alert, AlertKind, Band, ChurnSignal, Evidence
from desktop.i18n import tr
from desktop.panel import words
from desktop.panel.state import alert_key
from desktop.theme import Theme
from desktop.widgets.basics import IconButton, Label, column, refit, restyle, reveal, row
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Icon

MOST_ALERTS = 6
MOST_EVIDENCE = 4
LONGEST_ADVICE = 800


class AlertCard(QFrame):
    dismissed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.alert: Alert | None = None
        self._theme = theme
        self._open = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._icon = Icon(theme, "warning", "amber", 18)
        self._kind = Label("", "section")
        self._title = ClampLabel("", "strong", lines=3)
        self._expand = IconButton(theme, "chevron-down", tr("Show the evidence"), size_px=16)
        self._expand.clicked.connect(lambda: self.expand(opened=not self._open))
        self._close = IconButton(theme, "close", tr("Dismiss this alert"), size_px=14)
        self._close.clicked.connect(self._dismiss)
        layout = column(spacing=6, margins=(10, 8, 6, 8))
        layout.addLayout(self._build_head())
        self._body = QWidget()
        self._body.setLayout(self._build_body())
        layout.addWidget(self._body)
        self.setLayout(layout)

    def put(self, alert: Alert, *, told: bool = False) -> None:
        """Show ``alert``; one that was ``told`` today is a calm line that can be opened."""
        if self.alert is None or alert_key(self.alert) != alert_key(alert):
            self._open = alert.band is Band.HIGH and not told
        self.alert = alert
        sign = words.alert_sign(alert)
        tint = sign.tone if sign.tone in {"amber", "red"} and not told else "muted"
        restyle(self, "surface", tint if tint != "muted" else "calm")
        self._icon.put(sign.icon, tint)
        band = f" · {words.band_word(alert.band)}" if alert.kind is AlertKind.CHURN else ""
        again = " · " + tr("told today") if told else ""
        self._kind.setText(f"{sign.word}{band}{again}")
        restyle(self._kind, "tone", tint if tint != "muted" else "")
        self._title.put(alert.title)
        for quote, evidence in zip(self._quotes, (*alert.evidence, *[None] * MOST_EVIDENCE), strict=False):
            quote.put(evidence)
        self._advice.put(alert.advice[:LONGEST_ADVICE])
        self.setAccessibleName(tr("Alert: {kind}. {title}", kind=sign.word, title=alert.title))
        self.setAccessibleDescription(alert.advice[:LONGEST_ADVICE])
        self._close.setAccessibleName(tr("Dismiss the alert {kind}", kind=sign.word))
        self.expand(opened=self._open)

    def _dismiss(self) -> None:
        if self.alert is not None:
            self.dismissed.emit(alert_key(self.alert))

    @property
    def is_open(self) -> bool:
        return self._open

    def expand(self, *, opened: bool) -> None:
        self._open = opened
        has_more = self.alert is not None and bool(self.alert.evidence or self.alert.advice)
        self._expand.setVisible(has_more)
        self._expand.put(
            "chevron-up" if opened else "chevron-down", tr("Hide the evidence") if opened else tr("Show the evidence")
        )
        self._body.setVisible(opened and has_more)
        refit(self._body)

    def _build_head(self) -> QHBoxLayout:
        titles = column(spacing=1)
        titles.addWidget(self._kind)
        titles.addWidget(self._title)
        head = row(spacing=8)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(titles, 1)
        head.addWidget(self._expand, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        head.setSpacing(6)
        return head

    def _build_body(self) -> QVBoxLayout:
        self._quotes = [Quote(self._theme) for _ in range(MOST_EVIDENCE)]
        self._advice = Label("", "", wrap=True).selectable()
        layout = column(spacing=6, margins=(24, 0, 4, 2))
        for quote in self._quotes:
            layout.addWidget(quote)
        layout.addWidget(self._advice)
        return layout


class Quote(QFrame):
    """The customer's own words, or a fact of the history, and what it means."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._quote = ClampLabel("", "", lines=4)
        self._meaning = ClampLabel("", "small", lines=3)
        layout = column(spacing=1, margins=(8, 0, 0, 0))
        layout.addWidget(self._quote)
        layout.addWidget(self._meaning)
        self.setLayout(layout)
        self.setObjectName("quote")

    def put(self, evidence: Evidence | None) -> None:
        reveal(self, visible=evidence is not None)
        if evidence is not None:
            self._quote.put(f"“{evidence.quote.strip()}”" if evidence.quote.strip() else "")
            self._meaning.put(evidence.meaning)


class Alerts(QWidget):
    """The alerts of one ticket, the gravest first, without those the agent has dismissed."""

    dismissed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._cards = [AlertCard(theme) for _ in range(MOST_ALERTS)]
        layout = column(spacing=6)
        for card in self._cards:
            card.dismissed.connect(self.dismissed)
            card.hide()
            layout.addWidget(card)
        self.setLayout(layout)

    @property
    def shown(self) -> tuple[AlertCard, ...]:
        return tuple(card for card in self._cards if not card.isHidden())

    def put(
        self, alerts: tuple[Alert, ...], churn: ChurnSignal, *, quiet: Collection[str], told: Collection[str] = ()
    ) -> None:
        """Leave out what is ``quiet``, but for one line about each that was ``told`` today."""
        wanted = [one for one in with_churn(alerts, churn) if alert_key(one) not in quiet or alert_key(one) in told]
        wanted.sort(key=lambda one: (alert_key(one) in told, _gravity(one)))
        for card, alert in zip(self._cards, (*wanted, *[None] * MOST_ALERTS), strict=False):
            if alert is not None:
                card.put(alert, told=alert_key(alert) in told)
            card.setVisible(alert is not None)
        reveal(self, visible=bool(wanted))


def with_churn(alerts: tuple[Alert, ...], churn: ChurnSignal) -> tuple[Alert, ...]:
    """Return ``alerts`` with one for ``churn``, when its band is worth saying and nobody said it yet."""
    if churn.band not in {Band.RAISED, Band.HIGH} or any(alert.kind is AlertKind.CHURN for alert in alerts):
        return alerts
    title = tr("Signs that this customer may leave")
    return (*alerts, Alert(AlertKind.CHURN, title, "", churn.evidence, churn.band, "churn"))


def _gravity(alert: Alert) -> tuple[int, int]:
    kinds = (AlertKind.STALE, AlertKind.ESCALATION, AlertKind.CHURN, AlertKind.ANGER, AlertKind.URGENCY)
    return (0 if alert.band is Band.HIGH else 1, kinds.index(alert.kind))

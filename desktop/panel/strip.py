"""The collapsed panel: a strip with the mark, what is waiting, and a button that opens it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from assist.domain import Band
from desktop.i18n import tr, tr_n
from desktop.panel.alerts import with_churn
from desktop.panel.state import PanelState, Ready, Trouble, alert_key
from desktop.theme import Theme
from desktop.widgets.basics import IconButton, Label, column, restyle, reveal, set_tip
from desktop.widgets.icon import Icon

WIDTH_PX = 44


class Strip(QWidget):
    expand_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH_PX)
        self.expand = IconButton(theme, "expand", tr("Open the panel"))
        self.expand.clicked.connect(self.expand_requested)
        self._alert_icon = Icon(theme, "warning", "amber", 18)
        self.alerts = Label("", "badge", tone="amber")
        self._reply_icon = Icon(theme, "reply", "accent_text", 18)
        self.replies = Label("", "badge", tone="accent")
        layout = column(spacing=4, margins=(0, 12, 0, 12))
        center = Qt.AlignmentFlag.AlignHCenter
        layout.addWidget(Icon(theme, "mark", "accent", 24), 0, center)
        layout.addSpacing(6)
        layout.addWidget(self.expand, 0, center)
        layout.addSpacing(12)
        for widget in (self._alert_icon, self.alerts):
            layout.addWidget(widget, 0, center)
        layout.addSpacing(8)
        for widget in (self._reply_icon, self.replies):
            layout.addWidget(widget, 0, center)
        layout.addStretch(1)
        self.setLayout(layout)

    def show_state(self, state: PanelState, *, replies: int) -> None:
        """Show what waits in the panel, where ``replies`` can be seen."""
        if not isinstance(state, Ready):
            self.put(alerts=1 if isinstance(state, Trouble) else 0, replies=0, grave=isinstance(state, Trouble))
            return
        alerts = [
            one for one in with_churn(state.help.alerts, state.help.churn) if alert_key(one) not in state.quiet_alerts
        ]
        self.put(alerts=len(alerts), replies=replies, grave=any(one.band is Band.HIGH for one in alerts))

    def put(self, *, alerts: int, replies: int, grave: bool) -> None:
        """Show counts; ``grave`` when one of the alerts may not wait."""
        tone = "red" if grave else "amber"
        self._alert_icon.put("warning", tone)
        restyle(self.alerts, "tone", tone)
        self.alerts.put(str(alerts) if alerts else "")
        self.replies.put(str(replies) if replies else "")
        reveal(self._alert_icon, visible=alerts > 0)
        reveal(self._reply_icon, visible=replies > 0)
        said = tr_n("one alert", "{n} alerts", n=alerts), tr_n("one reply", "{n} replies", n=replies)
        self.setAccessibleName(", ".join(said))
        set_tip(self, ", ".join(said))

"""The line at the bottom: how fresh the data is, what is not up, which language was found."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from assist.domain import Stage
from desktop.i18n import tr
from desktop.panel import words
from desktop.panel.state import Engine, Footer, PanelState, Ready, Starting
from desktop.theme import Theme
from desktop.widgets.basics import reveal, row, set_tip
from desktop.widgets.clamp import ClampLabel
from desktop.widgets.icon import Icon, Pill


class StatusLine(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._icon = Icon(theme, "check", "faint", 14)
        self.link = LinkMark(theme)
        self.text = ClampLabel("", "tiny", lines=1)
        self.language = Pill(theme)
        self.session = Pill(theme)
        layout = row(spacing=6, margins=(16, 6, 12, 8))
        layout.addWidget(self._icon)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.link)
        layout.addWidget(self.session)
        layout.addWidget(self.language)
        self.setLayout(layout)

    def put(self, state: PanelState) -> None:
        stage = state.help.stage if isinstance(state, Ready) else None
        offline = state.footer.offline or (isinstance(state, Ready) and state.offline_age is not None)
        icon, text = footer_words(state.footer, stage, offline=offline)
        if isinstance(state, Starting):
            icon, text = "engine", tr("Starting …")
        self._icon.put(icon, "faint")
        self.text.put(text)
        self.text.setAccessibleName(tr("Status: {text}", text=text))
        self.link.put(state.footer.browsers)
        language = words.language_word(state.help.language) if isinstance(state, Ready) and state.help.language else ""
        self.language.put(language, icon="language")
        session_only = tr("This session only") if state.footer.session_only else ""
        self.session.put(session_only, icon="key", tone="amber")
        set_tip(self.session, tr("No system keyring was found, so nothing is kept after you quit."))


class LinkMark(QWidget):
    """A small sign that browsers are linked; their names are in its tool tip and in what a screen reader says."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = row()
        layout.addWidget(Icon(theme, "link", "accent_text", 14))
        self.setLayout(layout)
        self.hide()

    def put(self, browsers: tuple[str, ...]) -> None:
        said = tr("Linked with {browsers}", browsers=", ".join(browsers)) if browsers else ""
        self.setAccessibleName(said)
        set_tip(self, said)
        reveal(self, visible=bool(browsers))


def footer_words(footer: Footer, stage: Stage | None, *, offline: bool) -> tuple[str, str]:
    """Return an icon and what to say, the most important first."""
    parts: list[str] = []
    icon = "check"
    if offline:
        parts.append(tr("Offline"))
        icon = "offline"
    elif footer.syncing:
        parts.append(tr("Syncing"))
        icon = "sync"
    if footer.synced_age is not None:
        parts.append(tr("synced {when}", when=words.ago(footer.synced_age)))
    elif footer.account and not footer.syncing:
        parts.append(tr("not synced yet"))
    if footer.engine is Engine.DOWN or stage is Stage.PLAIN:
        parts.append(tr("plain search"))
        icon = icon if offline else "engine"
    elif footer.engine is Engine.STARTING or stage is Stage.LEXICAL:
        parts.append(tr("refining …"))
        icon = icon if offline else "engine"
    elif footer.engine is Engine.LEARNING:
        parts.append(tr("learning …"))
        icon = icon if offline or footer.syncing else "engine"
    if footer.account:
        parts.append(footer.account)
    text = " · ".join(parts) or tr("Not connected")
    return (icon if parts else "info"), text[:1].upper() + text[1:]

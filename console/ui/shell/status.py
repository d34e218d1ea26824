"""The line at the bottom: how the servers are, what has been sent, who is signed in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.domain.servers import Server
from console.domain.staff import Person
from console.services.decisions import Tally
from console.services.ports import ServerHealth
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_3, SPACE_4
from console.ui.theme.words import behind, number, plain
from console.ui.widgets.labels import label, set_tooltip


class StatusLine(QWidget):
    """Plain words beside each mark: never colour alone."""

    def __init__(self, theme: Theme, person: Person) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.tally = Tally(0, 0)
        self._health = QHBoxLayout()
        self._health.setSpacing(SPACE_4)
        self._tally = label("Nothing sent yet", "muted", theme.small_font)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_3, SPACE_1, SPACE_3, SPACE_1)
        row.setSpacing(SPACE_4)
        row.addLayout(self._health)
        row.addWidget(self._tally)
        self._read_only = label("Read only", "grave", theme.small_font)
        self._read_only.hide()
        row.addWidget(self._read_only)
        row.addStretch()
        row.addWidget(label(f"{plain(person.login)} · {person.role.title}", "muted", theme.small_font))
        row.addWidget(label("Ctrl+K", "key", theme.small_font))

    def show_health(self, servers: Sequence[ServerHealth]) -> None:
        """Show every server, the primary first."""
        while self._health.count():
            item = self._health.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        replica = any(each.server is Server.REPLICA and each.reachable for each in servers)
        for server in servers:
            words, part = _words(server)
            if server.server is Server.PRIMARY and not server.reachable and replica:
                words = f"{words}: read only"
            shown = label(words, part, self._theme.small_font)
            set_tooltip(shown, f"{server.name}. {server.message or ''}".strip())
            self._health.addWidget(shown)

    def tell_read_only(self, why: str) -> None:
        """Nothing can be changed by this console at all."""
        set_tooltip(self._read_only, why)
        self._read_only.show()

    def show_tally(self, tally: Tally) -> None:
        """Show what was sent and what waits."""
        self.tally = tally
        self._tally.setText(f"{number(tally.sent)} sent, {number(tally.waiting)} waiting")


def _words(server: ServerHealth) -> tuple[str, str]:
    if not server.reachable:
        return f"○ {server.title} out of reach", "grave"
    if server.lag is not None and server.lag >= 1:
        return f"◐ {server.title} {behind(server.lag)}", "notable"
    if server.lag is not None:
        return f"● {server.title} {behind(server.lag)}", "good"
    return f"● {server.title} {(server.round_trip or 0) * 1000:.0f} ms", "good"

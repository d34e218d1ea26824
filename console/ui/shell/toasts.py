"""What was done or went wrong, said once at the edge; it never covers the decision bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.runtime.notices import Level, Notice
from console.ui.theme.theme import ICON_PIXELS, Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import plain, shortened
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label

DONE_MILLISECONDS = 5_000
KEPT, MOST = 3, 6
WIDTH = 380
LONGEST = 160
"""Characters of what was typed that are shown; all of it can be copied."""
_SIGNS = {
    Level.UNAVAILABLE: ("offline", "notable"),
    Level.STALE: ("history", "notable"),
    Level.REFUSED: ("lock", "serious"),
    Level.PROBLEM: ("warning", "serious"),
    Level.BUG: ("warning", "grave"),
}
_PLACING = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}


class _Sign(QLabel):
    """An icon in one of the theme's colours."""

    def __init__(self, theme: Theme, icon: str, part: str) -> None:
        super().__init__()
        self._theme, self._icon, self._part = theme, icon, part
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def _paint_icon(self) -> None:
        icon = self._theme.icon(self._icon, getattr(self._theme.tokens, self._part))
        self.setPixmap(icon.pixmap(ICON_PIXELS, ICON_PIXELS))


class Toasts(QWidget):
    """A stack at the lower left of `host`, over `above`; what went wrong stays until it is closed.

    Of more than six such, or than the window has room for, the oldest goes.
    """

    def __init__(self, theme: Theme, host: QWidget, above: QWidget) -> None:
        super().__init__(host)
        self._theme = theme
        self._host = host
        self._above = above
        self._spared: tuple[QWidget, ...] = ()
        self._passing: list[QWidget] = []
        self._about: dict[object, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_2)
        host.installEventFilter(self)
        self.hide()

    def spare(self, *widgets: QWidget) -> None:
        """Stay above these too, wherever they are moved: toasts never cover them."""
        self._spared += widgets
        for widget in widgets:
            widget.installEventFilter(self)
            pane = widget.parentWidget()
            if pane is not None:
                pane.installEventFilter(self)

    def show_notice(self, notice: Notice) -> None:
        """Add one; those that merely report success make room, the oldest first."""
        if notice.about is not None:
            self._drop(self._about.pop(notice.about, None))
        while self._column.count() >= KEPT and self._passing:
            self._drop(self._passing[0])
        if self._column.count() >= MOST:
            oldest = self._column.itemAt(0)
            self._drop(oldest.widget() if oldest is not None else None)
        toast = self._toast(notice)
        if notice.about is not None:
            self._about[notice.about] = toast
        self._column.addWidget(toast)
        while self._column.count() > 1 and self._height() > self._bottom() - 2 * SPACE_4:
            oldest = self._column.itemAt(0)
            self._drop(oldest.widget() if oldest is not None else None)
        if notice.level in {Level.DONE, Level.INFO}:
            self._passing.append(toast)
            QTimer.singleShot(DONE_MILLISECONDS, toast, lambda: self._drop(toast))
        self.show()
        self.raise_()
        self._place()
        QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))

    def _toast(self, notice: Notice) -> QFrame:
        toast = QFrame()
        toast.setObjectName("toast")
        toast.setProperty("level", notice.level.value)
        toast.setAccessibleName(plain(f"{notice.title}. {notice.text}" if notice.title else notice.text))
        toast.setFixedWidth(WIDTH)
        column = QVBoxLayout()
        column.setSpacing(SPACE_1)
        if notice.title:
            column.addLayout(self._heading(notice))
        for text, part in ((notice.text, ""), (notice.kept, ""), (notice.remedy, "muted")):
            if text:
                words = label(shortened(text, LONGEST) if text is notice.kept else plain(text), part)
                words.setWordWrap(True)
                words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(words)
        stays = notice.level not in {Level.DONE, Level.INFO}
        # What went wrong needs the whole width for its words, and has its buttons below them.
        direction = QBoxLayout.Direction.TopToBottom if stays else QBoxLayout.Direction.LeftToRight
        row = QBoxLayout(direction, toast)
        row.setContentsMargins(SPACE_4, SPACE_2, SPACE_2, SPACE_2)
        row.setSpacing(SPACE_1 if stays else SPACE_3)
        row.addLayout(column, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_1)
        if stays:
            buttons.addStretch()
        row.addLayout(buttons)
        action = notice.action
        if action is not None:
            button = quiet_button(action.title)
            button.clicked.connect(lambda: self._drop(toast))
            button.clicked.connect(lambda *_: action.run())
            buttons.addWidget(button)
        if notice.details:
            copy = quiet_button("Copy")
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(notice.details))
            buttons.addWidget(copy)
        if stays:
            close = quiet_button("Close")
            close.clicked.connect(lambda: self._drop(toast))
            buttons.addWidget(close)
        # Wrapped words need their height for this width; a stack of frames does not ask for it.
        toast.ensurePolished()
        toast.setFixedHeight(row.totalHeightForWidth(WIDTH))
        return toast

    def _heading(self, notice: Notice) -> QHBoxLayout:
        """What kind of failure it is, in words beside its sign: never by colour alone."""
        icon, part = _SIGNS.get(notice.level, ("warning", "serious"))
        sign = _Sign(self._theme, icon, part)
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addWidget(sign)
        row.addWidget(label(plain(notice.title), part, self._theme.strong_font), 1)
        return row

    def _drop(self, toast: QWidget | None) -> None:
        if toast is not None and self._column.indexOf(toast) >= 0:
            self._column.removeWidget(toast)
            if toast in self._passing:
                self._passing.remove(toast)
            self._about = {about: other for about, other in self._about.items() if other is not toast}
            toast.deleteLater()
            toast.hide()
            if not self._column.count():
                self.hide()
            self._place()

    def _place(self) -> None:
        self.setFixedWidth(WIDTH)
        height = self._height()
        self.setGeometry(SPACE_4, self._bottom() - height - SPACE_4, WIDTH, height)

    def _height(self) -> int:
        toasts = [self._column.itemAt(place) for place in range(self._column.count())]
        # Their own fixed heights: a layout takes one that is not yet shown for empty.
        heights = [w.height() for item in toasts if item is not None and (w := item.widget()) is not None]
        return sum(heights) + SPACE_2 * max(0, len(heights) - 1)

    def _bottom(self) -> int:
        bottom = self._above.y()
        for widget in self._spared:
            corner = widget.mapTo(self._host, QPoint(0, 0))
            if widget.isVisible() and corner.x() < SPACE_4 + WIDTH:
                bottom = min(bottom, corner.y())
        return bottom

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the edge when the host, or what is spared, changes its size or place."""
        if event.type() in _PLACING and self._column.count():
            self._place()
        return super().eventFilter(watched, event)

"""What was done or went wrong, said once at the edge; it never covers the decision bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.runtime.notices import Level, Notice
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import plain
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label

DONE_MILLISECONDS = 5_000
KEPT, MOST = 3, 6
WIDTH = 380
_PLACING = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}


class Toasts(QWidget):
    """A stack at the lower left of `host`, over `above`; what went wrong stays until it is closed.

    Of more than six such the oldest goes, so that the stack never fills the window.
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
        self._spared = widgets
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
        toast.setAccessibleName(plain(notice.text))
        toast.setFixedWidth(WIDTH)
        words = label(plain(notice.text))
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout()
        column.setSpacing(SPACE_1)
        column.addWidget(words)
        if notice.remedy:
            remedy = label(plain(notice.remedy), "muted")
            remedy.setWordWrap(True)
            column.addWidget(remedy)
        row = QHBoxLayout(toast)
        row.setContentsMargins(SPACE_4, SPACE_2, SPACE_2, SPACE_2)
        row.setSpacing(SPACE_3)
        row.addLayout(column, 1)
        action = notice.action
        if action is not None:
            button = quiet_button(action.title)
            button.clicked.connect(lambda: self._drop(toast))
            button.clicked.connect(lambda *_: action.run())
            row.addWidget(button)
        if notice.details:
            copy = quiet_button("Copy")
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(notice.details))
            row.addWidget(copy)
        if notice.level in {Level.PROBLEM, Level.BUG}:
            close = quiet_button("Close")
            close.clicked.connect(lambda: self._drop(toast))
            row.addWidget(close)
        # Wrapped words need their height for this width; a stack of frames does not ask for it.
        toast.ensurePolished()
        toast.setFixedHeight(row.totalHeightForWidth(WIDTH))
        return toast

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
        toasts = [self._column.itemAt(place) for place in range(self._column.count())]
        # Their own fixed heights: a layout takes one that is not yet shown for empty.
        heights = [w.height() for item in toasts if item is not None and (w := item.widget()) is not None]
        height = sum(heights) + SPACE_2 * max(0, len(heights) - 1)
        bottom = self._above.y()
        for widget in self._spared:
            corner = widget.mapTo(self._host, QPoint(0, 0))
            if widget.isVisible() and corner.x() < SPACE_4 + WIDTH:
                bottom = min(bottom, corner.y())
        self.setGeometry(SPACE_4, bottom - height - SPACE_4, WIDTH, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay at the edge when the host, or what is spared, changes its size or place."""
        if event.type() in _PLACING and self._column.count():
            self._place()
        return super().eventFilter(watched, event)

"""Labels for text that comes from strangers: plain, elided, with the whole in the tooltip."""

from __future__ import annotations

from datetime import datetime
from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from console.ui.theme.words import ago, exact, plain


def label(text: str, part: str = "", font: QFont | None = None) -> QLabel:
    """A plain-text label; `part` names its look in the style sheet."""
    made = QLabel()
    # Qt takes a text that looks like HTML for rich text unless it is told otherwise.
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    if part:
        made.setProperty("part", part)
    if font is not None:
        made.setFont(font)
    return made


def tooltip(text: str) -> str:
    """`text` for a tooltip, which Qt would otherwise read as markup."""
    return f"<qt>{escape(text)}</qt>" if text else ""


def set_tooltip(widget: QWidget, text: str) -> None:
    """Show `text` when the pointer rests on the widget, and let a screen reader say it."""
    widget.setToolTip(tooltip(text))
    # Unless told otherwise, Qt takes the tooltip for the description, with its tags.
    widget.setAccessibleDescription(text)


def moment_label(moment: datetime) -> QLabel:
    """A relative time with the exact one in its tooltip."""
    made = label(ago(moment), "muted")
    made.setToolTip(exact(moment))
    return made


class ElidedLabel(QWidget):
    """One line of a stranger's text, cut where the room ends."""

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    @property
    def text(self) -> str:
        """The whole text, as it is shown when there is room."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = plain(text)
        set_tooltip(self, self._text)
        self.setAccessibleName(self._text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the text, one line high."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text), metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """One line high."""
        return QSize(24, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Paint the text, elided."""
        painter = QPainter(self)
        painter.setPen(self.palette().text().color())
        elided = self.fontMetrics().elidedText(self._text, self._mode, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)

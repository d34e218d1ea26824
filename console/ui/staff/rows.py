"""Staff as Qt's list: what waits for a second admin first, then every login; and how a row is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.staffing import AdminRequest, Member
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import ago, count_of, plain

Index = QModelIndex | QPersistentModelIndex
Row = Member | AdminRequest
ROW = Qt.ItemDataRole.UserRole
"""The Member or AdminRequest of a row."""
_NOWHERE = QModelIndex()
_HEIGHT = 52


def name(row: Row) -> str:
    """What the row is called."""
    return plain(row.login) if isinstance(row, Member) else f"Make {plain(row.title)} an admin"


def facts(row: Row) -> str:
    """What else is known of it, in one line."""
    if isinstance(row, AdminRequest):
        what = "login" if row.login is not None else "account on the platform"
        return f"Asked by {plain(row.asked_by)} {ago(row.asked_at)} · {what}"
    words = [plain(row.display_name), row.role.title if row.role is not None else "revoked"]
    if row.sessions:
        words.append(count_of(row.sessions, "open session"))
    return " · ".join(words)


class StaffModel(QAbstractListModel):
    """Requests, then members."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: Sequence[Row] = ()

    def show(self, rows: Sequence[Row]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """One for each."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row under `ROW`, and its words."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return name(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{name(row)}, {facts(row)}"
        return None


class StaffDelegate(QStyledItemDelegate):
    """Paints one row in two lines: a revoked login is quiet, a request is marked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        """Two lines."""
        return QSize(200, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        row: Row = index.data(ROW)
        tokens, rect = self._theme.tokens, option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selected))
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), QColor(tokens.accent))
            if option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(QColor(tokens.focus))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.raised))
        inner = rect.adjusted(SPACE_4, SPACE_2, -SPACE_3, -SPACE_2)
        elide, left = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignLeft
        ended = isinstance(row, Member) and row.role is None
        painter.setFont(self._theme.strong_font)
        painter.setPen(QColor(tokens.muted if ended else tokens.text))
        words = painter.fontMetrics().elidedText(name(row), elide, inner.width())
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignTop, words)
        painter.setFont(self._theme.small_font)
        painter.setPen(QColor(tokens.notable if isinstance(row, AdminRequest) else tokens.muted))
        words = painter.fontMetrics().elidedText(facts(row), elide, inner.width())
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignBottom, words)
        painter.restore()

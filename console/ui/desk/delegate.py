"""How a row of a queue is painted: the declared columns, severity as a bar and a word, and who holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.queues import CellType, CellValue, Column, Item
from console.domain.subjects import Holder
from console.ui.desk.model import HOLDER_ROLE, ITEM_ROLE, SETTLED_ROLE, QueueModel
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import ROW_HEIGHT, SPACE_2, SPACE_3, severity_colour
from console.ui.theme.words import ago, humanised, plain, shown

Index = QModelIndex | QPersistentModelIndex
_RIGHT = {CellType.NUMBER, CellType.TIME, CellType.DURATION, CellType.BYTES}


class RowDelegate(QStyledItemDelegate):
    """Paints from the columns of the model; `severities` maps policy keys to 1…5."""

    def __init__(self, theme: Theme, severities: Callable[[], Mapping[str, int]]) -> None:
        super().__init__()
        self._theme = theme
        self._severities = severities

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        """One line."""
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        model, item = index.model(), index.data(ITEM_ROLE)
        if not isinstance(model, QueueModel) or not isinstance(item, Item):
            return
        tokens = self._theme.tokens
        state = option.state
        rect: QRect = option.rect
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(rect, QColor(tokens.selected))
            focused = bool(state & QStyle.StateFlag.State_HasFocus)
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(tokens.accent))
            if focused:
                painter.setPen(QColor(tokens.focus))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.raised))
        holder, settled = index.data(HOLDER_ROLE), str(index.data(SETTLED_ROLE) or "")
        inner = rect.adjusted(SPACE_3 + 2, 0, -SPACE_3, 0)
        if settled:
            inner = self._paint_note(painter, inner, plain(settled), tokens.muted)
        elif isinstance(holder, Holder):
            inner = self._paint_note(
                painter, inner, f"{plain(holder.login)} · {ago(holder.since)}", tokens.notable
            )
        now = datetime.now(UTC)
        for column, value, cell in _laid_out(model.columns, item.cells, inner):
            self._paint_cell(painter, column, value, cell, dim=bool(settled) or holder is not None, now=now)
        painter.restore()

    def _paint_note(self, painter: QPainter, inner: QRect, text: str, colour: str) -> QRect:
        """Write at the right what became of the row; returns the room that is left."""
        painter.setFont(self._theme.small_font)
        width = painter.fontMetrics().horizontalAdvance(text) + SPACE_3
        painter.setPen(QColor(colour))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        return inner.adjusted(0, 0, -width, 0)

    def _paint_cell(
        self,
        painter: QPainter,
        column: Column,
        value: CellValue,
        cell: QRect,
        *,
        dim: bool,
        now: datetime,
    ) -> None:
        tokens = self._theme.tokens
        colour = tokens.text if column.stretch and not dim else tokens.muted
        text = shown(value, column.type, now)
        painter.setFont(self._theme.text_font if column.stretch else self._theme.small_font)
        if column.type is CellType.REASON and isinstance(value, tuple) and value:
            severities = self._severities()
            worst = max(value, key=lambda key: severities.get(key, 1))
            colour = severity_colour(tokens, severities.get(worst, 1))
            painter.fillRect(QRect(cell.left(), cell.center().y() - 6, 3, 13), QColor(colour))
            cell = cell.adjusted(SPACE_2, 0, 0, 0)
            text = humanised(worst) + (f" +{len(value) - 1}" if len(value) > 1 else "")
        elif column.mark and text:
            text = f"{text} {column.mark}"
        right = column.type in _RIGHT
        painter.setPen(QColor(colour))
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(
            cell,
            Qt.AlignmentFlag.AlignVCenter
            | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft),
            painter.fontMetrics().elidedText(text, elide, cell.width()),
        )


def _laid_out(
    columns: tuple[Column, ...], cells: tuple[CellValue, ...], inner: QRect
) -> list[tuple[Column, CellValue, QRect]]:
    """Where each cell stands. In a narrow list the columns after the stretching one go, last first."""
    shown_columns = list(zip(columns, cells, strict=True))
    stretch = next(column for column in columns if column.stretch)

    def fixed() -> int:
        return sum(c.width + SPACE_3 for c, _ in shown_columns if not c.stretch)

    while len(shown_columns) > 1 and inner.width() - fixed() < stretch.width * 3 // 4:
        last = next((p for p in reversed(shown_columns) if not p[0].stretch), None)
        if last is None or shown_columns.index(last) == 0:
            break
        shown_columns.remove(last)
    left, placed = inner.left(), []
    for column, value in shown_columns:
        width = max(40, inner.width() - fixed()) if column.stretch else column.width
        placed.append((column, value, QRect(left, inner.top(), width, inner.height())))
        left += width + SPACE_3
    return placed

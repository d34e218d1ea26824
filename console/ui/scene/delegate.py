"""One card of the strip: picture, number, length, what viewers see of it, and its flags on a time line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.scenes import SceneSegment
from console.ui.scene.model import SEGMENT_ROLE
from console.ui.scene.thumbnails import Thumbnails
from console.ui.theme.theme import ICON_PIXELS, Theme
from console.ui.theme.tokens import FADED, RADIUS, SPACE_1, SPACE_2
from console.ui.theme.words import duration, humanised

PICTURE = QSize(128, 72)
CARD = QSize(PICTURE.width() + 2 * SPACE_2, PICTURE.height() + 2 * SPACE_2 + 28)
_ICONS = {"hidden": "hide", "removed": "remove"}
Index = QModelIndex | QPersistentModelIndex


class CardDelegate(QStyledItemDelegate):
    """Paints cards. `severity` tells the colour of a policy by its key."""

    def __init__(
        self,
        theme: Theme,
        thumbnails: Thumbnails,
        veiled: Callable[[SceneSegment], bool],
        severity: Callable[[str], str],
    ) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails
        self._veiled, self._severity = veiled, severity

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's name
        """Every card is as large."""
        return CARD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one card."""
        segment = index.data(SEGMENT_ROLE)
        if not isinstance(segment, SceneSegment):
            return
        tokens = self._theme.tokens
        card: QRect = option.rect.adjusted(2, 2, -2, -2)
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if current or option.state & QStyle.StateFlag.State_MouseOver:
            focused = current and bool(option.state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(QColor(tokens.focus), 2) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selected if current else tokens.raised))
            painter.drawRoundedRect(card.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        place = QRect(
            card.center().x() - PICTURE.width() // 2, card.top() + 6, PICTURE.width(), PICTURE.height()
        )
        self._paint_picture(painter, place, segment)
        self._paint_moments(painter, place, segment)
        self._paint_facts(
            painter, QRect(place.left(), place.bottom() + SPACE_1, place.width(), 22), segment, current
        )
        painter.restore()

    def _paint_picture(self, painter: QPainter, place: QRect, segment: SceneSegment) -> None:
        tokens = self._theme.tokens
        painter.save()
        frame = QPainterPath()
        frame.addRoundedRect(QRectF(place), 4, 4)
        painter.setClipPath(frame)
        painter.fillRect(place, QColor(tokens.raised))
        picture = self._thumbnails.of(segment, veiled=self._veiled(segment))
        if picture is None:
            icon = self._theme.icon("segment")
            icon.paint(painter, QRect(place.center() - QPoint(8, 8), QSize(ICON_PIXELS, ICON_PIXELS)))
        else:
            painter.setOpacity(1.0 if segment.seen else 1 - FADED)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, picture)
            painter.setOpacity(1.0)
        if not segment.seen:
            self._paint_chip(painter, place, segment.status)
        words = duration(segment.duration)
        painter.setFont(self._theme.small_font)
        width = painter.fontMetrics().horizontalAdvance(words) + SPACE_2
        chip = QRect(place.right() - width - 3, place.top() + 4, width, 16)
        self._paint_ground(painter, chip)
        painter.setPen(QColor(tokens.text))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _paint_chip(self, painter: QPainter, place: QRect, status: str) -> None:
        """What became of it, in the middle of the picture: an icon and a word."""
        tokens = self._theme.tokens
        words = humanised(status)
        painter.setFont(self._theme.small_font)
        width = painter.fontMetrics().horizontalAdvance(words) + ICON_PIXELS + 3 * SPACE_1 + SPACE_1
        chip = QRect(place.center().x() - width // 2, place.center().y() - 10, width, 20)
        self._paint_ground(painter, chip)
        icon = self._theme.icon(_ICONS.get(status, "warning"), tokens.text)
        icon.paint(painter, QRect(chip.left() + SPACE_1, chip.top() + 2, ICON_PIXELS, ICON_PIXELS))
        painter.setPen(QColor(tokens.text))
        inner = chip.adjusted(ICON_PIXELS + 2 * SPACE_1, 0, -SPACE_1, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _paint_ground(self, painter: QPainter, chip: QRect) -> None:
        ground = QColor(self._theme.tokens.surface)
        ground.setAlphaF(0.88)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(chip, 4, 4)

    def _paint_moments(self, painter: QPainter, place: QRect, segment: SceneSegment) -> None:
        """Reported moments and marks along the lower edge: the segment's part of the film's time line."""
        whole = max(1, segment.duration) * 1000
        line = QRect(place.left(), place.bottom() - 5, place.width(), 5)
        moments: list[tuple[int, int | None, str]] = [
            (time, None, report.reason) for report in segment.reports for time in report.times
        ]
        moments += [(mark.begins, mark.ends, mark.policy) for mark in segment.marks]
        if not moments:
            return
        ground = QColor(self._theme.tokens.surface)
        ground.setAlphaF(0.88)
        painter.fillRect(line, ground)
        for begins, ends, policy in moments:
            left = line.left() + min(line.width() - 3, line.width() * begins // whole)
            width = 3 if ends is None else max(3, line.width() * (ends - begins) // whole)
            span = QRect(left, line.top() + 1, min(width, line.right() - left + 1), 4)
            painter.fillRect(span, QColor(self._severity(policy)))

    def _paint_facts(self, painter: QPainter, line: QRect, segment: SceneSegment, current: bool) -> None:
        tokens = self._theme.tokens
        painter.setFont(self._theme.strong_font if current else self._theme.text_font)
        painter.setPen(QColor(tokens.text if segment.seen else tokens.muted))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(line, left, str(segment.sequence))
        painter.setFont(self._theme.small_font)
        right = line.right()
        for words, colour in reversed(self._notes(segment)):
            width = painter.fontMetrics().horizontalAdvance(words)
            painter.setPen(QColor(colour))
            painter.drawText(QRect(right - width, line.top(), width + 1, line.height()), left, words)
            right -= width + SPACE_2

    def _notes(self, segment: SceneSegment) -> list[tuple[str, str]]:
        tokens = self._theme.tokens
        notes: list[tuple[str, str]] = []
        if segment.due and segment.seen:
            notes.append(("new", tokens.muted))
        if segment.marks:
            notes.append((f"◆ {len(segment.marks)}", tokens.accent))
        if segment.reports:
            notes.append((f"⚑ {len(segment.reports)}", tokens.serious))
        return notes

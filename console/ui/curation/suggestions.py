"""What users suggest and no topic holds yet: made a topic, or folded into one that is there already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QListWidget,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.domain.changes import ChangeBatch
from console.domain.curation import (
    SUGGESTION,
    TOPIC,
    Act,
    Columns,
    CurationChange,
    Suggestion,
    Topic,
    created,
)
from console.domain.errors import GreenroomError
from console.domain.slugs import free_slug, slug_problem
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.likeness import Likeness, TopicIndex
from console.ui.curation.acts import Acts, CurationServices
from console.ui.curation.chooser import TopicChooser
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import ago, count_of, number, plain, shortened, since
from console.ui.widgets.buttons import key_cap
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.prose import Prose
from console.ui.widgets.states import Skeleton, StatePanel

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()
_HEIGHT = 52
SURE = 90
"""From this score on a suggestion is as good as there already: folding is what is offered first."""


class SuggestionModel(QAbstractListModel):
    """Suggestions with the topic that each is most like."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[tuple[Suggestion, Likeness | None]] = []

    def show(self, rows: Sequence[tuple[Suggestion, Likeness | None]]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def remove(self, id: UUID) -> None:
        """One is decided."""
        for row, (suggestion, _) in enumerate(self.rows):
            if suggestion.id == id:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self.rows[row]
                self.endRemoveRows()
                return

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """One for each suggestion."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The suggestion and its likeness under `ROW`."""
        if not index.isValid():
            return None
        suggestion, like = self.rows[index.row()]
        if role == ROW:
            return suggestion, like
        if role == Qt.ItemDataRole.DisplayRole:
            return plain(suggestion.name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{plain(suggestion.name)}, {facts(suggestion, like)}"
        return None


def facts(suggestion: Suggestion, like: Likeness | None) -> str:
    """Who suggested it when, whether it waits for approval, and what it is like."""
    words = [f"{plain(suggestion.author)} · {ago(suggestion.at)}"]
    if suggestion.status == "pending":
        words.append("not approved yet")
    if like is not None:
        words.append(f"like “{shortened(like.topic.name, 30)}”")
    return " · ".join(words)


class _Painter(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002, N802 - Qt's name
        return QSize(200, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        suggestion, like = index.data(ROW)
        tokens, rect = self._theme.tokens, option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, QColor(tokens.selected))
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), QColor(tokens.accent))
            if option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(QColor(tokens.focus))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.raised))
        inner = rect.adjusted(SPACE_4, SPACE_2, -SPACE_3, -SPACE_2)
        elide, left = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignLeft
        painter.setFont(self._theme.strong_font)
        painter.setPen(QColor(tokens.text))
        words = painter.fontMetrics().elidedText(plain(suggestion.name), elide, inner.width())
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignTop, words)
        painter.setFont(self._theme.small_font)
        sure = like is not None and like.score >= SURE
        painter.setPen(QColor(tokens.notable if sure else tokens.muted))
        words = painter.fontMetrics().elidedText(facts(suggestion, like), elide, inner.width())
        painter.drawText(inner, left | Qt.AlignmentFlag.AlignBottom, words)
        painter.restore()


class SuggestionsScreen(QWidget):
    """Signals: `loaded()` when the list was read."""

    loaded = Signal()

    def __init__(
        self, theme: Theme, services: CurationServices, tasks: Tasks, notices: Notices, bus: ChangeBus
    ) -> None:
        super().__init__()
        self._theme, self._services, self._tasks, self._notices = theme, services, tasks, notices
        self._bus = bus
        self._index = TopicIndex(())
        self._slugs: set[str] = set()
        self._found: tuple[Likeness, ...] = ()
        self._reading: asyncio.Task[None] | None = None
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.acts = Acts(services, tasks, notices, self)
        self.model = SuggestionModel(self)
        self.rows = QListView()
        self.rows.setModel(self.model)
        self._painter = _Painter(theme)
        self.rows.setItemDelegate(self._painter)
        self.rows.setUniformItemSizes(True)
        self.rows.setMouseTracking(True)
        self.rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.rows.setAccessibleName("Suggested topics")
        self._count = label("", "muted")
        self._state, self._skeleton = StatePanel(theme), Skeleton(theme)
        self._title = ElidedLabel()
        self._title.setFont(theme.title_font)
        self._about = label("", "muted")
        self._told = Prose("", "What the user wrote about it")
        self.name, self.slug = QLineEdit(), QLineEdit()
        self.name.setMaxLength(100)
        self.slug.setMaxLength(100)
        self.name.setAccessibleName("Name of the new topic")
        self.slug.setAccessibleName("Slug of the new topic")
        self._problem = label("", "grave", theme.small_font)
        self.likes = QListWidget()
        self.likes.setAccessibleName("Topics that may be the same")
        self._none = label("No topic is like it.", "muted")
        self.promote_button = QPushButton("Make it a topic")
        self.fold_button = QPushButton("Fold into it")
        self._other = QPushButton("Fold into another…")
        self._lay_out()
        self._connect()

    @property
    def deeds(self) -> tuple[tuple[str, tuple[str, ...], Callable[[], None], bool], ...]:
        """What can be done here: title, keys, and whether a held key goes on."""
        return (
            ("Make it a topic", ("P",), self.promote, False),
            ("Fold into the topic chosen", ("F",), self.fold, False),
            ("Fold into another topic…", ("O",), self._choose, False),
            ("Next suggestion", ("J",), partial(self._step, 1), True),
            ("Previous suggestion", ("K",), partial(self._step, -1), True),
            ("Undo last change", ("Ctrl+Z",), self.acts.undo_last, False),
            ("Read anew", ("F5",), self.reload, False),
        )

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_4, SPACE_3, SPACE_3, SPACE_2)
        header.setSpacing(SPACE_2)
        header.addWidget(label("Suggestions", font=self._theme.strong_font))
        header.addWidget(self._count)
        header.addStretch()
        self._card = self._lay_out_card()
        self._left = QStackedWidget()
        for page in (self.rows, self._state, self._skeleton):
            self._left.addWidget(page)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(1)
        panes.setChildrenCollapsible(False)
        panes.addWidget(self._left)
        panes.addWidget(self._card)
        panes.setSizes([420, 620])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(header)
        whole.addWidget(panes, 1)

    def _lay_out_card(self) -> QWidget:
        card = QWidget()
        card.setObjectName("surface")
        column = QVBoxLayout(card)
        column.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_1)
        column.addWidget(self._title)
        column.addWidget(self._about)
        column.addSpacing(SPACE_2)
        column.addWidget(self._told)
        column.addSpacing(SPACE_3)
        column.addWidget(label("Topics that may be the same", "section", self._theme.small_font))
        column.addWidget(self._none)
        column.addWidget(self.likes)
        folding = QHBoxLayout()
        folding.setContentsMargins(0, SPACE_2, 0, 0)
        folding.setSpacing(SPACE_2)
        for widget in (self.fold_button, key_cap(self._theme, "F"), self._other, key_cap(self._theme, "O")):
            folding.addWidget(widget)
        folding.addStretch()
        column.addLayout(folding)
        line = QFrame()
        line.setProperty("part", "line")
        line.setFixedHeight(1)
        column.addSpacing(SPACE_3)
        column.addWidget(line)
        column.addSpacing(SPACE_3)
        column.addWidget(label("Or a topic of its own", "section", self._theme.small_font))
        for title, field in (("Name", self.name), ("Slug", self.slug)):
            heading = label(title, "muted", self._theme.small_font)
            heading.setBuddy(field)
            column.addWidget(heading)
            column.addWidget(field)
        column.addWidget(self._problem)
        making = QHBoxLayout()
        making.setContentsMargins(0, SPACE_2, 0, 0)
        making.setSpacing(SPACE_2)
        making.addWidget(self.promote_button)
        making.addWidget(key_cap(self._theme, "P"))
        making.addStretch()
        column.addLayout(making)
        column.addStretch()
        return card

    def _connect(self) -> None:
        self.rows.selectionModel().currentChanged.connect(lambda *_: self._show())
        self.promote_button.clicked.connect(self.promote)
        self.fold_button.clicked.connect(self.fold)
        self._other.clicked.connect(self._choose)
        self.likes.currentRowChanged.connect(lambda _: self._offer())
        self.likes.itemActivated.connect(lambda _: self.fold())
        self.name.textEdited.connect(lambda _: self._named())
        self.slug.textEdited.connect(lambda _: self._offer())
        self.acts.done.connect(self.reload)
        self._bus.heard.connect(self._heard)

    # Reading

    def opened(self) -> None:
        """The screen came to the front."""
        if not self.model.rows:
            self._skeleton.begin()
            self._left.setCurrentWidget(self._skeleton)
            self._card.hide()
        self.rows.setFocus()
        self.reload()

    async def left(self) -> None:
        """Nothing is read any more."""
        self._bus.heard.disconnect(self._heard)
        self.acts.blockSignals(True)

    def reload(self) -> None:
        """Read the list anew; what is chosen stays so."""
        if self._reading is not None:
            self._reading.cancel()
        self._reading = self._spawn(self._read(), "read suggestions")

    async def _read(self) -> None:
        catalogue = self._services.catalogue
        try:
            topics = await catalogue.topics()
            suggestions = await catalogue.suggestions()
        except GreenroomError as error:
            self._state.tell("warning", str(error), error.remedy, action=("Try again", self.reload))
            self._left.setCurrentWidget(self._state)
            return
        # Thousands of topics take longer than a frame to prepare.
        self._index, rows = await asyncio.to_thread(_ranked, topics, suggestions)
        self._slugs = {topic.slug for topic in topics}
        current, row = self.current(), max(0, self.rows.currentIndex().row())
        if [each[0] for each in self.model.rows] != [each[0] for each in rows]:
            self.model.show(rows)
            ids = [each[0].id for each in rows]
            kept = ids.index(current.id) if current is not None and current.id in ids else row
            self._go_to(min(kept, len(rows) - 1))
        self._tell()
        self.loaded.emit()

    def _tell(self) -> None:
        many = len(self.model.rows)
        self._count.setText(f"· {number(many)} without a topic" if many else "")
        self._card.setVisible(bool(many))
        if many:
            self._left.setCurrentWidget(self.rows)
        else:
            self._state.tell(
                "topic", "Nothing to promote", "Every suggestion has its topic, or was rejected."
            )
            self._left.setCurrentWidget(self._state)

    def _heard(self, batch: ChangeBatch) -> None:
        kinds = {TOPIC, SUGGESTION}
        others = [each for each in batch.changes if each.login != self._services.login]
        if self.isVisible() and (not batch.complete or any(each.subject.kind in kinds for each in others)):
            self.reload()

    # What is chosen

    def current(self) -> Suggestion | None:
        """The suggestion under the cursor."""
        row = self.rows.currentIndex().data(ROW)
        return None if row is None else row[0]

    def _step(self, by: int) -> None:
        self._go_to(max(0, min(self.rows.currentIndex().row() + by, len(self.model.rows) - 1)))

    def _go_to(self, row: int) -> None:
        index = self.model.index(row)
        self.rows.setCurrentIndex(index)
        self._show()

    def _show(self) -> None:
        suggestion = self.current()
        if suggestion is None:
            return
        self._title.set_text(suggestion.name)
        waits = "" if suggestion.status == "approved" else " It was not approved yet: this approves it."
        self._about.setText(f"Suggested by {plain(suggestion.author)} {since(suggestion.at)}.{waits}")
        self._told.setPlainText(plain(suggestion.description, lines=True) or "Nothing was written about it.")
        self._told.updateGeometry()
        self.name.setText(suggestion.name)
        self.slug.setText(free_slug(suggestion.name, self._slugs))
        for field in (self.name, self.slug):
            field.setCursorPosition(0)
        self.likes.blockSignals(True)
        self.likes.clear()
        self._found = self._index.like(suggestion.name, suggestion.description)
        for like in self._found:
            topic = like.topic
            retired = "" if topic.active else " · retired"
            self.likes.addItem(
                f"{shortened(topic.name, 60)}{retired}\n{like.reason} · {count_of(topic.scenes, 'scene')}"
            )
        self.likes.setFixedHeight(min(5, len(self._found)) * 42 + 2 * SPACE_1)
        self.likes.setVisible(bool(self._found))
        self._none.setVisible(not self._found)
        self.likes.setCurrentRow(0 if self._found else -1)
        self.likes.blockSignals(False)
        self._offer()

    def _named(self) -> None:
        self.slug.setText(free_slug(self.name.text(), self._slugs))
        self._offer()

    def _offer(self) -> None:
        name, slug = self.name.text().strip(), self.slug.text().strip()
        problem = "A name is needed" if not name else slug_problem(slug)
        if not problem and slug in self._slugs:
            problem = "This slug is taken"
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        like = self._like()
        sure = like is not None and like.score >= SURE
        self.promote_button.setEnabled(self.current() is not None and not problem)
        self.fold_button.setEnabled(like is not None)
        words = "Fold into it" if like is None else f"Fold into “{shortened(like.topic.name, 24)}”"
        self.fold_button.setText(words)
        for button, main in ((self.fold_button, sure), (self.promote_button, not sure)):
            button.setProperty("part", "main" if main else "")
            button.style().unpolish(button)
            button.style().polish(button)

    def _like(self) -> Likeness | None:
        row = self.likes.currentRow()
        return self._found[row] if self.current() is not None and 0 <= row < len(self._found) else None

    # Acts

    def promote(self) -> None:
        """Make the suggestion a topic of its own."""
        suggestion = self.current()
        if suggestion is None or not self.promote_button.isEnabled():
            return
        made, name = uuid4(), self.name.text().strip()
        columns = Columns(name, self.slug.text().strip(), suggestion.description, active=True)
        words = f"Promoted “{shortened(name, 40)}”"
        self._send(suggestion, (created(TOPIC, made, columns), _promotion(suggestion, made)), words)

    def fold(self) -> None:
        """Let the topic that is chosen hold the suggestion."""
        like = self._like()
        if like is not None:
            self._fold_into(like.topic.id)

    def _choose(self) -> None:
        if self.current() is not None:
            chooser = TopicChooser(self, "Fold into which topic?", self._index.topics, self._fold_into)
            chooser.open()

    def _fold_into(self, topic: UUID) -> None:
        suggestion = self.current()
        name = next((each.name for each in self._index.topics if each.id == topic), "")
        if suggestion is not None:
            words = f"Folded “{shortened(suggestion.name, 30)}” into “{shortened(name, 30)}”"
            self._send(suggestion, (_promotion(suggestion, topic),), words)

    def _send(self, suggestion: Suggestion, changes: tuple[CurationChange, ...], words: str) -> None:
        row = self.rows.currentIndex().row()
        self.model.remove(suggestion.id)
        self._go_to(min(row, len(self.model.rows) - 1))
        self._tell()
        self._spawn(self.acts.send(*changes, words=words), "promote")

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        return self._tasks.spawn(work, name, self)


def _promotion(suggestion: Suggestion, topic: UUID) -> CurationChange:
    return CurationChange(
        Act.PROMOTE, SUGGESTION, suggestion.id, suggestion.name, version=suggestion.version, topic_id=topic
    )


def _ranked(
    topics: Sequence[Topic], suggestions: Sequence[Suggestion]
) -> tuple[TopicIndex, list[tuple[Suggestion, Likeness | None]]]:
    index = TopicIndex(topics)
    rows = []
    for suggestion in suggestions:
        likes = index.like(suggestion.name, suggestion.description, limit=1)
        rows.append((suggestion, likes[0] if likes else None))
    return index, rows

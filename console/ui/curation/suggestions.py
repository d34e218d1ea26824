"""What users suggest and no topic holds yet: made a topic, or folded into one that is there already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QSplitter,
    QStackedWidget,
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
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.likeness import Likeness, TopicIndex
from console.ui.curation.acts import Acts, CurationServices
from console.ui.curation.chooser import TopicChooser
from console.ui.curation.suggestion_card import SuggestionCard
from console.ui.curation.suggestion_delegate import SuggestionDelegate
from console.ui.curation.suggestion_model import ROW, SuggestionModel
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import number, shortened
from console.ui.widgets.labels import label
from console.ui.widgets.served import served_label, tell_served
from console.ui.widgets.states import Skeleton, StatePanel


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
        self._reading: asyncio.Task[None] | None = None
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.acts = Acts(services, tasks, notices, self)
        self.model = SuggestionModel(self)
        self.rows = QListView()
        self.rows.setModel(self.model)
        self._delegate = SuggestionDelegate(theme)
        self.rows.setItemDelegate(self._delegate)
        self.rows.setUniformItemSizes(True)
        self.rows.setMouseTracking(True)
        self.rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.rows.setAccessibleName("Suggested topics")
        self._count, self._served = label("", "muted"), served_label(theme)
        self._state, self._skeleton = StatePanel(theme), Skeleton(theme)
        self.card = SuggestionCard(theme)
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
        header.addWidget(self._served)
        header.addStretch()
        self._left = QStackedWidget()
        for page in (self.rows, self._state, self._skeleton):
            self._left.addWidget(page)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(1)
        panes.setChildrenCollapsible(False)
        panes.addWidget(self._left)
        panes.addWidget(self.card)
        panes.setSizes([420, 620])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(header)
        whole.addWidget(panes, 1)

    def _connect(self) -> None:
        self.rows.selectionModel().currentChanged.connect(lambda *_: self._show())
        self.card.promote_wanted.connect(self.promote)
        self.card.fold_wanted.connect(self.fold)
        self.card.other_wanted.connect(self._choose)
        self.acts.done.connect(self.reload)
        self._bus.heard.connect(self._heard)

    # Reading

    def opened(self) -> None:
        """The screen came to the front."""
        if not self.model.rows:
            self._skeleton.begin()
            self._left.setCurrentWidget(self._skeleton)
            self.card.hide()
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
            served = catalogue.served
        except GreenroomError as error:
            self._state.tell("warning", str(error), error.remedy, action=("Try again", self.reload))
            self._left.setCurrentWidget(self._state)
            return
        tell_served(self._served, served)
        # Thousands of topics take longer than a frame to prepare.
        self._index, rows = await asyncio.to_thread(_ranked, topics, suggestions)
        self.card.taken = {topic.slug for topic in topics}
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
        self.card.setVisible(bool(many))
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
        if suggestion is not None:
            likes = self._index.like(suggestion.name, suggestion.description)
            self.card.show_suggestion(suggestion, likes)

    # Acts

    def promote(self) -> None:
        """Make the suggestion a topic of its own."""
        suggestion = self.current()
        if suggestion is None or not self.card.promote_button.isEnabled():
            return
        made, name = uuid4(), self.card.name.text().strip()
        columns = Columns(name, self.card.slug.text().strip(), suggestion.description, active=True)
        words = f"Promoted “{shortened(name, 40)}”"
        self._send(suggestion, (created(TOPIC, made, columns), _promotion(suggestion, made)), words)

    def fold(self) -> None:
        """Let the topic that is chosen hold the suggestion."""
        like = self.card.like()
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

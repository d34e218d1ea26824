"""The middle of the window: a queue's title, order, filters and rows, or the state in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.queues import Item, Queue, View
from console.domain.servers import Served
from console.ui.desk.delegate import RowDelegate
from console.ui.desk.filter_line import FilterLine
from console.ui.desk.model import ITEM_ROLE, QueueModel
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import number
from console.ui.widgets.labels import label, set_tooltip
from console.ui.widgets.served import served_label, tell_served
from console.ui.widgets.states import Skeleton, StatePanel

SEEN = 500
"""Loaded rows whose values a filter offers."""


class _Rows(QListView):
    """A list that leaves letters to the desk's keys instead of searching by them."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isalnum() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        super().keyPressEvent(event)


class ListPane(QWidget):
    """Signals: `current_changed(Item | None)`, `view_changed(View)` when order or filters were chosen,
    `news_wanted()` when the person asks for the rows that came meanwhile, `on_wanted()` when they ask to
    search on from where a filter stopped.
    """

    current_changed = Signal(object)
    view_changed = Signal(object)
    news_wanted = Signal()
    on_wanted = Signal()

    def __init__(self, theme: Theme, severities: Callable[[], Mapping[str, int]]) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(380)
        self.model = QueueModel()
        self._queue: Queue | None = None
        self._title = label("", font=theme.strong_font)
        self._count = label("", "muted")
        self._served = served_label(theme)
        # New rows wait here: nothing moves under the pointer.
        self._news = QPushButton()
        self._news.setProperty("part", "pill")
        self._news.setToolTip("Show them (F5)")
        self._news.clicked.connect(self.news_wanted)
        self._news.hide()
        self._controls = QHBoxLayout()
        self._controls.setSpacing(SPACE_2)
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_3 + 4, SPACE_2, SPACE_3, SPACE_2)
        header.setSpacing(SPACE_2)
        header.addWidget(self._title)
        header.addWidget(self._count)
        header.addWidget(self._news)
        header.addStretch()
        header.addLayout(self._controls)

        self.filter = FilterLine(self._seen, self)
        self.filter.changed.connect(lambda: self.view_changed.emit(self.view()))
        self.filter.left.connect(self._leave_filter)
        self.rows = _Rows()
        self.rows.setModel(self.model)
        self._delegate = RowDelegate(theme, severities)
        self.rows.setItemDelegate(self._delegate)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.rows.setUniformItemSizes(True)
        self.rows.setMouseTracking(True)
        self.rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.rows.setAccessibleName("Items")
        self.rows.selectionModel().currentChanged.connect(self._current_changed)
        self.state = StatePanel(theme)
        self.skeleton = Skeleton(theme)
        self._stack = QStackedWidget()
        for page in (self.rows, self.state, self.skeleton):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.filter)
        column.addWidget(self._stack, 1)
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE_4, SPACE_1, SPACE_3, SPACE_1)
        self._reached = QPushButton()
        self._reached.setProperty("part", "pill")
        self._reached.clicked.connect(self.on_wanted)
        self._reached.hide()
        foot.addWidget(self._served)
        foot.addStretch()
        foot.addWidget(self._reached)
        return foot

    def open(self, queue: Queue) -> View:
        """Show a queue from its beginning, in its first order; returns the view to load."""
        self._queue = queue
        self._title.setText(queue.title)
        self.filter.open(queue)
        self.tell_reached("")
        self._count.setText("")
        self.model.begin(queue.columns)
        while self._controls.count():
            item = self._controls.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for declared in queue.filters:
            self._add_choice(
                f"filter:{declared.key}", declared.title, (("", f"{declared.title}: all"), *declared.choices)
            )
        orders = tuple((order.key, order.title) for order in queue.orders)
        if len(orders) > 1:
            self._add_choice("order", "Order", orders)
        self.skeleton.begin()
        self._stack.setCurrentWidget(self.skeleton)
        return self.view()

    def view(self) -> View:
        """The queue with the order and the filters that are chosen."""
        if self._queue is None:
            raise RuntimeError("no queue is open")
        chosen = {box.objectName(): str(box.currentData()) for box in self._boxes()}
        filters = {
            name.removeprefix("filter:"): value
            for name, value in chosen.items()
            if name.startswith("filter:") and value
        }
        return View(
            self._queue.key, chosen.get("order", self._queue.orders[0].key), filters, self.filter.terms
        )

    def widen(self) -> None:
        """Take every filter away, and show what is there then."""
        for box in self._boxes():
            if box.objectName().startswith("filter:"):
                box.setCurrentIndex(0)
        if self.filter.terms:
            self.filter.set_line("")
        else:
            self.view_changed.emit(self.view())

    def tell_count(self, words: str) -> None:
        """Show how many wait."""
        self._count.setText(f"· {words}" if words else "")

    def tell_served(self, served: Served) -> None:
        """Show which server was read last, and how fresh that is."""
        tell_served(self._served, served)
        words = f"From the {self._served.text()}. {self._served.accessibleDescription()}"
        set_tooltip(self._count, words)

    def tell_news(self, came: int) -> None:
        """Offer the rows that came since the list was read."""
        self._news.setText(f"{number(came)} new")
        self._news.setVisible(came > 0)
        # In a narrow pane there is no room for both; the tooltip of the count tells the server, too.
        self._served.setVisible(came == 0)

    def tell_reached(self, words: str) -> None:
        """Offer to search on from where a filter stopped; nothing to offer without words."""
        self._reached.setText(f"{words} · search on" if words else "")
        self._reached.setVisible(bool(words))

    @property
    def reached(self) -> str:
        """What is said of where a filter stopped."""
        return self._reached.text()

    @property
    def news(self) -> str:
        """What the pill says; nothing when it is not shown."""
        return "" if self._news.isHidden() else self._news.text()

    def show_rows(self) -> None:
        """Show the list."""
        self._stack.setCurrentWidget(self.rows)

    def show_state(self) -> None:
        """Show the state panel in place of the list."""
        self._stack.setCurrentWidget(self.state)

    def current(self) -> Item | None:
        """The item under the cursor."""
        item = self.rows.currentIndex().data(ITEM_ROLE)
        return item if isinstance(item, Item) else None

    def chosen(self) -> list[Item]:
        """The selected items, in list order; the current one when nothing is selected."""
        indexes = sorted(self.rows.selectionModel().selectedIndexes(), key=QModelIndex.row)
        items = [index.data(ITEM_ROLE) for index in indexes]
        current = self.current()
        return items or ([current] if current else [])

    def go_to(self, row: int) -> None:
        """Make the row (or the nearest there is) the current and only selected one."""
        row = max(0, min(row, self.model.rowCount() - 1))
        index = self.model.index(row)
        self.rows.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if index.isValid():
            self.rows.scrollTo(index)

    def invert_selection(self) -> None:
        """Select the loaded rows that are not selected; the current one stays the current one."""
        last = self.model.rowCount() - 1
        if last >= 0:
            everything = QItemSelection(self.model.index(0), self.model.index(last))
            self.rows.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.Toggle)

    def row(self) -> int:
        """The row of the current item, -1 when there is none."""
        return self.rows.currentIndex().row()

    def _leave_filter(self) -> None:
        if self.rows.isVisible():
            self.rows.setFocus()

    def _seen(self, key: str) -> list[str]:
        """Values of a column in the rows that are loaded."""
        place = next((at for at, column in enumerate(self.model.columns) if column.key == key), None)
        if place is None:
            return []
        cells = [item.cells[place] for item in self.model.items[:SEEN]]
        found = [each for cell in cells for each in (cell if isinstance(cell, tuple) else (cell,))]
        return sorted({each for each in found if isinstance(each, str)})

    def _boxes(self) -> list[QComboBox]:
        widgets = [self._controls.itemAt(i) for i in range(self._controls.count())]
        return [box for w in widgets if w is not None and isinstance(box := w.widget(), QComboBox)]

    def _add_choice(self, name: str, title: str, choices: tuple[tuple[str, str], ...]) -> None:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setToolTip(title)
        for value, words in choices:
            box.addItem(words, value)
        box.activated.connect(lambda _: self.view_changed.emit(self.view()))
        self._controls.addWidget(box)

    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        item = current.data(ITEM_ROLE)
        self.current_changed.emit(item if isinstance(item, Item) else None)

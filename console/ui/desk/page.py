"""What an item is shown as, below its title: one scrolling page, built a block at a time."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.domain.blocks import Block
from console.domain.queues import BlockDeclaration, Item
from console.ui.desk.sections import Sections
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_4
from console.ui.widgets.labels import label


class ItemPage(QScrollArea):
    """Shows the blocks of one item; filled while it is hidden, showing it is only painting."""

    def __init__(self, theme: Theme, sections: Sections) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Details")
        self._theme = theme
        self._sections = sections
        self._item: Item | None = None
        self._bodies: dict[str, QVBoxLayout] = {}
        self._column = QVBoxLayout()
        self._unframed: tuple[BlockDeclaration, ...] = ()
        self._waiting: list[tuple[str, Block | Exception]] = []
        self._built: dict[str, Block | Exception] = {}
        # One block in each turn of the loop: keys that are pressed meanwhile go first.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._build_one)

    @property
    def item(self) -> Item | None:
        """The item that the page was begun for."""
        return self._item

    def holds(self, item: Item, known: Mapping[str, Block]) -> bool:
        """Whether this page is of exactly this item, and shows nothing but what is known of it now."""
        mine = self._item
        if mine is None or (mine.subject, mine.version) != (item.subject, item.version):
            return False
        return all(known.get(key) is block for key, block in (*self._built.items(), *self._waiting))

    def begin(self, item: Item, blocks: tuple[BlockDeclaration, ...], known: Mapping[str, Block]) -> None:
        """Show an item with what is known of it: the first block now, the others in turns of their own."""
        self._item = item
        self._built = {}
        page = QWidget()
        page.setObjectName("page")
        # No word, however long, may push the rest of the item out of sight.
        page.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE_4, 0, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_2)
        self._bodies = {}
        self._column = column
        first = next((place for place, block in enumerate(blocks) if block.key in known), len(blocks))
        self._frame(blocks[: first + 1])
        self._unframed = blocks[first + 1 :]
        self._waiting = [(block.key, known[block.key]) for block in blocks[first:] if block.key in known]
        column.addStretch()
        before = self.takeWidget()
        self.setWidget(page)
        if before is not None:
            # Its hundred small widgets are taken down when the new ones have been painted.
            before.deleteLater()
        self._build_one()

    def add(self, key: str, block: Block | Exception) -> None:
        """A block has arrived, or failed."""
        if key in self._bodies or any(each.key == key for each in self._unframed):
            self._waiting.append((key, block))
            self._later.start(0)

    def add_missing(self, known: Mapping[str, Block]) -> None:
        """Add those of the known blocks that the page has not got."""
        waiting = {key for key, _ in self._waiting}
        for key, block in known.items():
            if key not in self._built and key not in waiting:
                self.add(key, block)

    def _frame(self, blocks: tuple[BlockDeclaration, ...]) -> None:
        """Add the line, the title and the empty body of each block."""
        place = max(0, self._column.count() - (1 if self._bodies else 0))
        for block in blocks:
            line = QFrame()
            line.setProperty("part", "line")
            line.setFixedHeight(1)
            body = QVBoxLayout()
            body.setContentsMargins(0, 0, 0, SPACE_2)
            self._bodies[block.key] = body
            self._column.insertWidget(place, line)
            self._column.insertWidget(place + 1, label(block.title, "section", self._theme.small_font))
            self._column.insertLayout(place + 2, body)
            place += 3

    def _build_one(self) -> None:
        if self._built and self._unframed:
            self._frame(self._unframed)
            self._unframed = ()
        if self._waiting:
            key, block = self._waiting.pop(0)
            body = self._bodies.get(key)
            item = self._item
            if body is not None and body.count() == 0 and item is not None:
                if isinstance(block, Exception):
                    body.addWidget(label(str(block), "grave"))
                else:
                    body.addWidget(self._sections.build(block, item))
                self._built[key] = block
        if self._waiting or self._unframed:
            self._later.start(0)
        elif not self.isVisible():
            self._settle()

    def _settle(self) -> None:
        """Do ahead of showing what Qt would do at showing: style every widget and lay the page out."""
        for widget in self.findChildren(QWidget):
            widget.ensurePolished()
        page = self.widget()
        layout = page.layout() if page is not None else None
        if page is not None and layout is not None:
            page.resize(self.viewport().width(), layout.totalHeightForWidth(self.viewport().width()))
            layout.activate()

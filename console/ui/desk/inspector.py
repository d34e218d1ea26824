"""The right of the window: the item in context, its first block at once, the others as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.blocks import Block
from console.domain.queues import BlockDeclaration, Item
from console.domain.subjects import Subject
from console.ui.desk.sections import Sections
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.states import StatePanel


class Inspector(QWidget):
    """Shows one item at a time. `open_subject` is called when a link is followed."""

    def __init__(
        self,
        theme: Theme,
        open_subject: Callable[[Subject], None],
        severities: Callable[[], Mapping[str, int]],
    ) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(440)
        self._theme = theme
        self._sections = Sections(theme, open_subject, severities)
        self._item: Item | None = None
        self._bodies: dict[str, QVBoxLayout] = {}
        self._column = QVBoxLayout()
        self._unframed: tuple[BlockDeclaration, ...] = ()
        self._keys: set[str] = set()
        self._waiting: list[tuple[str, Block | Exception]] = []

        self._title = ElidedLabel()
        self._title.setFont(theme.title_font)
        self._kind = label("", "muted")
        self._banner = label("", "notable")
        self._banner.setWordWrap(True)
        head = QVBoxLayout()
        head.setContentsMargins(SPACE_4, SPACE_3, SPACE_4, SPACE_2)
        head.setSpacing(SPACE_1)
        head.addWidget(self._title)
        line = QHBoxLayout()
        line.addWidget(self._kind)
        line.addStretch()
        head.addLayout(line)
        head.addWidget(self._banner)

        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Details")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._scroll)
        self._nothing = StatePanel(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(content)
        self._stack.addWidget(self._nothing)
        self._content = content
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        # The rest is built when the first block has been painted.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._build_one)
        self.clear()

    @property
    def item(self) -> Item | None:
        """The item shown."""
        return self._item

    def watch_title(self, watcher: QObject) -> None:
        """Let `watcher` filter the title's events, to see when it is painted."""
        self._title.installEventFilter(watcher)

    @property
    def shown_title(self) -> str:
        """The title as it is shown when there is room."""
        return self._title.text

    @property
    def banner(self) -> str:
        """The sentence under the title."""
        return self._banner.text()

    def clear(self, title: str = "Nothing selected", text: str = "") -> None:
        """Show no item."""
        self._item = None
        self._waiting.clear()
        self._nothing.tell("empty", title, text)
        self._stack.setCurrentWidget(self._nothing)

    def show_item(
        self,
        item: Item,
        kind_title: str,
        blocks: tuple[BlockDeclaration, ...],
        known: Mapping[str, Block],
    ) -> None:
        """Show an item with what is known of it; the first known block is painted with the title."""
        self._item = item
        self._waiting.clear()
        self._title.set_text(item.title)
        self._kind.setText(f"{kind_title} · {item.subject.id}")
        self.tell("")
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
        self._keys = {block.key for block in blocks}
        if first < len(blocks):
            key = blocks[first].key
            self._bodies[key].addWidget(self._sections.build(known[key]))
            self._waiting = [(other, value) for other, value in known.items() if other != key]
        column.addStretch()
        before = self._scroll.takeWidget()
        self._scroll.setWidget(page)
        self._stack.setCurrentWidget(self._content)
        if before is not None:
            # Its hundred small widgets are taken down when the new page has been painted.
            before.deleteLater()
        self._later.start(0)

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

    def add_block(self, subject: Subject, key: str, block: Block | Exception) -> None:
        """A block has arrived (or failed); ignored when another item is shown by now."""
        if self._item is not None and self._item.subject == subject and key in self._keys:
            self._waiting.append((key, block))
            self._later.start(0)

    def tell(self, sentence: str) -> None:
        """Show a sentence under the title: who holds the item, what became of it."""
        self._banner.setText(sentence)
        self._banner.setVisible(bool(sentence))

    def focus_content(self) -> None:
        """Give the keyboard to the details."""
        self._scroll.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _build_one(self) -> None:
        if self._unframed:
            self._frame(self._unframed)
            self._unframed = ()
        if not self._waiting:
            return
        key, block = self._waiting.pop(0)
        body = self._bodies.get(key)
        if body is not None and body.count() == 0:
            if isinstance(block, Exception):
                body.addWidget(label(str(block), "grave"))
            else:
                body.addWidget(self._sections.build(block))
        if self._waiting:
            self._later.start(0)

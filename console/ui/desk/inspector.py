"""The right of the window: the item in context, its first block at once, the others as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.domain.blocks import Block, MediaBlock
from console.domain.queues import BlockDeclaration, Item
from console.domain.servers import Served
from console.domain.subjects import Subject
from console.ui.desk.page import ItemPage
from console.ui.desk.sections import Pictures, Sections
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_1, SPACE_2, SPACE_3, SPACE_4
from console.ui.theme.words import served_words
from console.ui.widgets.buttons import KeyButton
from console.ui.widgets.labels import ElidedLabel, label, set_tooltip
from console.ui.widgets.states import StatePanel
from console.ui.widgets.veil import Veil


class Inspector(QWidget):
    """Shows one item at a time. `open_subject` is called when a link is followed.

    Signals: `left()` when Escape asks to go back to the list.
    """

    left = Signal()

    def __init__(
        self,
        theme: Theme,
        open_subject: Callable[[Subject], None],
        severities: Callable[[], Mapping[str, int]],
        video: Callable[[MediaBlock], QWidget] | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(440)
        self._theme = theme
        self._sections = Sections(theme, open_subject, severities, video, pictures)
        self._item: Item | None = None
        # Two pages: while one is read, the next item is laid out in the other.
        self._pages = QStackedWidget()
        self._page, self._ahead = (ItemPage(theme, self._sections) for _ in range(2))
        self._pages.addWidget(self._page)
        self._pages.addWidget(self._ahead)

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
        self._line = line
        self._openings: list[tuple[frozenset[str], KeyButton]] = []
        head.addLayout(line)
        head.addWidget(self._banner)

        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages)
        self._veil = Veil(theme, self._pages)
        self._nothing = StatePanel(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(content)
        self._stack.addWidget(self._nothing)
        self._content = content
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self.clear()

    def offer_opening(
        self, title: str, icon: str, key: str, kinds: frozenset[str], run: Callable[[Subject], None]
    ) -> None:
        """Offer to open items of these kinds in a place of their own; `key` is that of the command."""
        button = KeyButton(self._theme, title, icon, key)
        button.clicked.connect(lambda: run(self._item.subject) if self._item is not None else None)
        button.hide()
        self._line.addWidget(button)
        self._openings.append((kinds, button))

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

    def tell_served(self, served: Served | None) -> None:
        """Say beside the kind who answered what is shown, and how fresh it is."""
        words, why = served_words(served) if served is not None else ("", "")
        set_tooltip(self._kind, f"From the {words}. {why}" if words else "")

    @property
    def banner(self) -> str:
        """The sentence under the title."""
        return self._banner.text()

    def clear(self, title: str = "Nothing selected", text: str = "") -> None:
        """Show no item."""
        self._item = None
        self._nothing.tell("empty", title, text)
        self._stack.setCurrentWidget(self._nothing)

    def let_go(self) -> None:
        """Hold no item any more; what is painted stays until the next one is shown."""
        self._item = None

    def show_item(
        self,
        item: Item,
        kind_title: str,
        blocks: tuple[BlockDeclaration, ...],
        known: Mapping[str, Block],
    ) -> None:
        """Show an item with what is known of it; the first known block is painted with the title."""
        self._item = item
        self._title.set_text(item.title)
        self._kind.setText(f"{kind_title} · {item.subject.id}")
        for kinds, button in self._openings:
            button.setVisible(item.subject.kind in kinds)
        self.tell("")
        if self._ahead.holds(item, known):
            self._page, self._ahead = self._ahead, self._page
            self._page.add_missing(known)
            self._pages.setCurrentWidget(self._page)
        else:
            self._page.begin(item, blocks, known)
        self._stack.setCurrentWidget(self._content)

    def prepare(self, item: Item, blocks: tuple[BlockDeclaration, ...], known: Mapping[str, Block]) -> None:
        """Lay out the item that is likely to be shown next."""
        if not self._ahead.holds(item, known):
            self._ahead.resize(self._page.size())
            self._ahead.begin(item, blocks, known)

    def add_block(self, subject: Subject, key: str, block: Block | Exception) -> None:
        """A block has arrived (or failed); ignored when another item is shown by now."""
        if self._item is not None and self._item.subject == subject:
            self._page.add(key, block)

    @property
    def faded(self) -> bool:
        """Whether the content is greyed out."""
        return not self._veil.isHidden()

    def tell(self, sentence: str, *, faded: bool = False) -> None:
        """Show a sentence under the title: who holds the item, what became of it.

        `faded` greys the content out, since it cannot be decided now.
        """
        self._veil.set_drawn(drawn=faded)
        self._banner.setText(sentence)
        self._banner.setVisible(bool(sentence))

    def focus_content(self) -> None:
        """Give the keyboard to the details."""
        self._page.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the list."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

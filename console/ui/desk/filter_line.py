"""The line over the list by which it is narrowed, with completion, and its terms as chips to take out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QMargins, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.domain.filtering import LONGEST, Fields, FilterError, parse, quoted, without, written
from console.domain.queues import Queue
from console.domain.saved_filters import SavedFilter
from console.domain.terms import Term
from console.ui.desk.offers import Offers
from console.ui.theme.tokens import SPACE_1, SPACE_3
from console.ui.theme.words import plain, shortened
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label, set_tooltip

OFFERED = 12
"""Ways to go on that are offered at once."""
_CHIP = 40
"""Characters of a term on its chip."""


class _Line(QLineEdit):
    """Signals: `left()` when Esc is pressed."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


class FilterLine(QWidget):
    """Signals: `changed()` when other terms hold, `left()` when the keyboard should go back to the list.

    `seen` gives the values that the list shows in a column, for completion.
    """

    changed = Signal()
    left = Signal()

    def __init__(self, seen: Callable[[str], Iterable[str]], host: QWidget) -> None:
        super().__init__(host)
        self._seen = seen
        self._fields = Fields(())
        self._queue: Queue | None = None
        self._lines: dict[str, str] = {}
        self._line = ""
        self.saved: tuple[SavedFilter, ...] = ()
        self.terms: tuple[Term, ...] = ()
        self.edit = _Line()
        self.edit.setAccessibleName("Filter")
        self.edit.setClearButtonEnabled(True)
        self.edit.setMaxLength(LONGEST)
        self.edit.returnPressed.connect(self.apply)
        self.edit.textEdited.connect(self._typed)
        self.edit.textChanged.connect(self._emptied)
        self.edit.left.connect(self._leave)
        self.wrong = label("", "serious")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self.offers = Offers(self.edit, host)
        self.offers.taken.connect(self._complete)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, QMargins(0, 0, 0, 0), SPACE_1)
        self._chips.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, 0, SPACE_3, SPACE_1 * 2)
        column.setSpacing(SPACE_1)
        for widget in (self.edit, self.wrong, self._chips):
            column.addWidget(widget)

    @property
    def chips(self) -> list[QPushButton]:
        """A button for each term that holds."""
        widgets = [item.widget() for at in range(self._flow.count()) if (item := self._flow.itemAt(at))]
        return [widget for widget in widgets if isinstance(widget, QPushButton)]

    def open(self, queue: Queue) -> None:
        """Another queue: its columns, and the line that was left there."""
        if self._queue is not None:
            self._lines[self._queue.key] = self._line
        self._queue = queue
        self._fields = Fields((*queue.columns, *queue.asked))
        example = next((name for name in self._fields.names if name != "older"), "")
        self.edit.setPlaceholderText(f"Filter by words, {example}:…, older:2d   /")
        set_tooltip(self.edit, f"Columns: {', '.join(self._fields.names)}")
        self.saved = ()
        self._hold(self._lines.get(queue.key, ""))

    @property
    def line(self) -> str:
        """The line that holds."""
        return self._line

    def tell_saved(self, saved: Iterable[SavedFilter]) -> None:
        """Lines to offer before anything is typed."""
        self.saved = tuple(saved)

    def begin(self) -> None:
        """Take the keyboard; what is kept is offered where nothing is typed yet."""
        self.edit.setFocus()
        self.edit.selectAll()
        if not self.edit.text():
            self._typed("")

    def apply(self) -> None:
        """Let what is typed hold; a term that is wrong is named, marked, and changes nothing."""
        before = self.terms
        self.offers.hide()
        if self._hold(self.edit.text()):
            if before != self.terms:
                self.changed.emit()
            self.left.emit()

    def set_line(self, line: str) -> None:
        """Let this line hold, as if it were typed."""
        self.edit.setText(line)
        self.apply()

    def _hold(self, line: str) -> bool:
        try:
            terms = parse(line, self._fields)
        except FilterError as error:
            self._say(str(error))
            start, end = error.place
            self.edit.setSelection(start, end - start)
            return False
        self._say("")
        self._line, self.terms = line, terms
        if self.edit.text() != line:
            self.edit.setText(line)
        self._show_chips()
        return True

    def _say(self, words: str) -> None:
        self.wrong.setText(words)
        self.wrong.setVisible(bool(words))

    def _typed(self, text: str) -> None:
        self._say("")
        if not text:
            kept = self.saved[:OFFERED]
            whose = ["yours" if not each.shared else f"shared by {each.login}" for each in kept]
            words = [f"{each.line}   ({who})" for each, who in zip(kept, whose, strict=True)]
            self.offers.show_lines([each.line for each in kept], words)
            return
        lines = completions(text, self.edit.cursorPosition(), self._fields, self._values)
        start = _last_term(text)
        self.offers.show_lines(lines, [line[start:] for line in lines])

    def _complete(self, line: str) -> None:
        if not self.edit.text():
            self.set_line(line)
            return
        self.edit.setText(line)
        if line.endswith(":"):
            self._typed(line)

    def _emptied(self, text: str) -> None:
        if not text and self.terms:
            self._hold("")
            self.changed.emit()

    def _leave(self) -> None:
        """What was typed and does not hold is given up."""
        self._hold(self._line)
        self.left.emit()

    def _values(self, key: str) -> list[str]:
        if self._queue is None:
            return []
        declared = [value for each in self._queue.filters if each.key == key for value, _ in each.choices]
        return list(dict.fromkeys((*declared, *self._seen(key))))

    def _show_chips(self) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for term, words in zip(self.terms, written(self.terms, self._line), strict=True):
            chip = QPushButton(f"{shortened(words, _CHIP)}  ×".replace("&", "&&"))
            chip.setProperty("part", "chip")
            chip.setAccessibleName(f"Take out {plain(words)}")
            set_tooltip(chip, f"Take out {plain(words)}")
            chip.clicked.connect(lambda _=False, term=term: self._take_out(term))
            self._flow.addWidget(chip)
        self._chips.setVisible(bool(self.terms))

    def _take_out(self, term: Term) -> None:
        self.set_line(without(self._line, term))


def _last_term(text: str) -> int:
    """Where the term begins that is being typed."""
    return max(text.rfind(" "), text.rfind("\t")) + 1


def completions(text: str, cursor: int, fields: Fields, values: Callable[[str], Iterable[str]]) -> list[str]:
    """The line with each way to go on with the term at its end; none while the cursor is elsewhere."""
    if cursor != len(text) or not text or text[-1].isspace():
        return []
    start = _last_term(text)
    term = text[start:]
    sign = "-" if term.startswith("-") else ""
    name, colon, begun = term[len(sign) :].partition(":")
    if not colon:
        found = [f"{each}:" for each in fields.names if each.startswith(name.lower())]
    else:
        column = fields.named(name)
        before, comma, last = begun.rpartition(",")
        known = values(column.key) if column is not None else ()
        found = [
            f"{name}:{before}{comma}{quoted(value)}"
            for value in known
            if value.lower().startswith(last.lower()) and value != last
        ]
    return [f"{text[:start]}{sign}{each}" for each in found[:OFFERED]]

"""The fields that offer what they may hold: the schema's choices, yes or no, a reference."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QHBoxLayout, QLineEdit, QListView

from console.bible.editing import put
from console.bible.schema import Rule
from console.bible.values import Json, Tokens
from console.ui.bible.context import Context
from console.ui.bible.keys import OwnKeys
from console.ui.bible.view import View
from console.ui.theme.tokens import SPACE_2
from console.ui.theme.words import shortened
from console.ui.widgets.buttons import quiet_button


class _Box(QComboBox):
    """A list of choices that the wheel does not turn while one scrolls past."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        view = self.view()
        if isinstance(view, QListView):
            view.setUniformItemSizes(True)

    def sizeHint(self) -> QSize:
        """Room for a few words; Qt would look through all choices, which may be thousands."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("x") * 24 + 40, metrics.lineSpacing() + 14)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()


class ChoiceField(View):
    """One of the schema's choices; a value that is none of them is shown beside them."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "choice")
        self._choices: list[str] = list(rule.keyword("enum"))
        self._value = ""
        self.box = _Box()
        self.box.setEnabled(not context.read_only)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        row.addStretch()
        self.setFocusProxy(self.box)
        self.box.activated.connect(self._chosen)

    def name(self, name: str, help: str) -> None:
        """Name the list."""
        self.box.setAccessibleName(name)
        self.box.setAccessibleDescription(help)

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the choice."""
        self.tokens, self._value = tokens, value
        shown = self._choices if value in self._choices else [*self._choices, value]
        if [self.box.itemData(at) for at in range(self.box.count())] != shown:
            self.box.clear()
            for choice in shown:
                self.box.addItem(shortened(choice), choice)
        self.box.setCurrentIndex(shown.index(value))

    def _chosen(self) -> None:
        value = self.box.currentData()
        if value != self._value:
            self._value = value
            self.context.editing.change(partial(put, tokens=self.tokens, value=value))


class BooleanField(View):
    """Yes or no."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "boolean")
        self.box = QCheckBox()
        self.box.setEnabled(not context.read_only)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.addWidget(self.box)
        row.addStretch()
        self.setFocusProxy(self.box)
        self.box.clicked.connect(self._clicked)

    def name(self, name: str, help: str) -> None:
        """Name the box."""
        self.box.setAccessibleName(name)
        self.box.setAccessibleDescription(help)

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the value."""
        self.tokens = tokens
        self.box.setChecked(bool(value))
        self.box.setText("Yes" if value else "No")

    def _clicked(self, checked: bool) -> None:
        self.box.setText("Yes" if checked else "No")
        self.context.editing.change(partial(put, tokens=self.tokens, value=checked))


class _Pick(QLineEdit):
    """A line that offers what it may refer to once it is gone to; the down key offers all."""

    def __init__(self, field: ReferenceField) -> None:
        super().__init__()
        self._field, self._offers = field, False
        theme = field.context.theme
        self.addAction(theme.icon("chevron"), QLineEdit.ActionPosition.TrailingPosition).triggered.connect(
            self.offer_all
        )

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Only now: a list of thousands that nobody opens would cost each page its time."""
        if not self._offers:
            self._offers = True
            self.setCompleter(self._field.offered(self))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down offers all that may be referred to."""
        if event.key() == Qt.Key.Key_Down and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.offer_all()
        else:
            super().keyPressEvent(event)

    def offer_all(self) -> None:
        """Open the list."""
        self.setFocus()
        if self._offers and not self.isReadOnly():
            completer = self.completer()
            completer.setCompletionPrefix("")
            completer.complete()


class ReferenceField(View):
    """An element that is referred to, picked by its name; typing narrows the list."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "reference")
        self._value: Json = None
        self._targets = context.references(rule.ref or ())
        self.line = _Pick(self)
        self.line.setReadOnly(context.read_only)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        row.addWidget(self.line, 1)
        self.go = quiet_button("Open")
        self.go.setAccessibleName("Open what this refers to")
        self.go.clicked.connect(self._open)
        row.addWidget(self.go)
        self.setFocusProxy(self.line)
        self.line.editingFinished.connect(self.flush)
        undo, redo = context.editing.undo, context.editing.redo
        OwnKeys(self.line, {"Ctrl+Z": undo, "Ctrl+Shift+Z": redo, "Ctrl+Y": redo})

    def offered(self, line: QLineEdit) -> QCompleter:
        """The list of what may be referred to."""
        completer = QCompleter(self._targets, line)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(12)
        popup = completer.popup()
        if isinstance(popup, QListView):
            popup.setUniformItemSizes(True)
            popup.setObjectName("choices")
            popup.setAccessibleName("What this may refer to")
        completer.activated.connect(self._picked)
        return completer

    def name(self, name: str, help: str) -> None:
        """Name the line."""
        self.line.setAccessibleName(name)
        self.line.setAccessibleDescription(help)

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show what is referred to, unless something else is being typed."""
        self.tokens = tokens
        self.context.references(self.rule.ref or ())
        place = self._targets.place(value)
        shown = self._targets.shown(place) if place >= 0 else value
        if not self.line.isModified() and (value != self._value or shown != self.line.text()):
            self._value = value
            self.line.setText(shown)
            self.line.setCursorPosition(0)
        self.go.setEnabled(place >= 0)

    def _picked(self, shown: str) -> None:
        self.line.setText(shown)
        self._choose(self._targets.meant(shown))

    def flush(self) -> None:
        """What is typed counts: a key, a name, or else a key that is not there yet."""
        if self.line.isModified():
            self._choose(self._targets.meant(self.line.text()))

    def _choose(self, value: str) -> None:
        self.line.setModified(False)
        if value != self._value:
            self._value = value
            self.context.editing.change(partial(put, tokens=self.tokens, value=value))

    def _open(self) -> None:
        place = self._targets.place(self._value)
        if place >= 0:
            self.context.editing.open((*(self.rule.ref or ()), place))

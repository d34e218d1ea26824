"""One field for each kind of value: a line, prose, a number, a choice, a reference, yes or no, null."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.bible.editing import blank, put, put_literal
from console.bible.schema import Rule
from console.bible.values import Json, Tokens, is_number
from console.ui.bible.context import Context
from console.ui.bible.incoming import wrapping
from console.ui.bible.keys import OwnKeys
from console.ui.theme.tokens import SPACE_2
from console.ui.theme.words import shortened
from console.ui.widgets.buttons import quiet_button
from console.ui.widgets.labels import label

if TYPE_CHECKING:
    from console.ui.bible.slots import Slot

PAUSE_MILLISECONDS: Final = 250
"""After so long without a key, what is typed in a field stands in the text."""
LONGEST: Final = 20_000
"""Characters of a string that a field shows: Qt lays a longer one out at each key."""
MOST_LINES: Final = 14
DOCUMENT_MARGIN: Final = 2

_CHANGED_BY_QT: Final = re.compile("[\x00-\x09\x0b-\x1f\u2028\u2029\ufdd0\ufdd1]")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)


class View(QWidget):
    """Shows the value at `tokens`. `kind` says which values it can show."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule, kind: str) -> None:
        super().__init__()
        self.context, self.tokens, self.rule, self.kind = context, tokens, rule, kind

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the value as it is now; what is being typed stays."""
        raise NotImplementedError

    def name(self, name: str, help: str) -> None:
        """Tell a screen reader what this is."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Let the person edit here."""
        self.setFocus()

    def flush(self) -> None:
        """Put what is typed into the text now."""

    def slots(self) -> Sequence[Slot]:
        """The slots of its parts that are built."""
        return ()

    def reach(self, place: int) -> None:
        """Build the part at `place`, within reason."""


def kind_of_field(value: Json, rule: Rule) -> str:
    """Which field shows a value."""
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if is_number(value):
        return "number"
    if len(value) > LONGEST or _CHANGED_BY_QT.search(value):
        return "fixed"
    choices = rule.keyword("enum")
    if isinstance(choices, list) and all(isinstance(choice, str) for choice in choices):
        return "choice"
    if rule.ref is not None:
        return "reference"
    return "prose" if rule.sentences or "\n" in value else "line"


class _Typed(View):
    """A field that is typed into: it tells of a change when the person pauses or leaves."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule, kind: str) -> None:
        super().__init__(context, tokens, rule, kind)
        self._session = 0
        self._shown: Json = None
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._commit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def hold(self, editor: QLineEdit | QPlainTextEdit) -> None:
        """Take the widget that is typed into."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(editor)
        self.setFocusProxy(editor)
        editor.setReadOnly(self.context.read_only)
        editing = self.context.editing
        OwnKeys(
            editor,
            {
                "Ctrl+Z": editing.undo,
                "Ctrl+Shift+Z": editing.redo,
                "Ctrl+Y": editing.redo,
            },
        )

    def typed(self) -> str:
        """What stands in the field."""
        raise NotImplementedError

    def write(self, text: str) -> None:
        """Let the field show a text, with the cursor where it was."""
        raise NotImplementedError

    def changed(self) -> None:
        """The person typed."""
        self._pause.start()

    def left(self) -> None:
        """The person went elsewhere: what is typed next is another step back."""
        self.flush()
        self._session += 1

    def flush(self) -> None:
        """Put what is typed into the text now."""
        if self._pause.isActive():
            self._commit()

    def _commit(self) -> None:
        self._pause.stop()
        if self.typed() != self._shown:
            self._shown = self.typed()
            self.context.editing.change(
                partial(put, tokens=self.tokens, value=self._shown), session=(id(self), self._session)
            )

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the value unless something else is being typed."""
        self.tokens = tokens
        if not self._pause.isActive() and value != self._shown:
            self._shown = value
            self.write(value)


class _Line(QLineEdit):
    """A line that tells its field when it is left."""

    def __init__(self, field: _Typed) -> None:
        super().__init__()
        self._field = field
        self.textEdited.connect(field.changed)
        self.returnPressed.connect(field.flush)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """What is typed counts."""
        super().focusOutEvent(event)
        self._field.left()


class LineField(_Typed):
    """A short string."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule, kind: str = "line") -> None:
        super().__init__(context, tokens, rule, kind)
        self.line = _Line(self)
        self.hold(self.line)

    def name(self, name: str, help: str) -> None:
        """Name the line."""
        self.line.setAccessibleName(name)
        self.line.setAccessibleDescription(help)

    def typed(self) -> str:
        """What stands in the line."""
        return self.line.text()

    def write(self, text: str) -> None:
        """Show a text from its beginning, or from where the cursor is."""
        at = self.line.cursorPosition() if self.line.hasFocus() else 0
        self.line.setText(text)
        self.line.setCursorPosition(min(at, len(text)))


class NumberField(LineField):
    """A number, as it is written in the text: 1.0 stays 1.0, and no digit is lost."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "number")
        self.line.setFixedWidth(220)
        self._number: tuple[type, Json] = (str, "")
        self.problem = label("", "grave")
        self.problem.hide()
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self.problem)

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the number as the text has it."""
        if tokens == self.tokens and (type(value), value) == self._number:
            return
        self._number = type(value), value
        start, end = self.context.index.span(tokens)
        super().refresh(tokens, self.context.index.text[start:end])

    def changed(self) -> None:
        """Say at once when what is typed is no number."""
        super().changed()
        wrong = not _NUMBER.fullmatch(self.typed().strip())
        self.problem.setText(f"“{shortened(self.typed(), 30)}” is no number as JSON writes them; not kept")
        self.problem.setVisible(wrong)

    def _commit(self) -> None:
        self._pause.stop()
        literal = self.typed().strip()
        if literal != self._shown and _NUMBER.fullmatch(literal):
            self._shown = literal
            self.context.editing.change(
                partial(put_literal, tokens=self.tokens, literal=literal), session=(id(self), self._session)
            )


class _Prose(QPlainTextEdit):
    """A text as high as its lines."""

    def __init__(self, field: _Typed) -> None:
        super().__init__()
        self._field = field
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # In line with the text of a line edit.
        self.document().setDocumentMargin(DOCUMENT_MARGIN)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        all = round(self.document().size().height())
        lines = max(1, min(MOST_LINES, all))
        policy = Qt.ScrollBarPolicy
        bar = policy.ScrollBarAsNeeded if all > MOST_LINES else policy.ScrollBarAlwaysOff
        if bar != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(bar)
        around = self.height() - self.contentsRect().height()
        height = lines * self.fontMetrics().lineSpacing() + max(around, 12) + 2 * DOCUMENT_MARGIN - 1
        if height != self.maximumHeight():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """A narrower text has more lines."""
        super().resizeEvent(event)
        self._fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """What is typed counts."""
        super().focusOutEvent(event)
        self._field.left()


class ProseField(_Typed):
    """A string of any number of lines."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "prose")
        self.text = _Prose(self)
        self.hold(self.text)
        self._writing = False
        self.text.textChanged.connect(self._edited)

    def name(self, name: str, help: str) -> None:
        """Name the text."""
        self.text.setAccessibleName(name)
        self.text.setAccessibleDescription(help)

    def _edited(self) -> None:
        if not self._writing:
            self.changed()

    def typed(self) -> str:
        """The text; unlike toPlainText this keeps no-break spaces."""
        return self.text.document().toRawText().replace("\u2029", "\n")

    def write(self, text: str) -> None:
        """Show a text; the cursor stays."""
        at = self.text.textCursor().position()
        self._writing = True
        self.text.setWordWrapMode(wrapping(text))
        self.text.setPlainText(text)
        self._writing = False
        cursor = self.text.textCursor()
        cursor.setPosition(min(at, self.text.document().characterCount() - 1))
        self.text.setTextCursor(cursor)


class _Box(QComboBox):
    """A list of choices that the wheel does not turn while one scrolls past."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        view = self.view()
        if isinstance(view, QListView):
            view.setUniformItemSizes(True)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for a few words; Qt would look through all choices, which may be thousands."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("x") * 24 + 40, metrics.lineSpacing() + 14)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The same."""
        return self.sizeHint()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
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

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Only now: a list of thousands that nobody opens would cost each page its time."""
        if not self._offers:
            self._offers = True
            self.setCompleter(self._field.offered(self))
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
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


class NullField(View):
    """Null: something that is there and is nothing."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "null")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        row.addWidget(label("null", "key", context.theme.fixed_font))
        self.button = quiet_button("Set a value")
        self.button.setEnabled(not context.read_only)
        self.button.clicked.connect(self._set)
        row.addWidget(self.button)
        row.addStretch()
        self.setFocusProxy(self.button)

    def name(self, name: str, help: str) -> None:
        """Name the button."""
        self.button.setAccessibleName(f"{name} is null: set a value")
        self.button.setAccessibleDescription(help)

    def refresh(self, tokens: Tokens, value: Json) -> None:  # noqa: ARG002 - there is one null
        """Null is null."""
        self.tokens = tokens

    def _set(self) -> None:
        self.context.editing.change(
            partial(put, tokens=self.tokens, value=blank(self.rule, ("string",))), focus=self.tokens
        )


class FixedField(View):
    """A string that no field can show as it is; it is edited in the text."""

    def __init__(self, context: Context, tokens: Tokens, rule: Rule) -> None:
        super().__init__(context, tokens, rule, "fixed")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        self._shown = label("", "muted")
        self._shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._shown, 1)
        self.button = quiet_button("Edit in the text")
        self.button.clicked.connect(lambda: self.context.editing.show_in_text(self.tokens))
        row.addWidget(self.button)
        self.setFocusProxy(self.button)

    def name(self, name: str, help: str) -> None:
        """Name the button."""
        self.button.setAccessibleName(f"{name}: edit in the text")
        self.button.setAccessibleDescription(help)

    def refresh(self, tokens: Tokens, value: Json) -> None:
        """Show the beginning, and why the whole is not here."""
        self.tokens = tokens
        why = f"{len(value):,} characters" if len(value) > LONGEST else "with characters that no field keeps"
        self._shown.setText(f"{shortened(json.dumps(value[:200], ensure_ascii=False), 60)} · {why}")


def leaf(context: Context, tokens: Tokens, rule: Rule, kind: str) -> View:
    """The field for a value that holds no others."""
    fields: dict[str, Callable[[Context, Tokens, Rule], View]] = {
        "line": LineField,
        "prose": ProseField,
        "number": NumberField,
        "choice": ChoiceField,
        "boolean": BooleanField,
        "reference": ReferenceField,
        "null": NullField,
        "fixed": FixedField,
    }
    return fields[kind](context, tokens, rule)

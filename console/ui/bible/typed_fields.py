"""The fields that are typed into: a line, a number, prose."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFocusEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout

from console.bible.editing import put, put_literal
from console.bible.schema import Rule
from console.bible.values import Json, Tokens
from console.ui.bible.context import Context
from console.ui.bible.incoming import wrapping
from console.ui.bible.keys import OwnKeys
from console.ui.bible.view import View
from console.ui.theme.words import shortened
from console.ui.widgets.labels import label

PAUSE_MILLISECONDS: Final = 250
"""After so long without a key, what is typed in a field stands in the text."""
MOST_LINES: Final = 14
DOCUMENT_MARGIN: Final = 2

_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)


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

    def focusOutEvent(self, event: QFocusEvent) -> None:
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower text has more lines."""
        super().resizeEvent(event)
        self._fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
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

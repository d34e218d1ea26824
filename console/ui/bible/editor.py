"""The editor of one bible: a form and the JSON text, two views of one document with one way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from PySide6.QtCore import QByteArray, QSettings, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from console.bible.positions import PositionIndex
from console.bible.schema import AnnotatedSchema, bible_schema
from console.bible.validation import Surroundings
from console.bible.values import ABSENT, Tokens
from console.runtime.tasks import Tasks
from console.ui.bible.changing import Changing
from console.ui.bible.checking import Analysis, Mark, tokens_of
from console.ui.bible.context import Context, Make
from console.ui.bible.editor_bar import EditorBar, Shown
from console.ui.bible.findings_list import FindingsList
from console.ui.bible.form import Form
from console.ui.bible.keys import OwnKeys
from console.ui.bible.slots import Slot
from console.ui.bible.text_pane import TextPane
from console.ui.theme.theme import Theme

_KEPT_SHOWN, _KEPT_SPLIT = "bible views/shown", "bible views/{}"


class BibleEditor(QWidget):
    """Edits one bible document.

    Signals: `edited()` after each change by the person, `findings_changed(tuple)` with the `Mark`s of the
    document as it stands (`severity`, `message`, `line`, `column`, `path`, `tokens`), in the text's order.
    """

    edited = Signal()
    findings_changed = Signal(tuple)

    def __init__(
        self,
        theme: Theme,
        tasks: Tasks,
        schema: AnnotatedSchema | None = None,
        settings: QSettings | None = None,
    ) -> None:
        """`settings` remember which views are shown, and how wide."""
        super().__init__()
        self._tasks, self._settings = tasks, settings
        self._schema = schema or bible_schema()
        self._context = Context(theme, self._schema, self)
        self._form_revision = -1
        self._focus: Tokens | None = None
        self._waiting: list[Callable[[], None]] = []
        self.pane = TextPane(theme, tasks, self._schema)
        self._text = self.pane.text
        self.form = Form(self._context)
        self.findings = FindingsList(theme)
        self._changing = Changing(self._text, tasks)
        self.bar = EditorBar()
        self._build()
        self._text.edited.connect(self._edited)
        self._text.analysed.connect(self._analysed)
        self._text.refused.connect(self._refused)
        document = self._text.document()
        document.undoAvailable.connect(self.bar.undo.setEnabled)
        document.redoAvailable.connect(self.bar.redo.setEnabled)
        self.bar.view_chosen.connect(self.show_views)
        self.bar.undo.clicked.connect(self.undo)
        self.bar.redo.clicked.connect(self.redo)
        self.bar.summary.toggled.connect(self._show_findings)
        self.findings.chosen.connect(self._go_to_mark)
        self._keys = OwnKeys(
            self,
            {
                "Ctrl+Z": self.undo,
                "Ctrl+Shift+Z": self.redo,
                "Ctrl+Y": self.redo,
                "Ctrl+E": self._switch,
                "Ctrl+Shift+E": lambda: self.show_views(Shown.BOTH),
                "F8": lambda: self._step(1),
                "Shift+F8": lambda: self._step(-1),
            },
        )
        self.show_views(self._recall())

    def _build(self) -> None:
        self.views = QSplitter(Qt.Orientation.Horizontal)
        self.views.setHandleWidth(1)
        self.views.setChildrenCollapsible(False)
        self.views.addWidget(self.form)
        self.views.addWidget(self.pane)
        self._whole = QSplitter(Qt.Orientation.Vertical)
        self._whole.setHandleWidth(1)
        self._whole.setChildrenCollapsible(False)
        self._whole.addWidget(self.views)
        self._whole.addWidget(self.findings)
        self._whole.setStretchFactor(0, 1)
        line = QFrame()
        line.setProperty("part", "line")
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(line)
        column.addWidget(self._whole, 1)
        self.findings.hide()

    def _recall(self) -> Shown:
        settings = self._settings
        if settings is None:
            return Shown.FORM
        for name, panes in (("columns", self.views), ("rows", self._whole)):
            key = _KEPT_SPLIT.format(name)
            if isinstance(kept := settings.value(key), QByteArray):
                panes.restoreState(kept)
            panes.splitterMoved.connect(
                lambda *_, key=key, panes=panes: settings.setValue(key, panes.saveState())
            )
        known = {shown.value: shown for shown in Shown}
        return known.get(str(settings.value(_KEPT_SHOWN)), Shown.FORM)

    # -- the document

    def load(self, text: str, *, version: int | None = None, segments: int | None = None) -> None:
        """Show a document, without a way back to the one before.

        `version` is its row's, `segments` the number of the scene's last segment; None where it is unknown.
        """
        self.form.begin()
        self._waiting.clear()
        self._changing.forget()
        self._focus, self._form_revision = None, -1
        self.set_surroundings(version=version, segments=segments, check=False)
        self._text.set_text(text)

    def set_surroundings(self, *, version: int | None, segments: int | None, check: bool = True) -> None:
        """Say what the row and the scene are by now; the document is checked again."""
        known = None if segments is None else frozenset(range(1, segments + 1))
        self._text.surroundings = Surroundings(version, known)
        if check:
            self._text.check_again()

    def text(self) -> str:
        """The document's text as it stands, with what is being typed in a field."""
        self._flush()
        return self._text.text()

    def _flush(self) -> None:
        self.form.flush()
        self._changing.settle()

    @property
    def modified(self) -> bool:
        """Whether the text is another than the one that was loaded (or marked as saved)."""
        self._flush()
        return self._text.document().isModified()

    def mark_saved(self) -> None:
        """What stands here now is what is kept; the way back remains."""
        self._text.document().setModified(False)

    def set_read_only(self, read_only: bool, why: str = "") -> None:
        """Let nothing be changed, and say why; or let it be edited again."""
        self._flush()
        self._text.lock(read_only)
        self.bar.tell(why if read_only else "")
        if self._context.read_only != read_only:
            self._context.read_only = read_only
            self.form.rebuild()

    # -- changes

    def change(self, make: Make, *, session: Hashable = None, focus: Tokens | None = None) -> None:
        """Change the text as a field asks. Changes of one `session` in a row are one step back."""
        if self._text.isReadOnly():
            self._text.check_again()
            return
        if focus is not None:
            self._focus = focus
        self._changing.ask(make, session)

    @property
    def is_settled(self) -> bool:
        """Whether the form shows the text as it stands."""
        return self._form_revision == self._text.revision and not self._changing.pending

    def slot(self, place: Tokens | None) -> Slot | None:
        """The slot of a place, if it is shown; for None the one with the keyboard, or that of the page."""
        wanted = self.form.focused if place is None else place
        found = self.form.slot_at(wanted)
        return found if found is not None and found.tokens == wanted else None

    def settled(self, act: Callable[[], None]) -> None:
        """Act as soon as the form shows the text as it stands."""
        if self.is_settled:
            act()
        else:
            self._waiting.append(act)

    def undo(self) -> None:
        """One step back, in whichever view it was made."""
        self._flush()
        self._text.undo()
        self._text.check_again()

    def redo(self) -> None:
        """One step forward again."""
        self._flush()
        self._text.redo()
        self._text.check_again()

    def _edited(self) -> None:
        if not self._context.read_only:
            self.bar.tell("")
        self.edited.emit()

    def _refused(self, why: str) -> None:
        if self._text.held:
            self.set_read_only(True, why)
        else:
            self.bar.tell(why)

    def _analysed(self, found: Analysis) -> None:
        marks = found.marks
        self.findings.findings.show(marks)
        self.bar.summarise(marks)
        if found.document is ABSENT:
            first = marks[0]
            self.form.wait(
                f"Line {first.line:,}, column {first.column:,}: {first.message}. "
                "The form goes on as soon as the text can be read."
            )
        elif not self._changing.pending:
            self._form_revision = self._text.revision
            focus, self._focus = self._focus, None
            self._context.show(found)
            self.form.refresh(focus)
            waiting, self._waiting = self._waiting, []
            for act in waiting:
                self.settled(act)
        self.findings_changed.emit(marks)

    # -- places

    def go_to(self, pointer: str) -> None:
        """Go to what a pointer names, in the views that are shown. What leads nowhere is told in the bar."""
        self._tasks.spawn(self._go(pointer), "go to a place of the bible", self)

    async def _go(self, pointer: str) -> None:
        try:
            tokens = await asyncio.to_thread(tokens_of, self._text.text(), pointer, self._schema)
        except (LookupError, ValueError) as error:
            self.bar.tell(str(error))
            return
        await self._reach(tokens)

    async def _reach(self, tokens: Tokens) -> None:
        if self._shown is not Shown.TEXT:
            self.settled(lambda: self.form.go_to(tokens, take_focus=self._shown is Shown.FORM))
        if self._shown is not Shown.FORM:
            await self._text.go_to_place(tokens)

    def open(self, tokens: Tokens) -> None:
        """Show the page of a place in the form."""
        self.settled(lambda: self.form.go_to(tokens))

    def show_in_text(self, tokens: Tokens) -> None:
        """Go to a place in the text."""
        if self._shown is Shown.FORM:
            self.show_views(Shown.TEXT)
        self._text.setFocus()
        self._tasks.spawn(self._text.go_to_place(tokens), "go to a place of the bible", self)

    def _go_to_mark(self, mark: Mark) -> None:
        if self._shown is Shown.FORM and mark.kind != "syntax":
            self.settled(lambda: self.form.go_to(mark.tokens))
            return
        if self._shown is Shown.FORM:
            self.show_views(Shown.TEXT)
        self._text.go_to_line(mark.line, mark.column)
        self._text.setFocus()
        if self._shown is Shown.BOTH and mark.kind != "syntax":
            self.settled(lambda: self.form.go_to(mark.tokens, take_focus=False))

    def _step(self, by: int) -> None:
        marks = self.findings.findings.marks
        if not marks:
            return
        if self._text.hasFocus():
            self._text.go_to_finding(by)
            return
        here = self.findings.currentIndex().row()
        to = (here + by) % len(marks) if here >= 0 else (0 if by > 0 else len(marks) - 1)
        self.findings.setCurrentIndex(self.findings.findings.index(to))
        self._go_to_mark(marks[to])

    # -- the views

    @property
    def shown(self) -> Shown:
        """Which of the views are shown."""
        return self._shown

    def show_views(self, shown: Shown) -> None:
        """Show the form, the text, or both."""
        self._shown = shown
        if self._settings is not None:
            self._settings.setValue(_KEPT_SHOWN, shown.value)
        self.form.flush()
        self.form.setVisible(shown is not Shown.TEXT)
        self.pane.setVisible(shown is not Shown.FORM)
        self.bar.show_chosen(shown)
        self.setFocusProxy(self._text if shown is Shown.TEXT else self.form.outline)

    def _switch(self) -> None:
        """To the other view, at the same place."""
        focus = QApplication.focusWidget()
        in_text = focus is not None and self.pane.isAncestorOf(focus)
        if in_text or self._shown is Shown.TEXT:
            at = self._text.offset()
            if self._shown is Shown.TEXT:
                self.show_views(Shown.FORM)
            self._tasks.spawn(self._show_in_form(at), "go to a place of the form", self)
        else:
            self.form.flush()
            self.show_in_text(self.form.focused)

    async def _show_in_form(self, offset: int) -> None:
        tokens = await asyncio.to_thread(PositionIndex(self._text.text()).pointer_at, offset)
        self.settled(lambda: self.form.go_to(tokens))

    def _show_findings(self, shown: bool) -> None:
        self.findings.setVisible(shown)
        if shown:
            height = self.findings.sizeHint().height()
            self._whole.setSizes([max(200, self._whole.height() - height), height])

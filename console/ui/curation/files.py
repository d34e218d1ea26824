"""Files of topics and categories: exported, and imported after a look at what they would do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.domain.errors import GreenroomError
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.services.catalogue_files import MOST_BYTES, Plan, Problem, Step, plan, to_csv, to_json
from console.ui.curation.acts import Acts, CurationServices
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import SPACE_2, SPACE_4
from console.ui.theme.words import count_of, number, plain, shortened
from console.ui.widgets.labels import label, tooltip

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_KINDS = "Tables and JSON (*.csv *.json)"


class _Lines(QAbstractListModel):
    """What each line does, or what is wrong with it."""

    def __init__(self, theme: Theme, lines: tuple[Step, ...] | tuple[Problem, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._lines = theme, lines

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"Line {number(line.line)}   {plain(line.words)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(plain(line.words))
        if role == Qt.ItemDataRole.ForegroundRole and isinstance(line, Problem):
            return QColor(self._theme.tokens.grave)
        return None


class ImportDialog(QDialog):
    """Shows a dry run. Signals: `wanted(Plan)` when the person lets it happen."""

    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, name: str, found: Plan) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 480)
        self._plan = found
        title = label(shortened(name, 60), font=theme.title_font)
        told = label(self._told(), "muted")
        told.setWordWrap(True)
        self.lines = QListView()
        self.lines.setModel(_Lines(theme, found.problems or found.steps, self))
        self.lines.setUniformItemSizes(True)
        self.lines.setSpacing(3)
        self.lines.setAccessibleName("What is wrong" if found.problems else "What it would do")
        many = count_of(len(found.changes), "change")
        self.go = QPushButton(f"Import {many}" if found.changes else "Import")
        self.go.setProperty("part", "main")
        self.go.setEnabled(bool(found.changes))
        self.go.clicked.connect(self._go)
        copy = QPushButton("Copy the list")
        copy.clicked.connect(self._copy)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        buttons.addWidget(copy)
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_2)
        for widget in (title, told):
            column.addWidget(widget)
        column.addWidget(self.lines, 1)
        column.addLayout(buttons)

    def _told(self) -> str:
        found = self._plan
        if found.problems:
            wrong = count_of(len(found.problems), "mistake")
            return f"{wrong}. Nothing is imported until the file has none: all of it, or nothing."
        if not found.changes:
            return "Everything in it is there already. There is nothing to import."
        same = f" There already: {count_of(found.unchanged, 'row')}." if found.unchanged else ""
        return f"Nothing was changed yet.{same} All of these are made, or none; one undo takes them back."

    def _go(self) -> None:
        self.accept()
        self.wanted.emit(self._plan)

    def _copy(self) -> None:
        lines: tuple[Step, ...] | tuple[Problem, ...] = self._plan.problems or self._plan.steps
        text = "\n".join(f"Line {each.line}: {plain(each.words)}" for each in lines)
        QGuiApplication.clipboard().setText(text)


class Files(QObject):
    """Signals: `planned(ImportDialog)` when a dry run is shown, `written(Path)` when a file was exported."""

    planned = Signal(object)
    written = Signal(object)

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        services: CurationServices,
        acts: Acts,
        tasks: Tasks,
        notices: Notices,
    ) -> None:
        super().__init__(window)
        self._theme, self._window, self._services = theme, window, services
        self._acts, self._tasks, self._notices = acts, tasks, notices

    def choose_import(self) -> None:
        """Ask for a file."""
        dialog = QFileDialog(self._window, "Import topics and categories", "", _KINDS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.read(Path(name)))
        dialog.open()

    def choose_export(self) -> None:
        """Ask where to."""
        dialog = QFileDialog(self._window, "Export topics and categories", "topics.csv", _KINDS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.open()

    def read(self, path: Path) -> None:
        """Show what a file would do."""
        self._spawn(self._read(path), "read a file")

    async def _read(self, path: Path) -> None:
        try:
            source = await asyncio.to_thread(_bytes, path)
        except OSError as error:
            raise GreenroomError(f"{path.name} cannot be read: {error.strerror}") from error
        entries = await self._services.catalogue.entries()
        found = await asyncio.to_thread(plan, source, entries)
        dialog = ImportDialog(self._theme, self._window, path.name, found)
        dialog.wanted.connect(self._import)
        dialog.open()
        self.planned.emit(dialog)

    def _import(self, found: Plan) -> None:
        words = f"Imported {count_of(len(found.changes), 'change')}"
        self._spawn(self._acts.send(*found.changes, words=words), "import")

    def write(self, path: Path) -> None:
        """Export everything: JSON where the name ends so, else CSV."""
        self._spawn(self._write(path), "export")

    async def _write(self, path: Path) -> None:
        entries = await self._services.catalogue.entries()
        form = to_json if path.suffix.lower() == ".json" else to_csv
        text = await asyncio.to_thread(form, entries)
        try:
            await asyncio.to_thread(path.write_text, text, encoding="utf-8", newline="")
        except OSError as error:
            raise GreenroomError(f"{path.name} cannot be written: {error.strerror}") from error
        self._notices.done(f"Exported {count_of(len(entries), 'row')} to {shortened(path.name, 40)}")
        self.written.emit(path)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        self._tasks.spawn(work, name, self)


def _bytes(path: Path) -> bytes:
    """The file, or one byte more than is taken of a larger one."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)

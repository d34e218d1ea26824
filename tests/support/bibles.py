"""The bible's workspace on a real database, with a real journal and a real way up."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from console.bible.editing import Edit, edited
from console.bible.positions import PositionIndex
from console.bible.schema import bible_schema
from console.domain.subjects import Subject
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notice, Notices
from console.runtime.tasks import Tasks
from console.services.claims import ClaimBook
from console.services.decisions import DecisionPipeline
from console.ui.bible.presenter import Bibles, BibleServices
from console.ui.bible.workspace import Workspace
from console.ui.theme.theme import Choice, Theme
from db.journal import SqliteJournal
from db.platforms.scenes.bibles import SceneBibles
from tests.support.console import signed_in
from tests.support.content import Connection, one
from tests.support.databases import Database
from tests.support.waiting import until

MIRA = {
    "entityId": "char_mira",
    "canonicalName": "Mira",
    "description": "She waits. She never sails. She sings.",
}
TOMAS = {"entityId": "char_tomas", "canonicalName": "Tomas"}


def bible(**parts: Any) -> dict[str, Any]:
    """A small bible that the schema has nothing against; `parts` replace its own."""
    return {
        "version": 1,
        "characters": [MIRA, TOMAS],
        "setting": {"primaryLocation": "Harbour"},
        "timeline": {},
        **parts,
    }


class LineEditor(QPlainTextEdit):
    """The least editor. Signals: `edited()`."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Text")
        self.went: list[str] = []
        self._loading = False
        self.textChanged.connect(lambda: None if self._loading else self.edited.emit())

    def load(self, text: str, *, version: int | None = None, segments: int | None = None) -> None:
        self.set_surroundings(version=version, segments=segments)
        self._loading = True
        self.setPlainText(text)
        self._loading = False

    def set_surroundings(self, *, version: int | None, segments: int | None) -> None:
        self.surroundings = (version, segments)

    def text(self) -> str:
        return self.toPlainText()

    def change(self, make: Callable[[PositionIndex], list[Edit]]) -> None:
        self.setPlainText(edited(self.text(), make(PositionIndex(self.text()))))

    def mark_saved(self) -> None:
        self.document().setModified(False)

    def set_read_only(self, read_only: bool, why: str = "") -> None:
        self.setReadOnly(read_only)
        self.why = why

    def go_to(self, pointer: str) -> None:
        self.went.append(pointer)


@dataclass
class Bench:
    """A workspace at work: what drives it, what it shows, what it told."""

    bibles: Bibles
    workspace: Workspace
    editor: LineEditor
    journal: SqliteJournal
    told: list[Notice]
    bus: ChangeBus

    def document(self) -> Any:
        return json.loads(self.editor.text())

    def rewrite(self, **parts: Any) -> None:
        """Type another document: the one in the editor with these parts."""
        self.editor.setPlainText(json.dumps({**self.document(), **parts}, indent=2))


def raising(name: str, error: BaseException) -> None:
    raise AssertionError(f"{name} failed: {error!r}") from error


@asynccontextmanager
async def working(database: Database, folder: Path, login: str = "mia") -> AsyncIterator[Bench]:
    """A workspace of `login`, its journal in `folder`."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    failures: list[BaseException] = []
    tasks = Tasks(lambda name, error: failures.append(AssertionError(f"{name}: {error!r}")))
    theme = Theme(application, Choice.LIGHT)
    notices, bus = Notices(), ChangeBus()
    told: list[Notice] = []
    notices.posted.connect(told.append)
    async with signed_in(database, login) as person:
        journal = SqliteJournal(folder / f"{login}.sqlite3")
        pipeline = DecisionPipeline(person.writer, journal, ClaimBook(person.writer))
        tasks.spawn(pipeline.run(), "send")
        editor = LineEditor()
        workspace = Workspace(theme, tasks, bible_schema(), editor)
        services = BibleServices(SceneBibles(person.servers), journal, pipeline.submit)
        bibles = Bibles(services, bible_schema(), workspace, editor, tasks, notices, bus)
        workspace.resize(1100, 700)
        workspace.show()
        workspace.activateWindow()
        try:
            yield Bench(bibles, workspace, editor, journal, told, bus)
        finally:
            await bibles.left()
            await tasks.close()
            await journal.close()
            workspace.close()
            workspace.deleteLater()
            theme.deleteLater()
    assert not failures, failures


async def opened(bench: Bench, scene: UUID) -> None:
    """Open a scene's bible and wait until it stands there."""
    came: list[int] = []
    bench.bibles.opened.connect(lambda: came.append(1))
    bench.bibles.open(Subject("scene", scene))
    await until(lambda: came, "the bible was not opened")


async def saved(bench: Bench, version: int) -> None:
    """Wait until a save is answered and the editor stands on this version."""
    await until(
        lambda: bench.workspace.facts.startswith(f"version {version} ·") and not bench.bibles.saving,
        f"version {version} was not saved: {bench.workspace.banner.text} {bench.told}",
    )


def job_saves(connection: Connection, scene: UUID, segment: UUID | None, document: dict[str, Any]) -> int:
    """Save as the platform's jobs do, beside every function of ours; returns the version."""
    with connection.transaction():
        version = one(
            connection,
            "SELECT coalesce(max(version), 0) + 1 FROM scene_bibles WHERE scene_id = %s",
            scene,
        )
        connection.execute(
            "INSERT INTO scene_bibles (scene_id, version, data, created_by_segment_id)"
            " VALUES (%s, %s, %s, %s)",
            [scene, version, json.dumps({**document, "version": version}), segment],
        )
        connection.execute("UPDATE scenes SET bible_version = %s WHERE id = %s", [version, scene])
    made: int = version
    return made


def person_saves(connection: Connection, scene: UUID, base: int, document: dict[str, Any]) -> int:
    """Save as another person's console does; returns the version."""
    made: int = one(
        connection,
        "SELECT (greenroom.save_bible(%s, %s, %s, %s, NULL, 'test') ->> 'version')::int",
        uuid4(),
        scene,
        base,
        json.dumps(document),
    )
    return made

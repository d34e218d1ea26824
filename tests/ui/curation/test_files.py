"""Files of topics and categories through the real window: written, looked at, imported whole, taken back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from console.ui.curation.files import ImportDialog
from console.ui.curation.topics import TopicsScreen
from console.ui.keyboard import press
from tests.support.databases import Database
from tests.support.waiting import until
from tests.ui.curation.test_topics import CONTROL, curating, fill, names, stored


async def planned(screen: TopicsScreen, path: Path) -> ImportDialog:
    shown: list[ImportDialog] = []
    screen.files.planned.connect(shown.append)
    screen.files.read(path)
    await until(lambda: shown)
    return shown[0]


def lines(dialog: ImportDialog) -> list[str]:
    model = dialog.lines.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


async def test_an_export_is_imported_again_with_what_was_changed_in_it(
    attached: Database, tmp_path: Path
) -> None:
    fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        told: list[Path] = []
        screen.files.written.connect(told.append)
        for name in ("topics.csv", "topics.json"):
            path = tmp_path / name
            screen.files.write(path)
            await until(path.exists)
            await until(lambda: len(told) == (1 if path.suffix == ".csv" else 2))  # noqa: B023 - awaited here
            same = await planned(screen, path)
            assert not same.go.isEnabled()
            same.reject()
        path = tmp_path / "topics.csv"
        text = path.read_text(encoding="utf-8")
        assert text.splitlines()[1].startswith("topic,,land,Land,")
        path.write_text(text.replace("Hills", "Low hills") + "topic,,fire,Fire,,,no\n", encoding="utf-8")
        dialog = await planned(screen, path)
        assert lines(dialog) == [
            "Line 3   Edit category “Hills”: name",
            "Line 7   Create topic “Fire”",
        ]
        assert dialog.go.text() == "Import 2 changes"
        dialog.go.click()
        await until(lambda: names(screen) == ["Land", "Sea", "Sky", "Fire"])
        assert stored(attached, "SELECT count(*) FROM categories WHERE name = 'Low hills'") == 1
        session.window.activateWindow()
        await until(session.window.isActiveWindow)
        screen.view.setFocus()
        await press(Qt.Key.Key_Z, CONTROL)
        await until(lambda: names(screen) == ["Land", "Sea", "Sky"])
        assert stored(attached, "SELECT count(*) FROM categories WHERE name = 'Hills'") == 1


async def test_a_file_with_a_mistake_changes_nothing(attached: Database, tmp_path: Path) -> None:
    fill(attached)
    async with curating(attached, tmp_path) as (_, screen):
        path = tmp_path / "wrong.csv"
        path.write_text("kind,name\ntopic,Fire\ntopic,\n", encoding="utf-8")
        dialog = await planned(screen, path)
        assert lines(dialog) == ["Line 3   A name is needed"]
        assert not dialog.go.isEnabled()
        dialog.reject()
        assert stored(attached, "SELECT count(*) FROM topics") == 3


async def test_what_was_taken_meanwhile_refuses_the_whole_file(attached: Database, tmp_path: Path) -> None:
    fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        told: list[str] = []
        session.notices.posted.connect(lambda notice: told.append(notice.text))
        path = tmp_path / "new.csv"
        path.write_text("kind,name\ntopic,Ash\ntopic,Fire\n", encoding="utf-8")
        dialog = await planned(screen, path)
        with attached.connect() as c:
            c.execute("INSERT INTO topics (name, slug) VALUES ('Fire', 'fire')")
        dialog.go.click()
        await until(lambda: [each for each in told if "fire is taken" in each])
        assert stored(attached, "SELECT count(*) FROM topics WHERE name = 'Ash'") == 0


async def test_a_file_that_cannot_be_read_or_written_is_told(attached: Database, tmp_path: Path) -> None:
    fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        told: list[str] = []
        session.notices.posted.connect(lambda notice: told.append(notice.text))
        screen.files.read(tmp_path / "nowhere.csv")
        await until(lambda: "nowhere.csv cannot be read: No such file or directory" in told)
        screen.files.write(tmp_path / "nowhere" / "topics.csv")
        await until(lambda: "topics.csv cannot be written: No such file or directory" in told)

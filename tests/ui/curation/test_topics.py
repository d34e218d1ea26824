"""Topics and categories in the real window on real servers, by key and by drop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QDialog, QPushButton

from console.bootstrap import Session, application, open_session
from console.config import Directories, Profile
from console.domain.curation import CATEGORY, TOPIC, Columns, Curate, created, edited
from console.domain.staff import Role
from console.ui.curation.topics import TopicsScreen
from console.ui.keyboard import press, type_text
from console.ui.theme.theme import Choice
from db.platforms.scenes.catalogue import ScenesCatalogue
from db.routing import SignIn
from tests.support.console import signed_in
from tests.support.content import add_content, one
from tests.support.databases import Database, wait_for_replay
from tests.support.staff import add_staff
from tests.support.waiting import until

CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


async def drafted(session: Session, key: str, *, there: bool) -> None:
    async with asyncio.timeout(20):
        while (await session.data.journal.draft(key) is not None) is not there:
            await asyncio.sleep(0.02)


def fill(database: Database) -> dict[str, UUID]:
    """Land with Hills and Vales, Sea, Sky; Sea holds an idea."""
    content = add_content(database)
    ids = {"Sea": content.topic}
    with database.connect() as c:
        c.execute("UPDATE topics SET slug = 'sea', display_order = 2")
        for name, order in (("Land", 1), ("Sky", 3)):
            ids[name] = one(
                c,
                "INSERT INTO topics (name, slug, display_order) VALUES (%s, lower(%s), %s) RETURNING id",
                name,
                name,
                order,
            )
        for name, order in (("Hills", 1), ("Vales", 2)):
            ids[name] = one(
                c,
                "INSERT INTO categories (topic_id, name, slug, display_order)"
                " VALUES (%s, %s, lower(%s), %s) RETURNING id",
                ids["Land"],
                name,
                name,
                order,
            )
    wait_for_replay(database.cluster)
    return ids


@asynccontextmanager
async def curating(database: Database, folder: Path) -> AsyncIterator[tuple[Session, TopicsScreen]]:
    """An admin's window with the tree of topics in front."""
    app = application(Directories.of_user(folder), Choice.LIGHT)
    profile = Profile("test", "Test", "scenes", database.primary, (database.replica,))
    session = await open_session(app, profile, SignIn("ada", database.passwords["ada"]))
    told: list[str] = []
    session.notices.posted.connect(lambda notice: told.append(f"{notice.text} {notice.details}"))
    session.window.show()
    session.window.activateWindow()
    screen = session.window.findChild(TopicsScreen)
    assert screen is not None
    session.window.show_screen("topics")
    await until(lambda: screen.tree.outline.topics)
    screen.view.setFocus()
    try:
        yield session, screen
    finally:
        await session.close()
    assert not [each for each in told if "mistake" in each]


def names(screen: TopicsScreen, parent: QModelIndex | None = None) -> list[str]:
    above = parent or QModelIndex()
    return [screen.tree.index(row, 0, above).data() for row in range(screen.tree.rowCount(above))]


async def choose(screen: TopicsScreen, kind: str, id: UUID) -> None:
    screen.go_to(kind, id)
    await until(lambda: screen.editing.id == id)


def stored(database: Database, query: str, *values: object) -> Any:
    with database.connect() as c:
        return one(c, query, *values)


async def test_a_topic_is_made_by_keys_and_taken_back(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (_, screen):
        await choose(screen, TOPIC, ids["Land"])
        await press(Qt.Key.Key_N, CONTROL)
        await until(screen.editor.name.hasFocus)
        await type_text("Seas & skies")
        assert screen.editor.slug.text() == "seas-skies"
        await press(Qt.Key.Key_S, CONTROL)
        await until(lambda: names(screen) == ["Land", "Seas & skies", "Sea", "Sky"])
        assert stored(attached, "SELECT count(*) FROM topics WHERE slug = 'seas-skies' AND is_active") == 1
        current = screen.view.current()
        assert current is not None
        assert current.name == "Seas & skies"
        screen.view.setFocus()
        await press(Qt.Key.Key_Z, CONTROL)
        await until(lambda: names(screen) == ["Land", "Sea", "Sky"])


async def test_a_collision_is_told_while_it_is_typed(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (_, screen):
        await choose(screen, TOPIC, ids["Land"])
        editor = screen.editor
        editor.slug.setFocus()
        editor.slug.selectAll()
        await type_text("sea")
        assert "Taken by “Sea”" in [hint.text() for hint in editor.findChildren(type(editor._title))]
        assert not editor.save.isEnabled()
        await type_text("side")
        assert editor.save.isEnabled()
        editor.name.setFocus()
        editor.name.selectAll()
        await type_text("Seas")
        await until(
            lambda: [b for b in editor.findChildren(QPushButton) if "singular and plural" in b.text()]
        )
        await press(Qt.Key.Key_Escape)
        assert editor.columns().slug == "land"
        assert not editor.changed


async def test_rows_move_by_key_and_by_drop(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        await choose(screen, TOPIC, ids["Land"])
        await press(Qt.Key.Key_Down, ALT)
        assert names(screen) == ["Sea", "Land", "Sky"]
        await press(Qt.Key.Key_Down, ALT)
        await until(lambda: session.window.status.tally.sent == 2)
        assert names(screen) == ["Sea", "Sky", "Land"]
        order = "SELECT string_agg(name, ' ' ORDER BY display_order) FROM topics"
        assert stored(attached, order) == "Sea Sky Land"
        tree = screen.tree
        tree.dropMimeData(tree.mimeData([tree.index(2, 0)]), Qt.DropAction.MoveAction, 1, 0, QModelIndex())
        await until(lambda: stored(attached, order) == "Sea Land Sky")
        screen.view.expand(tree.find(TOPIC, ids["Land"]))
        await until(lambda: tree.outline.known(ids["Land"]))
        hills = tree.mimeData([tree.find(CATEGORY, ids["Hills"])])
        tree.dropMimeData(hills, Qt.DropAction.MoveAction, -1, -1, tree.find(TOPIC, ids["Sea"]))
        await until(lambda: names(screen, tree.find(TOPIC, ids["Sea"])) == ["Hills"])
        assert stored(attached, "SELECT topic_id FROM categories WHERE name = 'Hills'") == ids["Sea"]


async def test_a_category_is_made_and_moved_by_keys(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        await choose(screen, TOPIC, ids["Sea"])
        await press(Qt.Key.Key_N, CONTROL | SHIFT)
        await until(screen.editor.name.hasFocus)
        await type_text("Hills")
        await press(Qt.Key.Key_S, CONTROL)
        await until(lambda: stored(attached, "SELECT count(*) FROM categories WHERE name = 'Hills'") == 2)
        await until(lambda: screen.editing.kind == CATEGORY and screen.editing.id is not None)
        screen.view.setFocus()
        await press(Qt.Key.Key_M, CONTROL)
        await until(lambda: screen.findChild(QDialog) is not None)
        await type_text("lan")
        await press(Qt.Key.Key_Return)
        # Land has Hills already: that is told before anything is sent.
        await until(lambda: "Taken by “Hills”" in [h.text() for h in screen.editor._hints.values()])
        await until(lambda: screen.findChild(QDialog) is None)
        session.window.activateWindow()
        await until(session.window.isActiveWindow)
        screen.editor.slug.setFocus()
        screen.editor.slug.selectAll()
        await type_text("more-hills")
        await press(Qt.Key.Key_S, CONTROL)
        query = "SELECT count(*) FROM categories WHERE topic_id = %s"
        await until(lambda: stored(attached, query, ids["Land"]) == 3)


async def test_what_somebody_else_saved_is_met_and_nothing_typed_is_lost(
    attached: Database, tmp_path: Path
) -> None:
    ids = fill(attached)
    add_staff(attached, "eva", Role.ADMIN)
    async with curating(attached, tmp_path) as (_, screen), signed_in(attached, "eva") as eva:
        await choose(screen, TOPIC, ids["Sea"])
        editor = screen.editor
        editor.name.setFocus()
        editor.name.selectAll()
        await type_text("Oceans")
        entry = await ScenesCatalogue(eva.servers).entry(TOPIC, ids["Sea"])
        change = edited(entry, Columns("Waters", "sea", "Salt and fresh", active=True))
        assert change is not None
        await eva.writer.send(Curate(uuid4(), (change,)))
        await eva.servers.call("SELECT greenroom.announce()", {})
        # The feed tells of it before anything is sent.
        await until(lambda: "meanwhile" in editor._notice.text())
        assert editor.columns() == Columns("Oceans", "sea", "Salt and fresh", active=True)
        await until(lambda: names(screen)[1] == "Waters")
        take = [b for b in editor.findChildren(QPushButton) if b.text() == "Take it" and b.isVisible()]
        assert len(take) == 1
        take[0].click()
        assert editor.columns().name == "Waters"
        assert not editor.changed
        editor.name.setFocus()
        editor.name.selectAll()
        await type_text("Oceans")
        await press(Qt.Key.Key_S, CONTROL)
        await until(lambda: names(screen)[1] == "Oceans")
        assert stored(attached, "SELECT description FROM topics WHERE name = 'Oceans'") == "Salt and fresh"


async def test_a_save_from_an_old_state_is_refused_and_merged(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        await choose(screen, TOPIC, ids["Sea"])
        # The platform itself writes: no feed tells of that.
        with attached.connect() as c:
            c.execute("UPDATE topics SET description = 'By the platform' WHERE id = %s", [ids["Sea"]])
        screen.editor.name.setFocus()
        await type_text("side")
        await press(Qt.Key.Key_S, CONTROL)
        await until(lambda: "Taken over: description" in screen.editor._notice.text())
        await press(Qt.Key.Key_S, CONTROL)
        query = "SELECT name || ': ' || description FROM topics WHERE id = %s"
        await until(lambda: stored(attached, query, ids["Sea"]) == "Seaside: By the platform")
        assert await session.data.journal.refusals() == []


async def test_what_was_typed_survives_the_console(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (session, screen):
        await choose(screen, TOPIC, ids["Sky"])
        screen.editor.description.setFocus()
        await type_text("All that is above")
        kept = f"curation:topic:{ids['Sky']}"
        await drafted(session, kept, there=True)
    async with curating(attached, tmp_path) as (session, screen):
        await choose(screen, TOPIC, ids["Sky"])
        assert screen.editor.columns().description == "All that is above"
        assert "not saved" in screen.editor._notice.text()
        await press(Qt.Key.Key_Escape)
        screen.editing.discard()
        await drafted(session, kept, there=False)
        assert screen.editor.columns().description == ""


async def test_a_filter_finds_topics_and_categories(attached: Database, tmp_path: Path) -> None:
    ids = fill(attached)
    async with curating(attached, tmp_path) as (_, screen):
        await press(Qt.Key.Key_Slash)
        await type_text("HILL")
        await until(lambda: names(screen) == ["Land"])
        await until(lambda: names(screen, screen.tree.index(0, 0)) == ["Hills"])
        assert screen.view.isExpanded(screen.tree.index(0, 0))
        screen.filter.setText("nothing like it")
        await until(screen._state.isVisible)
        screen.filter.clear()
        await until(lambda: len(names(screen)) == 3)
        await choose(screen, TOPIC, ids["Sky"])
        await press(Qt.Key.Key_Backspace, CONTROL)
        await until(lambda: not stored(attached, "SELECT is_active FROM topics WHERE name = 'Sky'"))
        await until(lambda: not screen.editor.active.isChecked())


async def test_others_see_a_new_topic_without_asking(attached: Database, tmp_path: Path) -> None:
    fill(attached)
    add_staff(attached, "eva", Role.ADMIN)
    async with curating(attached, tmp_path) as (_, screen), signed_in(attached, "eva") as eva:
        made = created(TOPIC, uuid4(), Columns("Fire", "fire", "", active=True))
        await eva.writer.send(Curate(uuid4(), (made,)))
        await eva.servers.call("SELECT greenroom.announce()", {})
        await until(lambda: names(screen) == ["Land", "Sea", "Sky", "Fire"])

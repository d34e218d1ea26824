"""Drafts: what is typed is on disk before anything can take it away."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from console.domain.documents import DocumentSave
from console.domain.subjects import Subject
from console.services.documents import Draft, Drafts
from console.ui.bible.drafting import DRAFT_SECONDS
from db.journal import SqliteJournal
from tests.support.bibles import MIRA, bible, job_saves, opened, saved, working
from tests.support.content import add_content
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until


def begun(database: Database) -> UUID:
    content = add_content(database)
    with database.connect() as c:
        job_saves(c, content.scene, None, bible())
    wait_for_replay(database.cluster)
    return content.scene


def on_disk(journal: Path) -> list[str]:
    """The drafts as another process finds them."""
    if not journal.exists():
        return []
    connection = sqlite3.connect(journal)
    try:
        return [row[0] for row in connection.execute("SELECT text FROM drafts")]
    except sqlite3.OperationalError:
        # The file is being made.
        return []
    finally:
        connection.close()


async def test_a_draft_survives_a_killed_console(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    arguments = {
        "primary": attached.primary,
        "replica": attached.replica,
        "password": attached.passwords["mia"],
        "folder": str(tmp_path),
        "scene": str(scene),
        "typed": "The sea waits",
    }
    journal = tmp_path / "mia.sqlite3"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.typist", json.dumps(arguments), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"typed\n"
        await until(lambda: any("The sea waits" in draft for draft in on_disk(journal)))
    finally:
        process.kill()
        await process.wait()
    # So much less than a second after the last key that a slow disk may take its time.
    assert DRAFT_SECONDS <= 0.5
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        assert bench.workspace.banner.text.startswith("You typed something that was not saved, ")
        assert bench.workspace.banner.text.endswith("It was made from version 1.")
        # It cannot be typed over, nor saved over, before it is decided on.
        assert bench.editor.isReadOnly()
        bench.bibles.save()
        bench.workspace.banner.press("Continue")
        await until(lambda: "The sea waits" in bench.editor.text())
        assert not bench.editor.isReadOnly()
        await until(lambda: bench.workspace.state_words == "Unsaved, kept on this machine")


async def test_a_draft_is_taken_up_on_its_old_base_and_merged(attached: Database, tmp_path: Path) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        job_saves(c, content.scene, None, bible())
        job_saves(c, content.scene, content.segment, bible(characters=[MIRA]))
    wait_for_replay(attached.cluster)
    subject = Subject("scene", content.scene)
    text = json.dumps(bible(style={"tone": "calm"}))
    journal = SqliteJournal(tmp_path / "mia.sqlite3")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    await Drafts(journal).keep(subject, Draft("Harbour", 1, yesterday, text))
    await journal.close()
    async with working(attached, tmp_path) as bench:
        await opened(bench, content.scene)
        assert bench.workspace.banner.text == (
            "You typed something that was not saved, 1 d ago. It was made from version 1."
        )
        bench.workspace.banner.press("What differs")
        rows = bench.workspace.comparison.model
        await until(lambda: [row.sentence for row in rows.rows] == ['style added: {"tone":"calm"}'])
        bench.workspace.banner.press("Continue")
        told = "Job of segment 1 saved version 2: 1 change, which does not touch yours."
        await until(lambda: bench.workspace.banner.text == told)
        bench.workspace.banner.press("Merge now")
        await until(lambda: bench.document()["characters"] == [MIRA])
        assert bench.document()["style"] == {"tone": "calm"}
        await until(lambda: not bench.bibles.saving)
        bench.bibles.save()
        await saved(bench, 3)
        assert await Drafts(bench.journal).find(subject) is None


async def test_a_draft_is_discarded(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    subject = Subject("scene", scene)
    journal = SqliteJournal(tmp_path / "mia.sqlite3")
    await Drafts(journal).keep(subject, Draft("Harbour", 1, datetime.now(UTC), "{", ()))
    await journal.close()
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        bench.workspace.banner.press("Discard")
        await until(lambda: bench.workspace.banner.text == "")
        assert await Drafts(bench.journal).find(subject) is None
        assert bench.document() == bible()


async def test_a_draft_that_was_saved_after_all_is_not_offered(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    subject = Subject("scene", scene)
    journal = SqliteJournal(tmp_path / "mia.sqlite3")
    # An earlier run was killed between the answer to its save and the end of its draft.
    await Drafts(journal).keep(subject, Draft("Harbour", 0, datetime.now(UTC), json.dumps(bible()), ()))
    await journal.close()
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        assert bench.workspace.banner.text == ""
        assert await Drafts(bench.journal).find(subject) is None


async def test_a_save_that_was_refused_earlier_is_offered_like_a_draft(
    attached: Database, tmp_path: Path
) -> None:
    scene = begun(attached)
    subject = Subject("scene", scene)
    journal = SqliteJournal(tmp_path / "mia.sqlite3")
    text = json.dumps(bible(style={"tone": "calm"}))
    lost = DocumentSave(uuid4(), subject, "Harbour", 0, text, None)
    await journal.append(lost)
    await journal.refused(lost.id, "A job saved version 1 meanwhile")
    await journal.close()
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        assert bench.workspace.banner.text.startswith("You typed something that was not saved, ")
        bench.workspace.banner.press("Continue")
        await until(lambda: bench.document().get("style") == {"tone": "calm"})
        draft = await Drafts(bench.journal).find(subject)
        assert draft is not None
        assert draft.text == text
        assert await bench.journal.refusals() == []


async def test_another_bible_is_opened_and_nothing_is_lost(attached: Database, tmp_path: Path) -> None:
    first, second = begun(attached), begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, first)
        bench.rewrite(style={"tone": "calm"})
        await opened(bench, second)
        assert bench.document() == bible()
        await opened(bench, first)
        bench.workspace.banner.press("Continue")
        await until(lambda: bench.document().get("style") == {"tone": "calm"})
        # What is typed and taken back leaves no draft.
        bench.rewrite(style={"tone": "loud"})
        bench.editor.setPlainText(bench.bibles.document.clean if bench.bibles.document else "")
        await until(lambda: bench.workspace.state_words == "Saved")
        assert await Drafts(bench.journal).find(Subject("scene", first)) is None


async def test_the_start_offers_what_was_not_saved(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    journal = SqliteJournal(tmp_path / "mia.sqlite3")
    for number, subject in enumerate((Subject("scene", scene), Subject("scene", uuid4()))):
        at = datetime.now(UTC) - timedelta(hours=number + 1)
        await Drafts(journal).keep(subject, Draft(f"Harbour <b>{number}</b>", number, at, "{}", ()))
    await journal.close()
    async with working(attached, tmp_path) as bench:
        bench.bibles.open_latest()
        drafts = bench.workspace.drafts
        await until(lambda: drafts.count() == 2)
        assert drafts.item(0).text() == "Harbour <b>0</b> · made from no earlier version · 1 h ago"
        drafts.itemActivated.emit(drafts.item(0))
        await until(lambda: bench.workspace.banner.text.startswith("You typed something"))
        # A scene that is gone says so.
        bench.bibles.open(Subject("scene", uuid4()))
        await until(lambda: bench.bibles.document is None)

"""Others save while a bible is open: told while editing, with what it has to do with what is typed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from console.domain.changes import Change, ChangeBatch, Event
from console.domain.subjects import Subject
from tests.support.bibles import MIRA, TOMAS, bible, job_saves, opened, person_saves, working
from tests.support.content import Content, add_content
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until


def begun(database: Database) -> Content:
    content = add_content(database)
    with database.connect() as c:
        job_saves(c, content.scene, None, bible())
    wait_for_replay(database.cluster)
    return content


async def test_a_jobs_save_is_told_though_no_function_of_ours_saw_it(
    attached: Database, tmp_path: Path
) -> None:
    content = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, content.scene)
        bench.rewrite(style={"tone": "calm"})
        theirs = bible(characters=[{**MIRA, "isActive": False}], setting={"primaryLocation": "Sea"})
        with attached.connect() as c:
            job_saves(c, content.scene, content.segment, theirs)
        await until(
            lambda: (
                bench.workspace.banner.text
                == "Job of segment 1 saved version 2: 3 changes, none touch yours."
            )
        )
        assert [each.version for each in bench.workspace.history.model.versions] == [2, 1]
        # What is typed stays as it is until it is merged.
        assert bench.document()["setting"] == {"primaryLocation": "Harbour"}
        bench.workspace.banner.press("What changed")
        rows = bench.workspace.comparison.model
        await until(lambda: len(rows.rows) == 3)
        bench.bibles.show_editor()
        with attached.connect() as c:
            job_saves(c, content.scene, content.segment, {**theirs, "style": {"tone": "grim"}})
        await until(
            lambda: (
                bench.workspace.banner.text
                == "Job of segment 1 saved version 3: 4 changes, 1 touching yours."
            )
        )


async def test_a_colleagues_save_is_known_when_the_feed_says_so(attached: Database, tmp_path: Path) -> None:
    content = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, content.scene)
        with attached.connect("max") as c:
            person_saves(c, content.scene, 1, bible(characters=[MIRA]))
        wait_for_replay(attached.cluster)
        subject = Subject("scene", content.scene)
        bench.bus.hear(ChangeBatch((Change(subject, Event.SAVED, "max", datetime.now(UTC)),)))
        await until(lambda: bench.workspace.banner.text == "Max saved version 2: 1 change.")
        bench.workspace.banner.press("Show it")
        await until(lambda: bench.document()["characters"] == [MIRA])
        assert bench.workspace.banner.text == ""
        assert bench.workspace.facts.startswith("version 2 · max")
        assert bench.workspace.state_words == "Saved"


async def test_one_who_decides_has_theirs_anew_under_their_hands(attached: Database, tmp_path: Path) -> None:
    content = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, content.scene)
        view = bench.workspace.merge
        bench.rewrite(characters=[{**MIRA, "isActive": True}, {**TOMAS, "canonicalName": "Tomas A"}])
        theirs = bible(characters=[MIRA, {**TOMAS, "canonicalName": "Tomas B"}])
        with attached.connect() as c:
            job_saves(c, content.scene, content.segment, theirs)
            bench.bibles.save()
            await until(lambda: view.progress.text() == "0 of 1 decided")
            theirs["characters"][0] = {**MIRA, "isActive": False}
            job_saves(c, content.scene, content.segment, theirs)
        await until(lambda: view.progress.text() == "0 of 2 decided")
        assert bench.workspace.merging


async def test_the_history_tells_who_changed_what(attached: Database, tmp_path: Path) -> None:
    content = begun(attached)
    with attached.connect("rey") as c:
        person_saves(c, content.scene, 1, bible(setting={"primaryLocation": "The mole"}))
    with attached.connect() as c:
        job_saves(c, content.scene, content.segment, bible(setting={"primaryLocation": "The mole"}, style={}))
    wait_for_replay(attached.cluster)
    async with working(attached, tmp_path) as bench:
        await opened(bench, content.scene)
        model, fields = bench.workspace.history.model, bench.workspace.fields
        await until(lambda: fields.list.model().rowCount() == 3)
        assert model.counts == {1: 0, 2: 1, 3: 1}
        assert [(field.name, field.version.version) for field in fields.model.fields] == [
            ("style", 3),
            ("setting › primaryLocation", 2),
            ("all the rest", 1),
        ]
        fields.filter.setText("rey")
        assert [field.path for field in fields.model.fields] == ["/setting/primaryLocation"]
        fields.list.activated.emit(fields.model.index(0))
        assert bench.editor.went == ["/setting/primaryLocation"]
        bench.workspace.history.compare_wanted.emit(1, 3)
        rows = bench.workspace.comparison.model
        await until(lambda: len(rows.rows) == 2)
        assert [row.author.split(" · ")[:2] for row in rows.rows] == [
            ["rey", "version 2"],
            ["job of segment 1", "version 3"],
        ]

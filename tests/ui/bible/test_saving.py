"""Saving a bible from the workspace: nothing is lost, and only true conflicts are asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from console.domain.subjects import Subject
from console.services.documents import Drafts
from tests.support.bibles import MIRA, TOMAS, bible, job_saves, opened, person_saves, saved, working
from tests.support.content import add_content, one
from tests.support.databases import Database, wait_for_replay
from tests.support.waiting import until


def stored(database: Database, scene: UUID) -> dict[int, Any]:
    with database.connect() as c:
        rows = c.execute("SELECT version, data FROM scene_bibles WHERE scene_id = %s", [scene]).fetchall()
    return dict(rows)


def begun(database: Database) -> UUID:
    """A scene whose bible a job has made."""
    content = add_content(database)
    with database.connect() as c:
        job_saves(c, content.scene, None, bible())
    wait_for_replay(database.cluster)
    return content.scene


async def test_a_save_makes_a_version_and_the_draft_goes(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        assert bench.workspace.state_words == "Saved"
        bench.rewrite(setting={"primaryLocation": "The mole"})
        await until(lambda: "kept on this machine" in bench.workspace.state_words)
        drafts = Drafts(bench.journal)
        draft = await drafts.find(Subject("scene", scene))
        assert draft is not None
        assert (draft.base, json.loads(draft.text)["setting"]) == (1, {"primaryLocation": "The mole"})
        bench.workspace.note.setText("Moved outside")
        bench.bibles.save()
        await until(lambda: not bench.bibles.saving)
        assert bench.workspace.state_words == "Saved"
        assert await drafts.find(Subject("scene", scene)) is None
        assert bench.document()["version"] == 2
        assert bench.workspace.facts.startswith("version 2 · mia")
        assert [notice.text for notice in bench.told] == ["Saved version 2 of “Harbour”"]
        facts = bench.workspace.history.model.versions[0]
        assert (facts.version, facts.author, facts.note) == (2, "mia", "Moved outside")
        assert bench.workspace.note.text() == ""
        assert stored(attached, scene)[2]["setting"] == {"primaryLocation": "The mole"}
        # The save was answered: the journal has nothing left to send.
        assert await bench.journal.unsettled() == []


async def test_a_scene_without_a_bible_saves_version_one_first(attached: Database, tmp_path: Path) -> None:
    content = add_content(attached)
    wait_for_replay(attached.cluster)
    async with working(attached, tmp_path) as bench:
        await opened(bench, content.scene)
        assert bench.workspace.facts == "no version yet"
        bench.bibles.save()
        await saved(bench, 1)
        assert list(stored(attached, content.scene)) == [1]


async def test_what_changes_nothing_saves_nothing_and_says_so(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        # Another layout and another order of keys mean the same.
        bench.editor.setPlainText(json.dumps(dict(reversed(bench.document().items()))))
        bench.bibles.save()
        await until(lambda: bench.workspace.banner.text.startswith("Nothing to save"))
        await until(lambda: bench.workspace.state_words == "Saved")
        assert list(stored(attached, scene)) == [1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"version": 1,}', "Not saved: it is not JSON yet. line 1 column 14"),
        (json.dumps(bible(characters=[{"entityId": "Mira!"}])), "Not saved: it breaks the schema."),
    ],
)
async def test_what_is_broken_is_not_saved_but_kept(
    attached: Database, tmp_path: Path, text: str, told: str
) -> None:
    scene = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        bench.editor.setPlainText(text)
        bench.bibles.save()
        await until(lambda: bench.workspace.banner.text.startswith(told))
        assert list(stored(attached, scene)) == [1]
        draft = await Drafts(bench.journal).find(Subject("scene", scene))
        assert draft is not None
        assert draft.text == text


async def test_an_error_that_was_there_before_does_not_stand_in_the_way(
    attached: Database, tmp_path: Path
) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        job_saves(c, content.scene, None, bible(characters=[{"entityId": "Mira!"}]))
    wait_for_replay(attached.cluster)
    async with working(attached, tmp_path) as bench:
        await opened(bench, content.scene)
        bench.rewrite(setting={"timePeriod": "now"})
        bench.bibles.save()
        await saved(bench, 2)


async def test_somebody_saved_first_and_nothing_touches(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        bench.rewrite(setting={"primaryLocation": "The mole"})
        with attached.connect("max") as c:
            person_saves(c, scene, 1, bible(characters=[MIRA, {**TOMAS, "isActive": False}]))
        bench.bibles.save()
        await saved(bench, 3)
        assert bench.document() == {
            "version": 3,
            "characters": [MIRA, {**TOMAS, "isActive": False}],
            "setting": {"primaryLocation": "The mole"},
            "timeline": {},
        }
        await until(lambda: not bench.bibles.saving)
        assert [notice.text for notice in bench.told] == [
            "Saved version 3. Version 2 by max was merged in: 1 change, which does not touch yours"
        ]
        assert bench.workspace.editing
        assert await bench.journal.unsettled() == []


async def test_only_true_conflicts_are_asked_and_answers_outlive_another_save(
    attached: Database, tmp_path: Path
) -> None:
    content = add_content(attached)
    scene = content.scene
    with attached.connect() as c:
        job_saves(c, scene, None, bible())
    wait_for_replay(attached.cluster)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        view = bench.workspace.merge
        bench.rewrite(characters=[{**MIRA, "canonicalName": "Mira A"}, {**TOMAS, "canonicalName": "Tomas A"}])
        theirs = bible(
            characters=[{**MIRA, "canonicalName": "Mira B"}, {**TOMAS, "canonicalName": "Tomas B"}],
            style={"tone": "calm"},
        )
        with attached.connect() as c:
            job_saves(c, scene, content.segment, theirs)
            bench.bibles.save()
            await until(lambda: bench.workspace.merging and view.reconciliation is not None)
            assert view.current is not None
            assert view.current.title == "characters › char_mira › canonicalName"
            assert view.current.ask == "You and job of segment 1 both changed this."
            assert not view.accept.isEnabled()
            view.page.choose("theirs")
            await until(lambda: view.progress.text() == "1 of 2 decided")
            view.page.choose("mine")
            await until(view.accept.isEnabled)
            # They save again while it is decided: Mira's question is another now, Tomas's is not.
            theirs["characters"][0]["canonicalName"] = "Mira C"
            job_saves(c, scene, content.segment, theirs)
        view.accept.click()
        await until(lambda: view.progress.text() == "1 of 2 decided")
        assert view.current is not None
        assert view.current.title == "characters › char_mira › canonicalName"
        assert list(stored(attached, scene)) == [1, 2, 3]
        view.page.choose("theirs")
        await until(view.accept.isEnabled)
        view.accept.click()
        await saved(bench, 4)
        newest = stored(attached, scene)[4]
        assert [person["canonicalName"] for person in newest["characters"]] == ["Mira C", "Tomas A"]
        assert newest["style"] == {"tone": "calm"}
        assert bench.workspace.editing


async def test_a_merge_that_breaks_what_neither_broke_is_asked(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        tie = {"targetEntityId": "char_tomas", "relationshipType": "brother"}
        bench.rewrite(characters=[{**MIRA, "relationships": [tie]}, TOMAS])
        with attached.connect("max") as c:
            person_saves(c, scene, 1, bible(characters=[MIRA]))
        bench.bibles.save()
        view = bench.workspace.merge
        await until(lambda: bench.workspace.merging and view.to_editor.isEnabled())
        assert view.reconciliation is not None
        assert [flaw.kind for flaw in view.reconciliation.flaws] == ["dangling-ref"]
        assert list(stored(attached, scene)) == [1, 2]
        # It may be mended first …
        view.to_editor.click()
        await until(lambda: bench.workspace.editing)
        assert [each["entityId"] for each in bench.document()["characters"]] == ["char_mira"]
        await until(lambda: "kept on this machine" in bench.workspace.state_words)
        draft = await Drafts(bench.journal).find(Subject("scene", scene))
        assert draft is not None
        assert draft.base == 2
        # … or saved as it is: its base is theirs by now.
        bench.bibles.save()
        await saved(bench, 3)


async def test_what_is_typed_while_a_save_is_on_its_way_stays(attached: Database, tmp_path: Path) -> None:
    scene = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        bench.rewrite(setting={"primaryLocation": "The mole"})
        with attached.connect() as c, c.transaction():
            # Somebody holds the scene's row: the answer waits.
            one(c, "SELECT title FROM scenes WHERE id = %s FOR UPDATE", scene)
            bench.bibles.save()
            await until(lambda: bench.workspace.state_words.startswith("Waiting for the primary"))
            bench.rewrite(style={"tone": "calm"})
        await until(lambda: bench.workspace.history.model.versions[0].version == 2)
        await until(lambda: "kept on this machine" in bench.workspace.state_words)
        assert bench.document()["style"] == {"tone": "calm"}
        bench.bibles.save()
        await saved(bench, 3)
        versions = stored(attached, scene)
        assert "style" not in versions[2]
        assert versions[3]["style"] == {"tone": "calm"}
        assert versions[3]["setting"] == {"primaryLocation": "The mole"}


async def test_a_bible_that_was_left_is_saved_all_the_same(attached: Database, tmp_path: Path) -> None:
    first, second = begun(attached), begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, first)
        bench.rewrite(style={"tone": "first"})
        with attached.connect() as c, c.transaction():
            one(c, "SELECT title FROM scenes WHERE id = %s FOR UPDATE", first)
            bench.bibles.save()
            await until(lambda: bench.workspace.state_words.startswith("Waiting for the primary"))
            await opened(bench, second)
            assert bench.workspace.state_words == "Saved"
            bench.rewrite(style={"tone": "second"})
            bench.bibles.save()
        await saved(bench, 2)
        assert [stored(attached, scene)[2]["style"] for scene in (first, second)] == [
            {"tone": "first"},
            {"tone": "second"},
        ]
        drafts = Drafts(bench.journal)
        await until(lambda: len(bench.told) == 2)
        assert [await drafts.find(Subject("scene", scene)) for scene in (first, second)] == [None, None]
        assert bench.document()["style"] == {"tone": "second"}


async def test_one_that_was_left_and_refused_is_told_and_keeps_its_draft(
    attached: Database, tmp_path: Path
) -> None:
    first, second = begun(attached), begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, first)
        bench.rewrite(style={"tone": "first"})
        with attached.connect() as c, c.transaction():
            one(c, "SELECT title FROM scenes WHERE id = %s FOR UPDATE", first)
            bench.bibles.save()
            await until(lambda: bench.workspace.state_words.startswith("Waiting for the primary"))
            await opened(bench, second)
            job_saves(c, first, None, bible(characters=[MIRA]))
        await until(lambda: bool(bench.told))
        assert bench.told[0].text == "“Harbour” was not saved: somebody saved it first"
        assert bench.workspace.editing
        action = bench.told[0].action
        assert action is not None
        action.run()
        await until(lambda: bench.workspace.banner.text.startswith("You typed something"))
        bench.workspace.banner.press("Continue")
        await until(lambda: "Merge now" in bench.workspace.banner.deeds)
        bench.bibles.save()
        await saved(bench, 3)
        assert stored(attached, first)[3]["style"] == {"tone": "first"}


async def test_what_is_typed_while_a_merge_is_on_its_way_is_merged_too(
    attached: Database, tmp_path: Path
) -> None:
    scene = begun(attached)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        bench.rewrite(setting={"primaryLocation": "The mole"})
        with attached.connect("max") as rival:
            person_saves(rival, scene, 1, bible(characters=[MIRA]))
        with attached.connect() as c:
            c.execute(
                "CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
                " 'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END'"
            )
            c.execute(
                "CREATE TRIGGER wait BEFORE INSERT ON scene_bibles"
                " FOR EACH ROW EXECUTE FUNCTION public.wait()"
            )
            c.execute("SELECT pg_advisory_lock(7)")
            bench.bibles.save()
            # The first one is refused without a row: what waits is the merged document.
            await until(lambda: bench.workspace.state_words.startswith("Waiting for the primary"))
            bench.rewrite(style={"tone": "calm"})
            c.execute("SELECT pg_advisory_unlock(7)")
        await saved(bench, 3)
        assert bench.document() == {
            "version": 3,
            "characters": [MIRA],
            "setting": {"primaryLocation": "The mole"},
            "timeline": {},
            "style": {"tone": "calm"},
        }
        await until(lambda: not bench.bibles.saving)
        bench.bibles.save()
        await saved(bench, 4)
        assert stored(attached, scene)[4]["style"] == {"tone": "calm"}


async def test_an_old_version_and_one_field_of_it_come_back_as_new_versions(
    attached: Database, tmp_path: Path
) -> None:
    content = add_content(attached)
    scene = content.scene
    with attached.connect() as c:
        job_saves(c, scene, None, bible())
        for place in ("The mole", "The sea"):
            alone = bible(setting={"primaryLocation": place}, characters=[MIRA])
            job_saves(c, scene, content.segment, alone)
    wait_for_replay(attached.cluster)
    async with working(attached, tmp_path) as bench:
        await opened(bench, scene)
        comparison = bench.workspace.comparison
        bench.workspace.history.compare_wanted.emit(1, 3)
        await until(lambda: len(comparison.model.rows) == 2)
        rows = [row.sentence for row in comparison.model.rows]
        assert rows == ["char_tomas: removed", 'setting.primaryLocation changed from "Harbour" to "The sea"']
        comparison.restore.click()
        await saved(bench, 4)
        assert [each["entityId"] for each in bench.document()["characters"]] == ["char_mira", "char_tomas"]
        assert bench.document()["setting"] == {"primaryLocation": "The sea"}
        assert bench.told[-1].text == "Restored from version 1: char_tomas: removed, as version 4"
        await until(lambda: not bench.bibles.saving)
        bench.workspace.history.restore_wanted.emit(2)
        await saved(bench, 5)
        mole = {"primaryLocation": "The mole"}
        assert bench.document() == bible(version=5, setting=mole, characters=[MIRA])
        notes = [version.note for version in bench.workspace.history.model.versions[:2]]
        assert notes == ["Restored version 2", "Restored from version 1: char_tomas: removed"]
        await until(lambda: not bench.bibles.saving)
        bench.workspace.history.restore_wanted.emit(5)
        await until(lambda: bench.workspace.banner.text.startswith("Nothing to restore"))
        assert len(stored(attached, scene)) == 5


async def test_restoring_leaves_what_is_typed(attached: Database, tmp_path: Path) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        job_saves(c, content.scene, None, bible())
        job_saves(c, content.scene, None, bible(characters=[MIRA]))
    wait_for_replay(attached.cluster)
    async with working(attached, tmp_path) as bench:
        await opened(bench, content.scene)
        bench.rewrite(style={"tone": "calm"})
        bench.workspace.history.restore_wanted.emit(1)
        await until(lambda: bench.workspace.history.model.versions[0].version == 3)
        await until(lambda: bench.workspace.banner.text.startswith("Mia saved version 3: 1 change, which"))
        assert bench.document()["style"] == {"tone": "calm"}
        bench.bibles.save()
        await saved(bench, 4)
        newest = stored(attached, content.scene)[4]
        assert (newest["style"], len(newest["characters"])) == ({"tone": "calm"}, 2)

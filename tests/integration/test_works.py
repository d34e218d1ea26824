"""Every kind of work is found under its id afterwards, and applied once when it is sent twice."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from console.domain.curation import Columns as Entry
from console.domain.curation import Curate, created
from console.domain.decisions import Decision, Target, Undo
from console.domain.documents import DocumentSave
from console.domain.merging import MergeAct, MergeBegin, MergeSteer
from console.domain.operations import JOB, JobAct, JobSteer, JobUndo
from console.domain.policies import Policy, PolicySave
from console.domain.remarks import (
    FlagRaise,
    FlagWithdraw,
    MarkFlag,
    MarkRemove,
    MarkSave,
    NoteAdd,
    NoteRetract,
)
from console.domain.saved_filters import FilterSave
from console.domain.staffing import AdminAnswer, AdminAsk, LoginGrant, LoginRevoke
from console.domain.subjects import Subject
from console.domain.work import Work
from console.services.scram import verifier
from db.works import KINDS
from tests.support.console import signed_in
from tests.support.content import add_content, one
from tests.support.databases import Database


async def test_each_is_looked_up_by_its_id_and_sent_twice_counts_once(attached: Database) -> None:
    content = add_content(attached)
    idea, scene = Subject("idea", content.idea), Subject("scene", content.scene)
    segment = Subject("segment", content.segment, content.segment_created_at)
    async with signed_in(attached, "ada") as ada:
        claim = await ada.writer.claim(idea)
        decision = Decision(
            uuid4(), "scenes.ideas", "approve", None, None, (Target(idea, claim.version, "A tide"),)
        )
        await ada.writer.decide(decision, [claim.token], [])
        flag, note = (
            FlagRaise(uuid4(), scene, "Harbour", "spam", "x"),
            NoteAdd(uuid4(), scene, "Harbour", "x"),
        )
        mark, other = uuid4(), uuid4()
        with attached.connect() as c:
            row = c.execute(
                "INSERT INTO jobs (scene_id, user_id, input_text, bible_version, status, stage, error_code)"
                " VALUES (%s, %s, 'x', 1, 'failed', 'error', 'TIMEOUT')"
                " RETURNING id, created_at",
                [content.scene, content.author],
            ).fetchone()
        assert row is not None
        job = Subject(JOB, *row)
        works: list[Work[Any]] = [
            Undo(uuid4(), decision.id),
            DocumentSave(uuid4(), scene, "Harbour", 0, '{"characters": []}', None),
            flag,
            FlagWithdraw(uuid4(), flag.id, "Harbour"),
            note,
            NoteRetract(uuid4(), note.id, "Harbour"),
            FilterSave(uuid4(), "scenes.ideas", "tag:sea", shared=True),
            MarkSave(uuid4(), mark, segment, "Harbour", 1000, None, "spam", None),
            MarkRemove(uuid4(), mark, "Harbour"),
            MarkSave(uuid4(), other, segment, "Harbour", 2000, None, "spam", None),
            MarkFlag(uuid4(), other, "Harbour"),
            LoginGrant(uuid4(), "works_login", 2, content.author, verifier("works-password")),
            request := AdminAsk(uuid4(), "works_login"),
            AdminAnswer(uuid4(), request.id, "works_login", granted=False),
            LoginRevoke(uuid4(), "works_login"),
            Curate(uuid4(), (created("topic", sky := uuid4(), Entry("Sky", "sky", "", True)),)),
            merge := MergeBegin(uuid4(), sky, content.topic, "Sky", "Sea"),
            MergeSteer(uuid4(), merge.id, sky, "Sky", MergeAct.UNDO),
            PolicySave(
                uuid4(), Policy("works", 0, "Works", "Integrity", 2, "Help", None, "", "{item}", 1, 90, True)
            ),
            steer := JobSteer(uuid4(), job, JobAct.RETRY, "failed"),
            JobUndo(uuid4(), steer.id, job),
        ]
        assert {type(work) for work in works} | {Decision} == set(KINDS.values())
        for work in works:
            await ada.writer.send(work)
            await ada.writer.send(work)
        ids = [decision.id, *(work.id for work in works)]
        assert await ada.writer.applied([*ids, uuid4()]) == set(ids)
    async with signed_in(attached, "mia") as mia:
        assert await mia.writer.applied(ids) == frozenset()  # another's are none of hers
    with attached.connect() as c:
        c.execute("DROP ROLE works_login")
        assert one(c, "SELECT count(*) FROM greenroom.audit WHERE decision_id IS NULL") == 0
        assert one(c, "SELECT count(*) FROM greenroom.audit") == len(ids)

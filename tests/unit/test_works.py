"""Every kind of work comes back from the journal as it went in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from console.domain.curation import Act, Curate, CurationChange
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
from db.routing import Servers, SignIn
from db.works import KINDS, from_json, to_json
from db.writer import GreenroomWriter

SEGMENT = Subject("segment", uuid4(), datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC))
SCENE = Subject("scene", uuid4())
WORKS: list[Work[Any]] = [
    MergeBegin(uuid4(), uuid4(), uuid4(), "Sea", "Seas"),
    MergeSteer(uuid4(), uuid4(), uuid4(), "Sea", MergeAct.STOP),
    Decision(
        uuid4(), "scenes.flags", "hide", "spam", None, (Target(SEGMENT, "v1", "A", (uuid4(), uuid4())),)
    ),
    Decision(uuid4(), "scenes.ideas", "approve", None, "Ü 'x'\n", (Target(SCENE, "v", "B"),) * 2),
    Undo(uuid4(), uuid4(), "Approved “B”"),
    DocumentSave(uuid4(), SCENE, "Harbour", 0, '{"one": 1.0}', None),
    FlagRaise(uuid4(), SEGMENT, "Harbour", "spam", ""),
    FlagWithdraw(uuid4(), uuid4(), "Harbour"),
    NoteAdd(uuid4(), SCENE, "Harbour", "Look here"),
    NoteRetract(uuid4(), uuid4(), "Harbour"),
    FilterSave(uuid4(), "scenes.ideas", "tag:sea", shared=True),
    FilterSave(uuid4(), "scenes.ideas", "tag:sea", shared=None),
    Decision(uuid4(), "scenes.segment", "hide", "spam", None, (Target(SEGMENT, "v1", "A", (), SCENE),)),
    MarkSave(uuid4(), uuid4(), SEGMENT, "Harbour", 12_400, 15_000, "spam", "Here"),
    MarkSave(uuid4(), uuid4(), SEGMENT, "Harbour", 0, None, "spam", None),
    MarkRemove(uuid4(), uuid4(), "Harbour", False),
    MarkFlag(uuid4(), uuid4(), "Harbour"),
    PolicySave(uuid4(), Policy("spam", 1, "Spam", "Integrity", 2, "Help", None, "", "{item}", 1, 90, False)),
    LoginGrant(uuid4(), "nia", 2, uuid4(), "SCRAM-SHA-256$"),
    LoginRevoke(uuid4(), "nia"),
    AdminAsk(uuid4(), "nia"),
    AdminAnswer(uuid4(), uuid4(), "nia", granted=True),
    JobSteer(uuid4(), Subject(JOB, uuid4(), SEGMENT.partition_key), JobAct.RETRY, "failed"),
    JobUndo(uuid4(), uuid4(), Subject(JOB, uuid4(), SEGMENT.partition_key)),
    Curate(
        uuid4(),
        (
            CurationChange(Act.EDIT, "topic", uuid4(), "Sea", version="v", active=False, icon_url=""),
            CurationChange(Act.PLACE, "category", uuid4(), "Tides", topic_id=uuid4(), after=uuid4()),
        ),
    ),
]


@pytest.mark.parametrize("work", WORKS, ids=lambda work: type(work).__name__)
def test_a_work_comes_back_as_it_was(work: Work[Any]) -> None:
    assert from_json(to_json(work)) == work
    assert work.words[0].isupper()
    assert not work.words.endswith(".")


async def test_no_kind_of_work_is_without_a_name_in_journals_or_a_way_to_the_primary() -> None:
    # A dataclass with slots is made twice: the kinds are told apart by their names.
    every = {kind.__name__ for kind in Work.__subclasses__()}
    assert every == {kind.__name__ for kind in KINDS.values()} == {type(work).__name__ for work in WORKS}
    servers = Servers("postgresql://127.0.0.1/none", (), SignIn("mia", "secret"))
    assert {kind.__name__ for kind in GreenroomWriter(servers)._senders} == every - {"Decision"}
    await servers.close()


def test_what_was_added_since_has_its_default_and_what_was_removed_is_passed_over() -> None:
    undo = Undo(uuid4(), uuid4(), "Approved “B”")
    fields = json.loads(to_json(undo)) | {"removed": 1}
    del fields["undone"]
    assert from_json(json.dumps(fields)) == Undo(undo.id, undo.decision_id)


@pytest.mark.parametrize(
    "stored",
    ["{}", "[]", "null", '{"kind": "undo"}', '{"kind": "undo", "id": "x", "decision_id": "y"}', "no"],
)
def test_what_is_no_work_is_told(stored: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(stored)

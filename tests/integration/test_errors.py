"""Every refusal of the database, as it raises it, becomes the error that a person is told."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from console.domain import errors
from console.domain.decisions import Decision, Target, Undo
from console.domain.subjects import Subject
from db.errors import translate
from tests.support.console import SignedIn, signed_in
from tests.support.content import add_content, add_idea
from tests.support.databases import Database


def approve(subject: Subject, version: str, verb: str = "approve", policy: str | None = None) -> Decision:
    return Decision(uuid4(), "scenes.ideas", verb, policy, None, (Target(subject, version, "An idea"),))


async def refusal(work: Awaitable[object], expected: type[errors.GreenroomError]) -> errors.GreenroomError:
    with pytest.raises(expected) as raised:
        await work
    assert type(raised.value) is expected
    assert str(raised.value)
    return raised.value


async def test_each_rule_has_its_error_with_subject_and_words(attached: Database) -> None:
    content = add_content(attached)
    subject = Subject("idea", content.idea)
    async with (
        signed_in(attached) as mia,
        signed_in(attached, "max") as max_,
        signed_in(attached, "rey") as r,
    ):
        held = await mia.writer.claim(subject)
        token, version = [held.token], held.version

        taken = await refusal(max_.writer.claim(subject), errors.Taken)
        assert isinstance(taken, errors.Taken)
        assert (taken.holder, taken.subject, str(taken)) == ("mia", subject, "mia is deciding this")
        assert taken.since is not None
        assert taken.remedy

        lost = await refusal(mia.writer.decide(approve(subject, version), [uuid4()], []), errors.ClaimLost)
        assert isinstance(lost, errors.ClaimLost)
        assert lost.subject == subject
        await refusal(mia.writer.decide(approve(subject, "old"), token, []), errors.Stale)
        await refusal(
            mia.writer.decide(approve(subject, version, "reject"), token, []), errors.InvalidDecision
        )
        await refusal(
            mia.writer.decide(approve(subject, version, "no such verb"), token, []), errors.InvalidDecision
        )
        await refusal(r.writer.decide(approve(subject, version), [uuid4()], []), errors.NotPermitted)
        await refusal(mia.writer.claim(Subject("idea", uuid4())), errors.NotFound)
        await refusal(mia.writer.claim(Subject("novel", uuid4())), errors.InvalidDecision)
        await refusal(mia.writer.send(Undo(uuid4(), uuid4())), errors.NotFound)

        done = await mia.writer.decide(approve(subject, version), token, [])
        again = await max_.writer.claim(subject)
        stale = await refusal(
            max_.writer.decide(approve(subject, again.version), [again.token], []), errors.Stale
        )
        assert "mia" in str(stale)
        await max_.writer.release([again.token])
        with attached.connect() as c:
            c.execute("UPDATE ideas SET moderation_status = 'rejected' WHERE id = %s", [content.idea])
        await refusal(mia.writer.send(Undo(uuid4(), done.id)), errors.UndoRefused)


async def test_the_cap_and_a_login_without_staff(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        ideas: list[UUID] = [add_idea(c, content.author, content.topic) for _ in range(6)]
    async with signed_in(attached) as mia:
        for idea in ideas[:5]:
            await mia.writer.claim(Subject("idea", idea))
        await refusal(mia.writer.claim(Subject("idea", ideas[5])), errors.TooManyClaims)
        await mia.writer.claim(Subject("idea", ideas[0]))  # one's own again is no further claim
        with attached.connect() as c:
            c.execute("UPDATE greenroom.staff SET active = false WHERE login = 'mia'")
        await refusal(mia.writer.person(), errors.SignInFailed)


async def test_a_row_that_stays_locked_is_busy_and_no_refusal(attached: Database) -> None:
    content = add_content(attached)
    async with signed_in(attached) as mia:
        with attached.connect() as c, c.transaction():
            c.execute("SELECT FROM ideas WHERE id = %s FOR UPDATE", [content.idea])
            await refusal(mia.writer.claim(Subject("idea", content.idea)), errors.Busy)
        await mia.writer.claim(Subject("idea", content.idea))


async def test_what_staff_may_not_read_is_not_permitted_and_a_bug_stays_one(attached: Database) -> None:
    async def hashes(console: SignedIn) -> None:
        await console.servers.read(lambda c: c.exec_driver_sql("SELECT password_hash FROM users"))

    async with signed_in(attached) as mia:
        await refusal(hashes(mia), errors.NotPermitted)
        with pytest.raises(psycopg.errors.SyntaxError):
            await mia.servers.call("SELECT FROM WHERE", {})
        assert (await mia.writer.person()).login == "mia"


async def test_a_database_without_greenroom_says_so(scenes_database: Database, attached: Database) -> None:
    unattached = Database(scenes_database.cluster, scenes_database.name, attached.passwords)
    async with signed_in(unattached) as mia:
        error = await refusal(mia.writer.person(), errors.ConfigurationError)
        assert error.remedy


def test_every_code_that_the_schema_raises_is_known(attached: Database) -> None:
    raised = set()
    for folder in ("db/greenroom/sql", "db/platforms"):
        for file in Path(folder).rglob("*.sql"):
            raised |= set(re.findall(r"refuse\('(GR\d+)'", file.read_text(encoding="utf-8")))
    assert raised >= {f"GR{number:03}" for number in range(1, 10)}
    with attached.connect() as c:
        for code in sorted(raised | {"GR999"}):
            with pytest.raises(psycopg.Error) as error:
                c.execute(
                    "SELECT greenroom.refuse(%s, 'rule', 'Said', 'Do this', %s)",
                    [code, '{"holder": "mo", "since": null}'],
                )
            translated = translate(error.value)
            assert isinstance(translated, errors.GreenroomError)
            assert (type(translated) is errors.Refused) == (code == "GR999")
            assert (str(translated), translated.remedy) == ("Said", "Do this")

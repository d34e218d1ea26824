"""The audit is chained behind the back of those who write it; what is done to it afterwards is found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from console.domain.audit import AuditHead
from console.domain.errors import Busy, ConfigurationError, TooSlow
from db.greenroom import limits
from db.greenroom.audit import SeenSeal, seen_here, verify
from tests.support.content import add_content, add_idea, claim, decide, item, one
from tests.support.databases import Database


def written(database: Database, rows: int) -> None:
    """Rows of the audit, as the functions write them, each in a transaction of its own."""
    with database.connect() as c:
        for number in range(rows):
            c.execute(
                "INSERT INTO greenroom.audit (at, login, action, changed) VALUES"
                " (clock_timestamp() - interval '1 hour', 'mia', 'scenes.ideas.approve', %s)",
                [json.dumps({"number": number})],
            )


def sealed(database: Database) -> AuditHead:
    with database.connect("mia") as mia:
        answer = one(mia, "SELECT greenroom.seal_audit()")
    return AuditHead(answer["seal"], answer["digest"])


def found(database: Database, **seen: AuditHead) -> list[str]:
    with database.connect("ada") as ada:
        return verify(ada, seen)


def test_what_was_decided_is_sealed_and_whole(attached: Database) -> None:
    content = add_content(attached)
    assert sealed(attached) == AuditHead(0, None)
    with attached.connect("mia") as mia:
        decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])
        head = sealed(attached)
        assert head.seal == 1
        assert sealed(attached) == head
        # Whatever the caller's settings are, the digest is the same.
        mia.execute("SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'German'; SET extra_float_digits = -15")
        assert one(mia, "SELECT greenroom.seal_audit()")["seal"] == 1
    with attached.connect("ada") as ada:
        ada.execute("SET TimeZone = 'America/Caracas'")
        assert verify(ada, {"here": head}) == []


def test_a_transaction_that_is_open_is_waited_for(attached: Database) -> None:
    written(attached, 2)
    with attached.connect() as slow, slow.transaction():
        slow.execute("INSERT INTO greenroom.audit (at, login, action) VALUES (now(), 'max', 'late')")
        written(attached, 3)
        # Rows of transactions that began after the open one have their turn when it has ended.
        assert sealed(attached).seal == 1
        with attached.connect() as c:
            assert one(c, "SELECT rows FROM greenroom.audit_seals") == 2
    assert sealed(attached).seal == 2
    with attached.connect() as c:
        assert one(c, "SELECT sum(rows) FROM greenroom.audit_seals") == 6
    assert found(attached) == []


Tampering = Callable[[psycopg.Connection[Any]], object]


def _as_superuser(statement: str) -> Tampering:
    def tamper(c: psycopg.Connection[Any]) -> None:
        c.execute("SET session_replication_role = replica")  # silences the triggers that forbid it
        c.execute(statement.encode())

    return tamper


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM greenroom.audit WHERE audit_id = 4", "Of the 3 rows under seal 2 of"),
        ("UPDATE greenroom.audit SET changed = '{}' WHERE audit_id = 4", "Among the 3 rows under seal 2 of"),
        ("UPDATE greenroom.audit SET login = 'max' WHERE audit_id = 1", "Among the 3 rows under seal 1 of"),
        (
            "UPDATE greenroom.audit SET at = at + interval '1 microsecond' WHERE audit_id = 1",
            "Among the 3 rows under seal 1 of",
        ),
        (
            "INSERT INTO greenroom.audit (at, login, action, xid)"
            " SELECT at, login, 'forged', xid FROM greenroom.audit WHERE audit_id = 5",
            "1 added",
        ),
        (
            "UPDATE greenroom.audit a SET changed = b.changed FROM greenroom.audit b"
            " WHERE (a.audit_id, b.audit_id) IN ((1, 2), (2, 1))",
            "Among the 3 rows under seal 1 of",
        ),
        ("DELETE FROM greenroom.audit_seals WHERE seal_id = 2", "Seals 2 to 2 are missing before seal 3"),
        ("UPDATE greenroom.audit_seals SET digest = repeat('0', 64) WHERE seal_id = 2", "under seal 2"),
        (
            "DELETE FROM greenroom.audit_seals WHERE seal_id = 3;"
            " DELETE FROM greenroom.audit WHERE audit_id > 6",
            "has lost its end: seal 3 was seen here and is gone",
        ),
        ("DELETE FROM greenroom.audit_seals WHERE seal_id = 3", "3 rows have waited for a seal"),
    ],
)
def test_whatever_is_done_to_it_is_found_and_named(attached: Database, statement: str, says: str) -> None:
    head = AuditHead(0, None)
    for _ in range(3):
        written(attached, 3)
        head = sealed(attached)
    assert found(attached, here=head) == []
    with attached.connect() as c:
        _as_superuser(statement)(c)
    problems = found(attached, here=head)
    assert any(says in problem for problem in problems), problems


def test_a_chain_that_was_made_anew_is_told_from_the_one_that_was_seen(attached: Database) -> None:
    written(attached, 3)
    head = sealed(attached)
    with attached.connect() as c:
        _as_superuser("DELETE FROM greenroom.audit WHERE audit_id = 2; DELETE FROM greenroom.audit_seals")(c)
    sealed(attached)
    assert found(attached) == []
    assert found(attached, here=head) == ["Seal 1 is not the one that was seen here (here)"]


def test_an_audit_that_somebody_locks_is_told_in_time(
    attached: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(attached, 3)
    sealed(attached)
    with attached.connect() as other, other.transaction():
        other.execute("LOCK TABLE greenroom.audit IN ACCESS EXCLUSIVE MODE")
        monkeypatch.setattr(limits, "SHORT", limits.Limit(0.2, 60))
        with pytest.raises(Busy, match=r"^Holding the seal after 0 against its rows was kept waiting"):
            found(attached)
        monkeypatch.setattr(limits, "SHORT", limits.Limit(60, 0.2))
        with pytest.raises(TooSlow, match=r"^Holding the seal after 0 against its rows took longer"):
            found(attached)
    assert found(attached) == []


def test_erased_evidence_leaves_the_chain_whole(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as mia:
        decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])
    sealed(attached)
    with attached.connect("ada") as ada:
        digest = one(ada, "SELECT evidence_digest FROM greenroom.audit")
        ada.execute("SELECT greenroom.erase_evidence(%s, 'asked for by the author', 'tests')", [digest])
    sealed(attached)
    assert found(attached) == []


def test_people_who_decide_while_everybody_seals_lose_no_row(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        ideas = [add_idea(c, content.author, content.topic, f"Idea {n}") for n in range(80)]

    def work(login: str, mine: list[Any]) -> None:
        with attached.connect(login) as connection:
            for idea in mine:
                decide(connection, "scenes.ideas", "approve", [item(claim(connection, "idea", idea))])
                connection.execute("SELECT greenroom.seal_audit()")

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(work, login, ideas[n::4]) for n, login in enumerate(("mia", "max", "mia", "max"))]
        for each in done:
            each.result()
    sealed(attached)
    with attached.connect() as c:
        assert one(c, "SELECT sum(rows) FROM greenroom.audit_seals") == 80
        assert one(c, "SELECT count(*) FROM greenroom.audit") == 80
    assert found(attached) == []


def test_many_rows_are_sealed_in_batches(attached: Database) -> None:
    with attached.connect() as c:
        c.execute(
            "DO $$ BEGIN FOR n IN 1..6 LOOP"
            " INSERT INTO greenroom.audit (at, login, action) SELECT now(), 'mia', 'x'"
            " FROM generate_series(1, 20000); COMMIT; END LOOP; END $$"
        )
    assert [sealed(attached).seal for _ in range(4)] == [1, 2, 3, 3]
    with attached.connect() as c:
        assert one(c, "SELECT array_agg(rows ORDER BY seal_id) FROM greenroom.audit_seals") == [40000] * 3
    assert found(attached) == []


def test_staff_can_neither_write_seals_nor_verify_below_admin(attached: Database) -> None:
    with attached.connect("mia") as mia:
        for statement in (
            "INSERT INTO greenroom.audit_seals VALUES (1, now(), '1', 0, 'x')",
            "SELECT * FROM greenroom.audit_seals",
            "SELECT * FROM greenroom.verify_audit(0, 10)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                mia.execute(statement.encode())
    with attached.connect() as c, pytest.raises(psycopg.Error, match="append only"):
        c.execute("DELETE FROM greenroom.audit_seals")


def test_what_was_seen_is_remembered_by_profile_and_login(tmp_path: Path) -> None:
    async def remember() -> None:
        assert await SeenSeal(tmp_path / "live-mia").seen() is None
        await SeenSeal(tmp_path / "live-mia").remember(AuditHead(3, "c"))
        await SeenSeal(tmp_path / "live-max").remember(AuditHead(4, "d"))
        await SeenSeal(tmp_path / "other-mia").remember(AuditHead(9, "x"))
        assert await SeenSeal(tmp_path / "live-mia").seen() == AuditHead(3, "c")
        # What the database contradicted is kept beside the newest, for `audit verify`.
        await SeenSeal(tmp_path / "live-mia").contradicted(AuditHead(8, "y"))

    asyncio.run(remember())
    assert sorted(head.seal for head in seen_here(tmp_path, "live-").values()) == [3, 4, 8]
    damaged = tmp_path / "live-max" / "audit-seen.json"
    damaged.write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"live-max.audit-seen\.json does not hold a seal"):
        seen_here(tmp_path, "live-")


async def test_a_disk_that_takes_no_seal_is_told_as_one(tmp_path: Path) -> None:
    """Anything but an error of the console's own would end the task that seals, until the next sign-in."""
    (tmp_path / "live-mia" / "audit-seen.new").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="cannot be remembered"):
        await SeenSeal(tmp_path / "live-mia").remember(AuditHead(3, "c"))
    (tmp_path / "live-max" / "audit-seen.json").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await SeenSeal(tmp_path / "live-max").seen()

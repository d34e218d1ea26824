"""Attach and the main job on the versions of PostgreSQL that platforms run."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from console.domain.decisions import Candidate, Decision, Target, Undo
from console.domain.errors import ClaimLost
from console.domain.queues import View
from console.domain.staff import Role
from db.administration import Owner, attach_platform, detach_platform, examine_platform, grant
from db.embedded import SUPERUSER, EmbeddedCluster
from db.platforms.scenes import migrate
from db.platforms.scenes.declaration import SCENES
from tests.support.console import signed_in
from tests.support.content import add_content, add_flag, add_idea, one
from tests.support.databases import Database, wait_for_replay
from tests.support.versions import cluster_of, installations

LEFT_BEHIND = """
SELECT (SELECT count(*) FROM pg_class WHERE relname ~ '^greenroom')
     + (SELECT count(*) FROM pg_trigger WHERE tgname ~ '^greenroom')
     + (SELECT count(*) FROM pg_namespace WHERE nspname = 'greenroom')
     + (SELECT count(*) FROM pg_attribute WHERE attacl::text ~ 'greenroom')
     + (SELECT count(*) FROM pg_roles WHERE rolname ~ '^greenroom')
"""


@pytest.fixture(scope="module", params=installations())
def other(request: pytest.FixtureRequest) -> Iterator[EmbeddedCluster]:
    """A primary and a standby of another version."""
    with cluster_of(request.param) as cluster:
        yield cluster


async def test_the_main_job_from_attach_to_detach(other: EmbeddedCluster) -> None:
    other.create_database("scenes")
    database = Database(other, "scenes")
    with database.engine() as engine, engine.begin() as connection:
        migrate.upgrade(connection)
    content = add_content(database)
    with database.connect() as connection:
        author = one(connection, "SELECT username FROM users WHERE id = %s", content.author)
        second = add_idea(connection, content.author, content.topic, "Second")
        for kind, flagged in (("idea", content.idea), ("segment", content.segment)):
            add_flag(connection, kind, flagged)
    owner = Owner(database.primary, SUPERUSER, other.password)
    attach_platform("scenes", owner)
    assert attach_platform("scenes", owner) == [], "a second time finds everything there"
    for login, role in (("mia", Role.MODERATOR), ("ada", Role.ADMIN)):
        grant(owner, login, role, author, f"{login}-password")
        database.passwords[login] = f"{login}-password"
    with database.connect("ada") as ada:
        assert one(ada, "SELECT greenroom.reconcile()") == 2, "what was flagged before attach"
    wait_for_replay(other)
    async with signed_in(database) as console:
        for queue in SCENES.queues:
            for order in queue.orders:
                await console.reader.page(View(queue.key, order.key), None, 10)
        page = await console.reader.page(View("scenes.ideas", "oldest"), None, 10)
        first, following = page.items
        assert (first.subject.id, following.subject.id) == (content.idea, second)
        for block in SCENES.blocks_for("scenes.ideas", "idea"):
            await console.reader.block(first.subject, block.key)
        held = await console.writer.claim(first.subject)
        target = Target(first.subject, first.version, first.title)
        rejected = Decision(uuid4(), "scenes.ideas", "reject", "spam", "Again", (target,))
        outcome = await console.writer.decide(
            rejected, [held.token], [Candidate(following.subject, following.version)]
        )
        assert outcome.next is not None
        assert outcome.next.subject == following.subject
        assert status(database, content.idea) == "rejected"
        again = Decision(uuid4(), "scenes.ideas", "approve", None, None, (target,))
        with pytest.raises(ClaimLost):
            await console.writer.decide(again, [held.token], [])
        await console.writer.send(Undo(uuid4(), rejected.id))
        assert status(database, content.idea) == "pending"
    wrong = [each.area for each in examine_platform("scenes", owner) if not each.ok]
    assert wrong == ["other databases"], "the cluster's own, which staff may enter as on any new server"
    detach_platform("scenes", owner)
    with database.connect() as connection:
        assert one(connection, LEFT_BEHIND) == 0


def status(database: Database, idea: object) -> str:
    with database.connect() as connection:
        return str(one(connection, "SELECT moderation_status FROM ideas WHERE id = %s", idea))

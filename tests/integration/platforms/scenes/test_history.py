"""The demo's earlier decisions agree with what the demo shows, and can be taken back like any other."""

from __future__ import annotations

from importlib.resources import files

from db.greenroom.ledger import decisions
from tests.support.content import add_content, add_idea, one, undo
from tests.support.databases import Database

HISTORY = files("db.platforms.scenes.demo") / "history.sql"


def test_what_the_demo_shows_as_decided_was_decided_by_somebody(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c, attached.connect("ada") as ada:
        for number in range(12):
            add_idea(c, content.author, content.topic, f"Idea {number}")
        c.execute("UPDATE ideas SET created_at = now() - interval '20 days', moderation_status = 'approved'")
        c.execute("UPDATE ideas SET moderation_status = 'rejected' WHERE title LIKE '%%1'")
        fresh = add_idea(c, content.author, content.topic, "An idea of today")
        with c.transaction():
            c.execute(HISTORY.read_bytes())
        told = decisions(c)
        assert len(told) == 13
        assert {entry.verb for entry in told} == {"approve", "reject"}
        assert all((entry.policy is not None) == (entry.verb == "reject") for entry in told)
        assert {entry.login for entry in told} == {"admin", "moderator", "moderator2"}
        assert [entry.audited for entry in told] == [1] * 13
        assert one(c, "SELECT count(*) FROM greenroom.decision_items WHERE id = %s", fresh) == 0
        assert one(c, "SELECT max(decided_at) < now() FROM greenroom.decisions") is True
        rejected = one(c, "SELECT decision_id FROM greenroom.decisions WHERE verb = 'reject' LIMIT 1")
        undo(ada, rejected)
        assert one(c, "SELECT count(*) FROM ideas WHERE moderation_status = 'pending'") == 2

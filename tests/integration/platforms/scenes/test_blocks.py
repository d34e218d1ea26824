"""What the inspector shows of an item says what the database holds."""

from __future__ import annotations

from console.domain.blocks import ImageBlock, ReportsBlock
from console.domain.subjects import Subject
from tests.support.console import signed_in
from tests.support.content import add_content, add_flag, add_idea, one
from tests.support.databases import Database, wait_for_replay


async def test_a_report_says_how_the_earlier_ones_of_its_reporter_ended(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        reporters = [
            one(
                c,
                "INSERT INTO users (username, email) VALUES (%s, %s) RETURNING id",
                name,
                f"{name}@example.org",
            )
            for name in ("often", "newcomer", "tireless")
        ]
        for reporter, upheld, dismissed in zip(reporters, (2, 0, 90), (1, 0, 40), strict=True):
            for number in range(upheld + dismissed):
                # Older ones were upheld, newer ones dismissed.
                c.execute(
                    "INSERT INTO moderation_flags (reporter_id, target_type, target_id, reason, status,"
                    " created_at) VALUES (%s, 'idea', %s, 'spam', %s, now() - %s * interval '1 day')",
                    [
                        reporter,
                        add_idea(c, content.author, content.topic),
                        "dismissed" if number < dismissed else "resolved",
                        number + 1,
                    ],
                )
            c.execute(
                "INSERT INTO moderation_flags (reporter_id, target_type, target_id, reason)"
                " VALUES (%s, 'idea', %s, 'spam')",
                [reporter, content.idea],
            )
        add_flag(c, "idea", content.idea)
    wait_for_replay(attached.cluster)
    async with signed_in(attached) as console:
        block = await console.reader.block(Subject("idea", content.idea), "reports")
    assert isinstance(block, ReportsBlock)
    assert {report.reporter: report.reporter_record for report in block.reports} == {
        "often": "2 of 3 upheld, reliability 25–92 %",
        "newcomer": "no report decided before",
        "tireless": "60 of the latest 100 upheld, reliability 52–68 %",
        None: None,
    }


async def test_a_person_is_shown_with_the_avatar_they_have(attached: Database) -> None:
    content = add_content(attached)
    subject = Subject("user", content.author)
    async with signed_in(attached) as console:
        for url in (None, "https://media.example.org/a.png"):
            with attached.connect() as c:
                c.execute("UPDATE users SET avatar_url = %s WHERE id = %s", [url, content.author])
            wait_for_replay(attached.cluster)
            assert await console.reader.block(subject, "avatar") == ImageBlock(url, "Avatar")

"""What a person may set in their own session bends neither a version nor a check."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from tests.support.content import add_content, add_idea, claim, decide, item, one, undo
from tests.support.databases import Database

BENDS = (
    "plpgsql.check_asserts = off",
    "\"TimeZone\" = 'Asia/Kathmandu'",
    "\"DateStyle\" = 'German, DMY'",
    "\"IntervalStyle\" = 'sql_standard'",
    "extra_float_digits = -15",
    "bytea_output = 'escape'",
    "standard_conforming_strings = off",
    "backslash_quote = on",
    "transform_null_equals = on",
    "array_nulls = off",
    "quote_all_identifiers = on",
    "client_encoding = 'LATIN1'",
    "search_path = pg_temp, pg_catalog",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_deferrable = on",
    "row_security = off",
    "debug_parallel_query = on",
    "enable_indexscan = off",
    "plan_cache_mode = 'force_generic_plan'",
    "plpgsql.extra_errors = 'too_many_rows'",
    "check_function_bodies = off",
    "synchronous_commit = off",
)


def test_a_setting_of_the_caller_changes_no_digest_and_no_check(attached: Database) -> None:
    content = add_content(attached)
    with attached.connect("mia") as plain:
        held = claim(plain, "idea", content.idea)
        segment = claim(plain, "segment", content.segment, content.segment_created_at)
        decide(plain, "scenes.ideas", "reject", [item(held)], policy="spam", note="both")
        for setting in BENDS:
            with attached.connect() as owner, attached.connect("mia") as bent:
                twin = add_idea(owner, content.author, content.topic)
                bent.execute(f"SET {setting}".encode())
                mine = claim(bent, "idea", twin)
                assert mine["version"] == held["version"], setting
                again = claim(bent, "segment", content.segment, content.segment_created_at)
                assert again["version"] == segment["version"], setting
                assert again["partition_key"] == segment["partition_key"], setting
                with pytest.raises(psycopg.Error) as error:
                    decide(bent, "scenes.ideas", "approve", [item(mine) | {"token": str(uuid4())}])
                assert error.value.sqlstate == "GR004", setting
                made = decide(bent, "scenes.ideas", "reject", [item(mine)], policy="spam", note="both")
                undo(bent, made["decision_id"])
                assert one(owner, "SELECT moderation_status FROM ideas WHERE id = %s", twin) == "pending"
    with attached.connect() as owner:
        assert one(owner, "SELECT count(*) FROM greenroom.evidence") == 1
        assert one(owner, "SELECT count(DISTINCT evidence_digest) FROM greenroom.audit") == 1

"""What a person may set in their own session bends neither a version nor a check."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from tests.support.content import add_content, add_idea, claim, decide, item, one
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


@pytest.mark.parametrize("setting", BENDS)
def test_a_setting_of_the_caller_changes_no_digest_and_no_check(attached: Database, setting: str) -> None:
    content = add_content(attached)
    with attached.connect() as c:
        twin = add_idea(c, content.author, content.topic)
    with attached.connect("mia") as plain, attached.connect("mia") as bent:
        bent.execute(f"SET {setting}".encode())
        first, second = claim(plain, "idea", content.idea), claim(bent, "idea", twin)
        assert first["version"] == second["version"]
        segments = [
            claim(each, "segment", content.segment, content.segment_created_at) for each in (plain, bent)
        ]
        assert segments[0]["version"] == segments[1]["version"]
        assert segments[0]["partition_key"] == segments[1]["partition_key"]
        with pytest.raises(psycopg.Error) as error:
            decide(bent, "scenes.ideas", "approve", [item(second) | {"token": str(uuid4())}])
        assert error.value.sqlstate == "GR004"
        decide(plain, "scenes.ideas", "reject", [item(first)], policy="spam", note="both")
        made = decide(bent, "scenes.ideas", "reject", [item(second)], policy="spam", note="both")
        assert bent.execute("SELECT greenroom.undo(%s, %s, '')", [uuid4(), made["decision_id"]]).fetchone()
    with attached.connect() as c:
        assert one(c, "SELECT count(*) FROM greenroom.evidence") == 1
        assert one(c, "SELECT count(DISTINCT evidence_digest) FROM greenroom.audit") == 1
        assert one(c, "SELECT moderation_status FROM ideas WHERE id = %s", twin) == "pending"

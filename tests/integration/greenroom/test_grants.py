"""Every right on every table, column, sequence and function, against the list that somebody reviewed."""

from __future__ import annotations

from pathlib import Path

from tests.support.content import one
from tests.support.databases import Database
from tests.support.grants import reviewed, rights

LIST = Path(__file__).with_name("grants.txt")


def test_nobody_has_a_right_that_was_not_reviewed(closed: Database) -> None:
    with closed.connect() as connection:
        found = reviewed(connection)
    assert found == LIST.read_text(encoding="utf-8").splitlines()


def test_a_login_has_the_rights_of_its_group_and_no_others(closed: Database) -> None:
    with closed.connect() as connection:
        for login, group in (("rey", "reviewer"), ("mia", "moderator"), ("ada", "admin")):
            assert rights(connection, login) == rights(connection, f"greenroom_{group}")


def test_monthly_partitions_are_reached_through_their_table_only(closed: Database) -> None:
    with closed.connect() as connection:
        open_partitions = one(
            connection,
            "SELECT count(*) FROM pg_class AS c WHERE c.relispartition AND c.relkind = 'r'"
            " AND (has_any_column_privilege('greenroom_admin', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')"
            " OR has_table_privilege('greenroom_admin', c.oid, 'DELETE, TRUNCATE, TRIGGER'))",
        )
        assert one(connection, "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'") > 0
    assert open_partitions == 0


def test_what_is_new_is_closed_until_somebody_opens_it(closed: Database) -> None:
    with closed.connect() as connection:
        before = {role: rights(connection, role) for role in ("rey", "mia", "ada")}
        connection.execute("CREATE TABLE public.payments (id int, iban text)")
        connection.execute("ALTER TABLE public.users ADD COLUMN phone text")
        connection.execute("CREATE SEQUENCE public.tickets")
        connection.execute("SET ROLE greenroom_owner")
        connection.execute("CREATE TABLE greenroom.drafts (id int, body text)")
        connection.execute("CREATE SEQUENCE greenroom.numbers")
        connection.execute("CREATE FUNCTION greenroom.novelty() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        connection.execute("RESET ROLE")
        after = {role: rights(connection, role) for role in ("rey", "mia", "ada")}
    assert after == before


def test_every_function_is_pinned_owned_and_free_of_what_a_caller_could_bend(closed: Database) -> None:
    with closed.connect() as connection:
        functions = connection.execute(
            "SELECT p.oid::regprocedure::text, p.prosecdef, p.proowner::regrole::text, p.prosrc,"
            " coalesce((SELECT substr(c, 13) FROM unnest(p.proconfig) AS c"
            " WHERE c LIKE 'search_path=%'), ''),"
            " EXISTS (SELECT FROM unnest(p.proargtypes) AS a JOIN pg_type AS t ON t.oid = a"
            " WHERE t.typtype = 'p')"
            " FROM pg_proc AS p"
            " WHERE p.pronamespace = 'greenroom'::regnamespace"
        ).fetchall()
    assert len(functions) > 30
    for name, definer, owner, source, path, polymorphic in functions:
        # Statements about roles take no parameters: two functions that no person may call, with an owner that
        # may make roles and nothing else.
        makes_logins = name in {"greenroom.lay_login(text,integer,text)", "greenroom.close_login(text)"}
        assert owner == ("greenroom_staffing" if makes_logins else "greenroom_owner"), name
        assert not polymorphic, f"{name}: a polymorphic argument runs the caller's casts"
        # Staff call no other functions than these; what they call inherits their settings.
        if definer:
            places = [place.strip() for place in path.split(",")]
            assert places[0] == "pg_catalog", name
            assert places[-1] == "pg_temp", name
            assert set(places[1:-1]) <= {"greenroom", "public"}, name
        words = source.lower()
        for forbidden in (
            "now()",
            "current_user",
            "assert ",
            "execute ",
            "format('%s.%",
            "public.",
        ):
            assert makes_logins or forbidden not in words, f"{name} says {forbidden}"
        # A notification in a decision's transaction halves the rate of commits: one function sends it, alone.
        if name != "greenroom.announce()":
            assert "notify" not in words, name
            assert "announce" not in words, name


def test_only_the_functions_a_person_calls_run_with_the_owners_rights(closed: Database) -> None:
    with closed.connect() as connection:
        definers = {
            row[0]
            for row in connection.execute(
                "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'greenroom'::regnamespace"
            )
        }
    assert definers == {
        *("steer_job", "undo_job", "server_replicas", "server_connections", "server_statements"),
        "count_numbers",
        *("me", "position", "claim", "claim_next", "renew", "release", "decide", "undo", "applied"),
        *("save_bible", "raise_flag", "withdraw_flag", "add_note", "retract_note", "save_filter"),
        *(
            "save_policy",
            "consequence",
            "erase_evidence",
            "save_mark",
            "remove_mark",
            "flag_mark",
            "bring_older",
        ),
        *("end_stale_sessions", "reconcile", "mend", "changes", "announce"),
        *("seal_audit", "verify_audit", "unsealed_audit", "curate"),
        *("begin_merge", "carry_merge", "steer_merge", "topic_of_slug"),
        *("flags_changed", "segments_added"),
        *(
            "grant_login",
            "revoke_login",
            "ask_admin",
            "answer_admin",
            "staff_list",
            "scene_counters",
            "lay_login",
            "close_login",
        ),
    }

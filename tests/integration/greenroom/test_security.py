"""What a hostile member of staff tries in psql, each with their own SCRAM login."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from db.greenroom.attach import attach
from db.platforms.scenes.declaration import SCENES
from tests.support.content import add_content, add_flag, claim, decide, item, one, undo
from tests.support.databases import Database, wait_for_replay

STAFF = ("rey", "mia", "ada")

FORBIDDEN = (
    # Secrets.
    "SELECT password_hash FROM users",
    "SELECT * FROM users",
    "SELECT u FROM users AS u",
    "SELECT to_jsonb(u) FROM users AS u",
    "SELECT 1 FROM users WHERE password_hash LIKE 's%'",
    "COPY users TO STDOUT",
    "COPY (SELECT password_hash FROM users) TO STDOUT",
    "SELECT access_token FROM oauth_accounts",
    "SELECT count(*) FROM oauth_accounts",
    "SELECT ip_hash FROM scene_views",
    "SELECT token FROM greenroom.claims",
    "SELECT * FROM greenroom.claims",
    "SELECT rolpassword FROM pg_authid",
    "SELECT passwd FROM pg_shadow",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_stat_file('/etc/passwd')",
    "SELECT pg_ls_logdir()",
    "SELECT users::text FROM users",
    "SELECT id FROM users ORDER BY password_hash",
    "SELECT count(*) FROM users GROUP BY password_hash",
    "SELECT query_to_xml('SELECT password_hash FROM users', true, false, '')",
    "SELECT ts_stat('SELECT to_tsvector(password_hash) FROM users')",
    "SELECT stavalues1 FROM pg_statistic",
    "SELECT xmin FROM users",
    "TABLE greenroom.staff",
    "SELECT session_token FROM greenroom.claims, LATERAL (SELECT token AS session_token) AS t",
    # The platform's tables.
    "UPDATE ideas SET status = 'removed'",
    "UPDATE users SET role = 'admin'",
    "INSERT INTO topics (name, slug) VALUES ('x', 'x')",
    "DELETE FROM moderation_flags",
    "TRUNCATE likes",
    "MERGE INTO ideas USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "SELECT id FROM ideas FOR UPDATE",
    "SELECT id FROM ideas FOR NO KEY UPDATE",
    "SELECT id FROM ideas FOR SHARE",
    "SELECT id FROM ideas FOR KEY SHARE",
    "SELECT id FROM greenroom.subjects FOR UPDATE",
    "DO $$ BEGIN LOCK TABLE ideas IN ROW EXCLUSIVE MODE; END $$",
    "ALTER TABLE ideas ADD COLUMN mine int",
    "CREATE TRIGGER mine AFTER INSERT ON ideas EXECUTE FUNCTION public.count_likes()",
    "CREATE INDEX mine ON ideas (title)",
    "DROP TRIGGER greenroom_flags_added ON moderation_flags",
    "ALTER TABLE moderation_flags DISABLE TRIGGER greenroom_flags_added",
    "SELECT create_monthly_partition('segments', 2031, 1)",
    "SELECT ensure_monthly_partitions('2031-01-01', '2031-02-01')",
    "SELECT recount_scenes('{}')",
    "COMMENT ON TABLE ideas IS 'mine'",
    "CLUSTER ideas USING ideas_pkey",
    "REINDEX TABLE ideas",
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON users USING (true)",
    "CREATE RULE mine AS ON SELECT TO ideas DO INSTEAD SELECT 1",
    "CREATE STATISTICS mine ON id, title FROM ideas",
    # The console's own tables.
    "INSERT INTO greenroom.staff (login, user_id, display_name) VALUES ('x', gen_random_uuid(), 'x')",
    "UPDATE greenroom.staff SET claim_cap = 1000",
    "UPDATE greenroom.claims SET holder = session_user",
    "UPDATE greenroom.verbs SET rank = 1",
    "UPDATE greenroom.settings SET lease = '1 year'",
    "INSERT INTO greenroom.policies VALUES ('mine', 1, 'Mine', 'Mine', 1, '')",
    "INSERT INTO greenroom.decisions VALUES (gen_random_uuid(), 'max', 'scenes.ideas', 'approve')",
    "UPDATE greenroom.decisions SET login = 'max'",
    "INSERT INTO greenroom.audit (at, login, action) VALUES (now(), 'max', 'x')",
    "UPDATE greenroom.audit SET login = 'max'",
    "DELETE FROM greenroom.audit",
    "TRUNCATE greenroom.audit",
    "SELECT nextval('greenroom.audit_audit_id_seq')",
    "DELETE FROM greenroom.evidence",
    "SELECT payload FROM greenroom.outbox",
    "SELECT before FROM greenroom.decision_changes",
    # Functions that only other functions may call.
    "SELECT greenroom.platform_write('ideas', gen_random_uuid(), NULL, '{}', NULL)",
    "SELECT greenroom.platform_lock('idea', gen_random_uuid(), NULL, false)",
    "SELECT greenroom.platform_effect(gen_random_uuid(), 'promote_topic', 'user_topic', gen_random_uuid(),"
    " NULL, gen_random_uuid(), now())",
    "SELECT greenroom.platform_uncreate('topics', gen_random_uuid(), '{}')",
    "SELECT greenroom.platform_write_flags(gen_random_uuid(), '{}', false)",
    "SELECT greenroom.take('idea', gen_random_uuid(), NULL, true)",
    "SELECT greenroom.settle(gen_random_uuid(), 'idea', gen_random_uuid(), '{}', '{}')",
    "SELECT greenroom.refuse('GR001', '', '', '')",
    "SELECT greenroom.mend()",
    "SELECT greenroom.recount_flags('idea', gen_random_uuid())",
    # Roles.
    "SET ROLE greenroom_owner",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION max",
    "SET SESSION AUTHORIZATION postgres",
    "GRANT greenroom_admin TO rey",
    "GRANT greenroom_owner TO mia",
    "CREATE ROLE friend LOGIN",
    "ALTER ROLE max PASSWORD 'mine'",
    "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "ALTER ROLE max SET search_path = pg_temp",
    "SET session_replication_role = replica",
    "SET plpgsql.variable_conflict = 'use_column'",
    # Places where something could be shadowed.
    "CREATE TABLE public.claims (kind text)",
    "CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "CREATE SCHEMA mine",
    "CREATE TEMP TABLE claims (kind text)",
    "CREATE TEMP VIEW claims AS SELECT 1",
    "SELECT 1 AS kind INTO TEMP claims",
    "CREATE TYPE public.claims AS (kind text)",
    "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "CREATE CAST (jsonb AS bytea) WITH INOUT",
    "CREATE EXTENSION vector",
    "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION public.count_likes()",
    "CREATE PUBLICATION mine FOR TABLE users",
    "CREATE SUBSCRIPTION mine CONNECTION 'host=x' PUBLICATION p",
    "CREATE FOREIGN DATA WRAPPER mine",
    "CREATE DATABASE mine",
    "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION greenroom.rank() RETURNS integer LANGUAGE sql AS 'SELECT 3'",
    "ALTER FUNCTION greenroom.rank() OWNER TO CURRENT_USER",
    # What would fill memory that all sessions share, or reach the machine.
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock_shared(1, 2)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/mine'",
    "ALTER SYSTEM SET max_connections = 1",
    "SELECT pg_reload_conf()",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_put(1, 0, 'x')",
    "SELECT pg_create_physical_replication_slot('mine')",
    "SELECT pg_create_restore_point('mine')",
    "SELECT pg_switch_wal()",
    "SELECT pg_backup_start('mine')",
    "SELECT pg_stat_reset()",
    "SELECT pg_rotate_logfile()",
    "SET log_statement = 'none'",
    "SET log_min_messages = 'panic'",
    "CREATE TABLESPACE mine LOCATION '/tmp'",
)


def state(connection: Any, statement: str) -> str | None:
    """The SQLSTATE that a statement ends with; None where it is let through."""
    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None


@pytest.mark.parametrize("login", STAFF)
def test_staff_cannot(closed: Database, login: str) -> None:
    content = add_content(closed)
    with closed.connect() as platform:
        add_flag(platform, "idea", content.idea)
    with closed.connect(login) as connection:
        answers = {statement: state(connection, statement) for statement in FORBIDDEN}
    assert {statement: code for statement, code in answers.items() if code != "42501"} == {}


@pytest.mark.parametrize("login", STAFF)
def test_staff_do_not_hold_up_or_promote_a_standby(closed: Database, login: str) -> None:
    wait_for_replay(closed.cluster)
    with closed.connect(login, replica=True) as connection:
        for statement in (
            "SELECT pg_wal_replay_pause()",
            "SELECT pg_promote()",
            "SELECT password_hash FROM users",
            "SELECT token FROM greenroom.claims",
        ):
            assert state(connection, statement) == "42501", statement


def test_statistics_and_sessions_of_others_tell_staff_nothing(closed: Database) -> None:
    content = add_content(closed)
    with closed.connect() as owner, closed.connect("max") as max_, closed.connect("mia") as mia:
        owner.execute("ANALYZE users")
        claim(max_, "idea", content.idea)
        query = "SELECT attname::text FROM pg_stats WHERE tablename = 'users'"
        seen = {row[0] for row in mia.execute(query)}
        assert "username" in seen
        assert seen.isdisjoint({"password_hash", "email"})
        said = mia.execute(
            "SELECT DISTINCT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        ).fetchall()
        assert {str(row[0]) for row in said} <= {"<insufficient privilege>", ""}


def test_a_trigger_function_of_the_platform_cannot_be_hung_on_a_table_of_ones_own(closed: Database) -> None:
    """They run as the tables' owner, on whatever rows the table they hang on has."""
    content = add_content(closed)
    with closed.connect() as owner:
        owner.execute(f'GRANT TEMP ON DATABASE "{closed.name}" TO mia'.encode())
        functions = [
            row[0]
            for row in owner.execute(
                "SELECT oid::regprocedure::text FROM pg_proc WHERE prorettype = 'trigger'::regtype"
                " AND pronamespace IN ('public'::regnamespace, 'greenroom'::regnamespace)"
            )
        ]
    assert "count_likes()" in functions
    with closed.connect("mia") as mia:
        mia.execute("CREATE TEMP TABLE mine (target_type text, target_id uuid)")
        for function in functions:
            hang = "CREATE TRIGGER mine AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows"
            assert state(mia, f"{hang} EXECUTE FUNCTION {function}") == "42501", function
        mia.execute("INSERT INTO mine SELECT 'idea', %s FROM generate_series(1, 1000)", [content.idea])
    with closed.connect() as owner:
        assert one(owner, "SELECT like_count FROM ideas WHERE id = %s", content.idea) == 0


def test_what_only_higher_ranks_may(closed: Database) -> None:
    may = {
        "SELECT email FROM users": {"ada"},
        "SELECT action FROM greenroom.audit": {"ada"},
        "SELECT greenroom.reconcile()": {"ada"},
        "SELECT content FROM greenroom.evidence": {"ada", "mia"},
        "SELECT title FROM ideas": {"ada", "mia", "rey"},
        "SELECT note FROM greenroom.decisions": {"ada", "mia", "rey"},
    }
    for login in STAFF:
        with closed.connect(login) as connection:
            assert {query: state(connection, query) for query in may} == {
                query: None if login in who else "42501" for query, who in may.items()
            }


def test_a_prepared_transaction_cannot_outlive_its_session(closed: Database) -> None:
    with closed.connect("mia") as mia:
        mia.execute("BEGIN")
        mia.execute("SELECT greenroom.me()")
        assert state(mia, "PREPARE TRANSACTION 'forever'") == "55000"


def test_the_password_is_a_scram_verifier_and_is_asked_for(closed: Database) -> None:
    with closed.connect() as owner:
        verifiers = owner.execute("SELECT rolpassword FROM pg_authid WHERE rolname = ANY (%s)", [list(STAFF)])
        assert [str(row[0])[:14] for row in verifiers] == ["SCRAM-SHA-256$"] * 3
    for password in ("rey-password", ""):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(closed.primary, user="mia", password=password)


def test_a_login_takes_no_more_than_its_connections(closed: Database) -> None:
    with ExitStack() as held:
        for _ in range(8):
            held.enter_context(closed.connect("mia"))
        with pytest.raises(psycopg.OperationalError, match="too many connections"):
            closed.connect("mia")
        with closed.connect("max") as another:
            assert one(another, "SELECT greenroom.me() ->> 'login'") == "max"


def test_staff_end_only_their_own_sessions(closed: Database) -> None:
    with closed.connect() as platform, closed.connect("max") as colleague, closed.connect("mia") as mia:
        for other in (platform, colleague):
            for function in ("pg_terminate_backend", "pg_cancel_backend"):
                assert state(mia, f"SELECT {function}({other.info.backend_pid})") == "42501"


def refused(call: Any, *arguments: Any, **named: Any) -> str | None:
    with pytest.raises(psycopg.Error) as error:
        call(*arguments, **named)
    return error.value.sqlstate


def test_a_token_cannot_be_forged_guessed_or_used_by_another(closed: Database) -> None:
    content, other = add_content(closed), add_content(closed)
    with closed.connect("mia") as mia, closed.connect("max") as thief, closed.connect("ada") as admin:
        held = claim(mia, "idea", content.idea)
        own = claim(thief, "idea", other.idea)
        for forger in (thief, admin):
            for token in (held["token"], own["token"], str(uuid4()), None):
                assert (
                    refused(decide, forger, "scenes.ideas", "approve", [item(held) | {"token": token}])
                    == "GR005"
                )
        # A live token of one's own opens no other subject.
        thief.execute("SELECT greenroom.release(%s)", [[held["token"]]])
        assert one(thief, "SELECT greenroom.renew(%s)", [held["token"]]) == []
        assert refused(claim, thief, "idea", content.idea) == "GR005"
        decide(mia, "scenes.ideas", "approve", [item(held)])
        assert (
            refused(decide, mia, "scenes.ideas", "approve", [item(held) | {"token": own["token"]}]) == "GR004"
        )


def test_a_claim_opens_nothing_but_its_own_subject(closed: Database) -> None:
    """Neither another kind of the same id, nor the flags of somebody else's subject, nor another month."""
    content, other = add_content(closed), add_content(closed)
    with closed.connect() as platform, closed.connect("mia") as mia, closed.connect("max") as colleague:
        flags = [str(add_flag(platform, "idea", each.idea)) for each in (content, other)]
        held, foreign = claim(mia, "idea", content.idea), claim(colleague, "idea", other.idea)
        for forged in (
            item(held) | {"kind": "scene"},
            item(held) | {"kind": "scene", "id": str(content.scene)},
            item(held) | {"id": foreign["id"], "version": foreign["version"]},
        ):
            scope = "scenes.scene" if forged["kind"] == "scene" else "scenes.idea"
            assert refused(decide, mia, scope, "hide", [forged], policy="spam") in {
                "GR003",
                "GR004",
                "GR005",
                "GR009",
            }
        assert refused(decide, mia, "scenes.flags", "dismiss", [item(held, flags=flags)]) == "GR007"
        segment = claim(mia, "segment", content.segment, content.segment_created_at)
        moved = item(segment) | {"partition_key": "2020-01-01T00:00:00+00:00"}
        assert refused(decide, mia, "scenes.segments", "pass", [moved]) in {"GR004", "GR009"}
        assert one(platform, "SELECT count(*) FROM moderation_flags WHERE status <> 'pending'") == 0
        assert one(platform, "SELECT count(*) FROM greenroom.decisions") == 0


def test_nobody_decides_in_somebody_elses_name(closed: Database) -> None:
    content = add_content(closed)
    with closed.connect("mia") as mia:
        mia.execute("SET ROLE greenroom_reviewer")
        mia.execute("SET application_name = 'max'")
        held = claim(mia, "idea", content.idea)
        made = decide(mia, "scenes.ideas", "approve", [item(held)])
        assert (
            one(mia, "SELECT login FROM greenroom.decisions WHERE decision_id = %s", made["decision_id"])
            == "mia"
        )
    with closed.connect("rey") as rey:
        assert refused(undo, rey, made["decision_id"]) == "GR002"
    with closed.connect() as owner:
        owner.execute("UPDATE greenroom.staff SET active = false WHERE login = 'mia'")
        with closed.connect("mia") as mia:
            assert refused(claim, mia, "idea", content.idea) == "GR001"
            assert refused(mia.execute, "SELECT greenroom.me()") == "GR001"
        # The superuser is no member of staff either.
        assert refused(claim, owner, "idea", content.idea) == "GR001"


def test_temporary_objects_shadow_nothing(closed: Database) -> None:
    """As if TEMP had been given back: even then the functions look into the temporary schema last."""
    content = add_content(closed)
    with closed.connect() as owner:
        owner.execute(f'GRANT TEMP ON DATABASE "{closed.name}" TO mia'.encode())
    with closed.connect("mia") as mia:
        for name, columns in (
            ("staff", "login name, user_id uuid, display_name text, claim_cap int, active boolean"),
            ("claims", "kind text, id uuid, holder name, token uuid, expires_at timestamptz"),
            ("verbs", "scope text, verb text, rank int"),
            ("ideas", "id uuid, status text, moderation_status text"),
            ("audit", "login name"),
        ):
            mia.execute(f"CREATE TEMP TABLE {name} ({columns})".encode())
        for function in (
            "clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT ''-infinity''::timestamptz'",
            "pg_has_role(name, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        ):
            mia.execute(f"CREATE FUNCTION pg_temp.{function}".encode())
        mia.execute("SET search_path = pg_temp, greenroom, public, pg_catalog")
        held = claim(mia, "idea", content.idea)
        made = decide(mia, "scenes.ideas", "approve", [item(held)])
        with pytest.raises(psycopg.Error) as error:
            mia.execute(
                "SELECT greenroom.decide(%s, 'scenes.user_topics', 'promote', NULL, NULL, %s, '[]', '')",
                [uuid4(), Jsonb([item(held)])],
            )
        assert error.value.sqlstate == "GR002"
        shadows = "SELECT (SELECT count(*) FROM pg_temp.claims) + (SELECT count(*) FROM pg_temp.audit)"
        assert one(mia, shadows) == 0
    with closed.connect() as owner:
        assert one(owner, "SELECT moderation_status FROM ideas WHERE id = %s", content.idea) == "approved"
        assert (
            one(owner, "SELECT count(*) FROM greenroom.audit WHERE decision_id = %s", made["decision_id"])
            == 1
        )


def test_create_in_the_platforms_schema_is_taken_from_everyone(closed: Database) -> None:
    """A better-matching overload of a built-in function there would run as the owner."""
    with closed.connect() as owner:
        owner.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        with closed.connect("mia") as mia:
            assert state(mia, "CREATE TABLE public.before_attach (id int)") is None
        owner.execute("DROP TABLE public.before_attach")
    with closed.engine() as engine:
        attach(engine, SCENES)
    with closed.connect("mia") as mia:
        assert state(mia, "CREATE TABLE public.after_attach (id int)") == "42501"


def test_an_audit_row_stays_even_under_the_owners_hand(closed: Database) -> None:
    content = add_content(closed)
    with closed.connect("mia") as mia:
        decide(mia, "scenes.ideas", "approve", [item(claim(mia, "idea", content.idea))])
    with closed.connect() as owner:
        for role in ("postgres", "greenroom_owner"):
            owner.execute(f"SET ROLE {role}".encode())
            for act in ("UPDATE greenroom.audit SET login = 'x'", "DELETE FROM greenroom.audit",
                        "TRUNCATE greenroom.audit"):  # fmt: skip
                assert state(owner, act) == "P0001"
        owner.execute("RESET ROLE")
        assert one(owner, "SELECT count(*) FROM greenroom.audit") == 1


def test_a_failed_constraint_shows_no_secret(closed: Database) -> None:
    content = add_content(closed)
    with closed.connect() as owner:
        owner.execute(
            "INSERT INTO greenroom.verbs SELECT 'scenes.idea', 'break', 'Break', '', 1, 'none', '{idea}',"
            ' \'[{"relation": "content", "values": {"status": "nonsense"}}]\', NULL, true, false'
        )
        owner.execute("UPDATE users SET email = 'hidden@example.org' WHERE id = %s", [content.author])
    with closed.connect("rey") as rey:
        held = claim(rey, "idea", content.idea)
        with pytest.raises(psycopg.errors.CheckViolation) as error:
            decide(rey, "scenes.idea", "break", [item(held)])
    told = f"{error.value} {error.value.diag.message_detail} {error.value.diag.context}"
    assert "hash" not in told
    assert "hidden@example.org" not in told
    with closed.connect() as owner:
        owner.execute("SET ROLE greenroom_owner")
        assert state(owner, "UPDATE users SET email = NULL") == "42501"


def printed(value: bytes) -> str:
    """Bytes as the server prints the constants of a plan."""
    return " ".join(str(byte - 256 if byte > 127 else byte) for byte in value)


def test_printed_plans_show_no_secret(closed: Database) -> None:
    content = add_content(closed)
    with closed.connect("max") as holder, closed.connect("mia") as mia:
        held = claim(holder, "idea", content.idea)
        told: list[str] = []
        mia.add_notice_handler(lambda diag: told.append(f"{diag.message_primary} {diag.message_detail}"))
        mia.execute("SET debug_print_plan = on")
        mia.execute("SET debug_pretty_print = off")  # it breaks lines within numbers
        mia.execute("SET client_min_messages = log")
        for _ in range(7):  # the plan changes from custom to generic after five
            assert refused(claim, mia, "idea", content.idea) == "GR005"
            mine = item(held) | {"token": str(uuid4())}
            assert refused(decide, mia, "scenes.ideas", "approve", [mine]) == "GR005"
            mia.execute(
                "SELECT greenroom.claim_next('scenes.ideas', %s)", [Jsonb([item(held) | {"token": None}])]
            )
        # A constant that is surely printed: plans inside the functions may hold parameters in its place.
        mia.execute(f"SELECT FROM ideas WHERE id = '{content.idea}'".encode())
    text = " ".join("\n".join(told).split())  # the server wraps long lines at spaces
    assert text.count("PLANNEDSTMT") > 50, "the plans of the functions were not printed"
    assert printed(content.idea.bytes) in text, "constants look otherwise: the test would see nothing"
    token = UUID(held["token"])
    for form in (token.bytes, str(token).encode(), b"secret-hash"):
        assert printed(form) not in text
        assert form.decode("latin-1") not in text

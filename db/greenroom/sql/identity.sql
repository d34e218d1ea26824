-- Who is calling, refusals, and positions. session_user is the person; current_user is the owner in here.

CREATE OR REPLACE FUNCTION greenroom.refuse(code text, rule text, message text, remedy text, detail jsonb DEFAULT '{}')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, HINT = remedy,
        DETAIL = (detail || jsonb_build_object('rule', rule))::text;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.rank() RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN pg_has_role(session_user, 'greenroom_admin', 'MEMBER') THEN 3
        WHEN pg_has_role(session_user, 'greenroom_moderator', 'MEMBER') THEN 2
        WHEN pg_has_role(session_user, 'greenroom_reviewer', 'MEMBER') THEN 1
        ELSE 0
    END
$$;

-- The staff row of the person, or a refusal.
CREATE OR REPLACE FUNCTION greenroom.signed_in() RETURNS greenroom.staff LANGUAGE plpgsql STABLE AS $$
DECLARE
    person greenroom.staff;
BEGIN
    SELECT * INTO person FROM greenroom.staff AS s WHERE s.login = session_user AND s.active;
    IF NOT FOUND OR greenroom.rank() = 0 THEN
        PERFORM greenroom.refuse('GR001', 'not_staff', format('%s is not a member of staff here', session_user),
            'An admin can add the login: greenroom staff grant.');
    END IF;
    RETURN person;
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.me() RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp AS $$
DECLARE
    person greenroom.staff := greenroom.signed_in();
BEGIN
    RETURN jsonb_build_object('login', person.login, 'rank', greenroom.rank(),
        'role', (ARRAY['reviewer', 'moderator', 'admin'])[greenroom.rank()],
        'user_id', person.user_id, 'display_name', person.display_name,
        'schema_version', (SELECT max(v.version) FROM greenroom.schema_version AS v),
        'minimum_client', (SELECT s.minimum_client FROM greenroom.settings AS s));
END;
$$;

-- How far this server is: written on the primary, replayed on a standby. The timeline of a primary is read off
-- the name of its WAL file, since the control file tells the old one for a while after a promotion.
CREATE OR REPLACE FUNCTION greenroom.position()
RETURNS TABLE (system_id text, timeline integer, lsn pg_lsn) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    system_id := (SELECT s.system_identifier::text FROM pg_control_system() AS s);
    IF pg_is_in_recovery() THEN
        timeline := coalesce(
            (SELECT r.received_tli FROM pg_stat_wal_receiver AS r),
            (SELECT c.timeline_id FROM pg_control_checkpoint() AS c));
        lsn := pg_last_wal_replay_lsn();
    ELSE
        timeline := ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer;
        lsn := pg_current_wal_insert_lsn();
    END IF;
    RETURN NEXT;
END;
$$;

-- A member of staff who keeps a transaction open keeps rows locked for the platform: such sessions are ended.
-- Every console calls this now and then, so it also mends the subjects that a trigger had to give up on, and prunes
-- the change log; rows that somebody else is pruning at this moment are left to them.
CREATE OR REPLACE FUNCTION greenroom.end_stale_sessions() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, pg_temp AS $$
BEGIN
    IF NOT pg_is_in_recovery() THEN
        PERFORM greenroom.mend();
        DELETE FROM greenroom.change_log AS l WHERE l.ctid = ANY (ARRAY(
            SELECT o.ctid FROM greenroom.change_log AS o WHERE o.at < clock_timestamp() - interval '2 hours'
            ORDER BY o.at LIMIT 10000 FOR UPDATE SKIP LOCKED));
    END IF;
    RETURN (
        SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid))
        FROM pg_stat_activity AS a
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
          AND a.usename IN (SELECT s.login FROM greenroom.staff AS s JOIN pg_roles AS r ON r.rolname = s.login
                            WHERE NOT r.rolsuper)
          AND a.xact_start < clock_timestamp() - (SELECT stale_transaction FROM greenroom.settings)
    );
END;
$$;

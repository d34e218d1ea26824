-- What admins see of the servers. Whose session it is and what stands in others' statements is told by the owner's
-- right to read statistics; the texts of running statements stay out, since they hold content and secrets.

CREATE OR REPLACE FUNCTION greenroom.server_replicas()
RETURNS TABLE (name text, address text, state text, sync_state text, behind_bytes bigint, behind_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, greenroom, pg_temp AS $$
    SELECT r.application_name, host(r.client_addr), r.state, r.sync_state,
        CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)::bigint END,
        extract(epoch FROM r.replay_lag)::double precision
    FROM pg_stat_replication AS r ORDER BY 1, 2
$$;

CREATE OR REPLACE FUNCTION greenroom.server_connections()
RETURNS TABLE (login text, state text, connections bigint, waiting_for_lock bigint, oldest_transaction timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, greenroom, pg_temp AS $$
    SELECT a.usename, coalesce(a.state, a.backend_type), count(*), count(*) FILTER (WHERE a.wait_event_type = 'Lock'),
        min(a.xact_start)
    FROM pg_stat_activity AS a
    WHERE a.datname = current_database()
    GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
$$;

-- Nothing where the extension is missing. Only statements whose constants the extension has taken out: it keeps
-- others, such as CREATE ROLE with its password, as they were typed.
CREATE OR REPLACE FUNCTION greenroom.server_statements()
RETURNS TABLE (statement text, calls bigint, mean_ms double precision, total_ms double precision, lines bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, greenroom, public, pg_temp AS $$
BEGIN
    IF to_regclass('pg_stat_statements') IS NOT NULL THEN
        RETURN QUERY SELECT left(s.query, 2000), s.calls, s.mean_exec_time, s.total_exec_time, s.rows
        FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
        WHERE d.datname = current_database() AND s.query ~* '^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE)\M'
        ORDER BY s.total_exec_time DESC LIMIT 100;
    END IF;
END;
$$;

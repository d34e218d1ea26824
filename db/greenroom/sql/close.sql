-- The owner of the functions may see and end stale staff sessions.
GRANT pg_read_all_stats, pg_signal_backend TO greenroom_owner;
-- Sealing takes one advisory lock.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_try_advisory_xact_lock(bigint) TO greenroom_owner;

-- What a hostile login could fill the server or shadow a function with is taken from PUBLIC and given to the roles
-- of the platform: those that may sign in now and are not staff. Advisory locks and large objects fill tables that
-- all sessions share; temporary tables, and objects in the platform's schema, can shadow.
DO $$
DECLARE
    platform_roles name[] := ARRAY(
        SELECT r.rolname FROM pg_roles AS r
        WHERE r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolreplication
          AND NOT pg_has_role(r.oid, 'greenroom_reviewer', 'MEMBER')
          AND r.rolname NOT IN (SELECT s.login FROM greenroom.staff AS s));
    taken record;
    target text;
    given_to name;
BEGIN
    FOR taken IN
        SELECT 'EXECUTE' AS privilege, 'FUNCTION ' || p.oid::regprocedure AS on_object
        FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname LIKE '%advisory%' OR p.proname ~ '^(lo_|loread$|lowrite$)')
          AND has_function_privilege('public', p.oid, 'EXECUTE')
        UNION ALL
        SELECT 'TEMP', 'DATABASE'  -- this one, whatever its name is later
        WHERE has_database_privilege('public', current_database(), 'TEMP')
        UNION ALL
        SELECT 'CREATE', 'SCHEMA public' WHERE has_schema_privilege('public', 'public', 'CREATE')
    LOOP
        target := CASE taken.on_object WHEN 'DATABASE' THEN format('DATABASE %I', current_database())
                                       ELSE taken.on_object END;
        EXECUTE format('REVOKE %s ON %s FROM PUBLIC', taken.privilege, target);
        FOREACH given_to IN ARRAY platform_roles LOOP
            EXECUTE format('GRANT %s ON %s TO %I', taken.privilege, target, given_to);
        END LOOP;
        INSERT INTO greenroom.taken_from_public AS t (privilege, on_object, given_to)
        VALUES (taken.privilege, taken.on_object, platform_roles)
        ON CONFLICT (privilege, on_object) DO UPDATE SET given_to = t.given_to || excluded.given_to;
    END LOOP;
END;
$$;

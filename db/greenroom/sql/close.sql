-- The owner of the functions may see and end stale staff sessions.
GRANT pg_read_all_stats, pg_signal_backend TO greenroom_owner;

-- Advisory locks and large objects fill tables that all sessions share; temporary tables can shadow. They are
-- taken from PUBLIC and given to the roles of the platform, which exist now and are not staff.
DO $$
DECLARE
    dangerous regprocedure;
    platform_role text;
BEGIN
    FOR dangerous IN
        SELECT p.oid FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname LIKE '%advisory%' OR p.proname ~ '^(lo_|loread$|lowrite$)')
          AND has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', dangerous);
        FOR platform_role IN
            SELECT r.rolname FROM pg_roles AS r
            WHERE r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolreplication
              AND NOT pg_has_role(r.oid, 'greenroom_reviewer', 'MEMBER')
        LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', dangerous, platform_role);
        END LOOP;
    END LOOP;
    IF has_database_privilege('public', current_database(), 'TEMP') THEN
        EXECUTE format('REVOKE TEMP ON DATABASE %I FROM PUBLIC', current_database());
        FOR platform_role IN
            SELECT r.rolname FROM pg_roles AS r
            WHERE r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolreplication
              AND NOT pg_has_role(r.oid, 'greenroom_reviewer', 'MEMBER')
        LOOP
            EXECUTE format('GRANT TEMP ON DATABASE %I TO %I', current_database(), platform_role);
        END LOOP;
    END IF;
END;
$$;

-- Roles are shared by the databases of a server: they go when no database needs them any more.
DO $$
DECLARE
    gone text;
BEGIN
    FOREACH gone IN ARRAY ARRAY['greenroom_admin', 'greenroom_moderator', 'greenroom_reviewer', 'greenroom_owner'] LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM pg_roles WHERE rolname = gone);
        EXECUTE format('DROP OWNED BY %I', gone);
        BEGIN
            EXECUTE format('DROP ROLE %I', gone);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            RAISE NOTICE 'role % is still used by another database', gone;
        END;
    END LOOP;
    -- What it owned went with the schema; what it granted are memberships in the groups, also other databases'.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'greenroom_staffing') THEN
        BEGIN
            DROP ROLE greenroom_staffing;
        EXCEPTION WHEN dependent_objects_still_exist THEN
            RAISE NOTICE 'role greenroom_staffing is still used by another database';
        END;
    END IF;
END;
$$;

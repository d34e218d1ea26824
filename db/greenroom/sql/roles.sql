DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['greenroom_owner', 'greenroom_reviewer', 'greenroom_moderator', 'greenroom_admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
    -- Makes logins, in two functions of its own, and nothing else.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'greenroom_staffing') THEN
        CREATE ROLE greenroom_staffing NOLOGIN;
    END IF;
    ALTER ROLE greenroom_staffing CREATEROLE;
END;
$$;
-- Each rank includes the one below.
GRANT greenroom_reviewer TO greenroom_moderator;
GRANT greenroom_moderator TO greenroom_admin;
GRANT greenroom_reviewer, greenroom_moderator, greenroom_admin TO greenroom_staffing WITH ADMIN OPTION;

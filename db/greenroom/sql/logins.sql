-- The two functions that touch the server's roles. They belong to greenroom_staffing, which may make roles and owns
-- nothing else; only the functions of staff.sql and the database's owner may call them. Statements about roles take no
-- parameters, so that these alone are put together, with every part quoted.

-- A login with its password's SCRAM verifier (null keeps the one it has), its limits and its one group.
CREATE OR REPLACE FUNCTION greenroom.lay_login(p_login text, p_rank integer, p_verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    groups text[] := ARRAY['greenroom_reviewer', 'greenroom_moderator', 'greenroom_admin'];
    setting record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = p_login) THEN
        EXECUTE format('CREATE ROLE %I', p_login);
    END IF;
    -- Two windows, and not the whole server.
    EXECUTE format('ALTER ROLE %I LOGIN INHERIT CONNECTION LIMIT 8', p_login);
    -- The console asks for these itself where it can; behind a transaction pooler only the role carries them.
    FOR setting IN VALUES ('statement_timeout', '15s'), ('lock_timeout', '3s'),
                          ('idle_in_transaction_session_timeout', '10s') LOOP
        EXECUTE format('ALTER ROLE %I SET %I = %L', p_login, setting.column1, setting.column2);
    END LOOP;
    IF p_verifier IS NOT NULL THEN
        EXECUTE format('ALTER ROLE %I PASSWORD %L', p_login, p_verifier);
    END IF;
    FOR place IN 1..3 LOOP
        IF place = p_rank THEN
            EXECUTE format('GRANT %I TO %I', groups[place], p_login);
        ELSIF EXISTS (SELECT FROM pg_auth_members AS m
                      WHERE m.member::regrole = format('%I', p_login)::regrole
                        AND m.roleid::regrole = groups[place]::regrole) THEN
            EXECUTE format('REVOKE %I FROM %I', groups[place], p_login);
        END IF;
    END LOOP;
END;
$$;

-- The login can no longer sign in, has no password and is in no group of staff.
CREATE OR REPLACE FUNCTION greenroom.close_login(p_login text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held text;
BEGIN
    EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', p_login);
    FOR held IN SELECT DISTINCT r.rolname FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.roleid
                WHERE m.member::regrole = format('%I', p_login)::regrole
                  AND r.rolname IN ('greenroom_reviewer', 'greenroom_moderator', 'greenroom_admin') LOOP
        EXECUTE format('REVOKE %I FROM %I', held, p_login);
    END LOOP;
END;
$$;

-- Everything in the schema belongs to a role that nobody can sign in as and that can do little outside it.
DO $$
DECLARE
    made record;
BEGIN
    ALTER SCHEMA greenroom OWNER TO greenroom_owner;
    FOR made IN SELECT c.oid::regclass AS name FROM pg_class AS c
                WHERE c.relnamespace = 'greenroom'::regnamespace AND c.relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO greenroom_owner', made.name);
    END LOOP;
    FOR made IN SELECT p.oid::regprocedure AS name FROM pg_proc AS p
                WHERE p.pronamespace = 'greenroom'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO greenroom_owner', made.name);
    END LOOP;
    -- But for the two that make logins. A new owner has to be allowed to make things in the schema for this moment.
    GRANT CREATE, USAGE ON SCHEMA greenroom TO greenroom_staffing;
    ALTER FUNCTION greenroom.lay_login(text, integer, text) OWNER TO greenroom_staffing;
    ALTER FUNCTION greenroom.close_login(text) OWNER TO greenroom_staffing;
    REVOKE CREATE ON SCHEMA greenroom FROM greenroom_staffing;
END;
$$;

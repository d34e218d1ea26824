-- Gives back to PUBLIC what attach took, and takes from the platform's roles what they held instead.
DO $$
DECLARE
    taken record;
    target text;
    given name;
BEGIN
    FOR taken IN SELECT t.privilege, t.on_object, t.given_to FROM greenroom.taken_from_public AS t LOOP
        target := CASE taken.on_object WHEN 'DATABASE' THEN format('DATABASE %I', current_database())
                                       ELSE taken.on_object END;
        EXECUTE format('GRANT %s ON %s TO PUBLIC', taken.privilege, target);
        FOREACH given IN ARRAY taken.given_to LOOP
            CONTINUE WHEN NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = given);
            EXECUTE format('REVOKE %s ON %s FROM %I', taken.privilege, target, given);
        END LOOP;
    END LOOP;
END;
$$;

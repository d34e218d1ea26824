-- For admins: logins of staff, and the two-person rule for making an admin. Nobody raises themselves, nobody grants what
-- they asked for, and an admin's password is not set by another: whoever could, could sign in as them and grant.

-- Whether a login is in the group of admins.
CREATE OR REPLACE FUNCTION greenroom.is_admin(p_login name) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT pg_has_role(r.oid, 'greenroom_admin', 'MEMBER') FROM pg_roles AS r
                     WHERE r.rolname = p_login), false)
$$;

-- Whoever changes staff: an admin, one after the other. True where this work has been done already.
CREATE OR REPLACE FUNCTION greenroom.staffing_done(p_id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM greenroom.signed_in();
    IF greenroom.rank() < 3 THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Staff is changed by admins', 'Ask somebody of that role.');
    END IF;
    IF p_id IS NULL THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A change of staff has an id', '');
    END IF;
    PERFORM 1 FROM greenroom.settings AS s FOR NO KEY UPDATE;
    RETURN EXISTS (SELECT FROM greenroom.audit AS a WHERE a.decision_id = p_id AND a.login = session_user);
END;
$$;

-- Gives a login its rank, and checks that it has no other: a group that the database's owner put it into by hand is
-- not this function's to take away.
CREATE OR REPLACE FUNCTION greenroom.place_login(p_login text, p_rank integer, p_verifier text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM greenroom.lay_login(p_login, p_rank, p_verifier);
    IF p_rank < 3 AND pg_has_role(p_login, CASE p_rank WHEN 1 THEN 'greenroom_moderator' ELSE 'greenroom_admin' END, 'MEMBER') THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('%s was put into a higher group by hand', p_login),
            'The owner of the database grants it anew: greenroom staff grant.');
    END IF;
END;
$$;

-- Makes a reviewer's or moderator's login, or changes one: p_verifier is the SCRAM verifier of a new password.
CREATE OR REPLACE FUNCTION greenroom.grant_login(
    p_id uuid, p_login text, p_rank integer, p_user_id uuid, p_verifier text, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    known greenroom.staff;
    called text := greenroom.platform_person(p_user_id);
BEGIN
    IF greenroom.staffing_done(p_id) THEN
        RETURN jsonb_build_object('repeated', true);
    END IF;
    IF p_login IS NULL OR p_login !~ '^[a-z][a-z0-9_.-]{0,62}$' OR p_login ~ '^(pg_|greenroom_)' THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A login is of small letters, digits, dots, hyphens and underscores, 63 at most', '');
    END IF;
    IF p_verifier IS NOT NULL AND p_verifier
       !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/]{16,}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A password comes as its SCRAM verifier alone', '');
    END IF;
    IF called IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'The platform has no such account', '');
    END IF;
    IF p_rank = 3 THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Making an admin takes two',
            'Make the login a moderator''s first, then ask; another admin grants it.');
    END IF;
    IF p_rank IS NULL OR p_rank NOT IN (1, 2) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A login is a reviewer''s or a moderator''s', '');
    END IF;
    IF p_login = session_user THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Nobody changes their own login', 'Another admin can.');
    END IF;
    SELECT * INTO known FROM greenroom.staff AS s WHERE s.login = p_login;
    IF known.login IS NULL AND EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = p_login) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('The server has a login %s that is no staff', p_login),
            'Choose another name.');
    END IF;
    IF known.login IS NOT NULL AND greenroom.is_admin(p_login) AND p_verifier IS NOT NULL THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'An admin''s password is not set by another admin',
            'The owner of the database can: greenroom staff grant.');
    END IF;
    IF known.login IS NOT NULL AND known.user_id <> p_user_id THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('%s belongs to another person', p_login),
            'Make them a login of their own.');
    END IF;
    IF p_verifier IS NULL AND (known.login IS NULL OR NOT known.active) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A new login needs a password', '');
    END IF;
    PERFORM greenroom.place_login(p_login, p_rank, p_verifier);
    INSERT INTO greenroom.staff (login, user_id, display_name) VALUES (p_login, p_user_id, called)
    ON CONFLICT (login) DO UPDATE SET active = true;
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
    VALUES (clock_timestamp(), session_user, 'staff.grant', p_id, 'user', p_user_id, jsonb_build_object('login', p_login,
        'role', (ARRAY['reviewer', 'moderator'])[p_rank], 'password', p_verifier IS NOT NULL), left(p_client, 100));
    RETURN jsonb_build_object('repeated', false);
END;
$$;

-- Ends a login: it cannot sign in, its sessions are ended, what it held is free. What it decided stays.
CREATE OR REPLACE FUNCTION greenroom.revoke_login(p_id uuid, p_login text, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    known greenroom.staff;
    ended integer;
BEGIN
    IF greenroom.staffing_done(p_id) THEN
        RETURN jsonb_build_object('repeated', true);
    END IF;
    IF p_login = session_user THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Nobody revokes their own login', 'Another admin can.');
    END IF;
    SELECT * INTO known FROM greenroom.staff AS s WHERE s.login = p_login AND s.active;
    IF known.login IS NULL OR EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = p_login AND r.rolsuper) THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('%s is not a member of staff', p_login), '');
    END IF;
    PERFORM greenroom.close_login(p_login);
    UPDATE greenroom.staff AS s SET active = false WHERE s.login = p_login;
    WITH given AS (
        UPDATE greenroom.claims AS c SET holder = NULL, token = NULL, expires_at = '-infinity'
        WHERE c.holder = p_login RETURNING c.kind, c.id, c.partition_key
    )
    INSERT INTO greenroom.change_log (kind, id, partition_key, event)
    SELECT g.kind, g.id, g.partition_key, 'released' FROM given AS g;
    UPDATE greenroom.admin_requests AS r SET answered_by = session_user, answered_at = clock_timestamp(), granted = false
    WHERE r.answered_at IS NULL AND (r.login = p_login OR r.asked_by = p_login);
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
    VALUES (clock_timestamp(), session_user, 'staff.revoke', p_id, 'user', known.user_id,
        jsonb_build_object('login', p_login), left(p_client, 100));
    BEGIN
        SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) INTO ended FROM pg_stat_activity AS a
        WHERE a.usename = p_login AND a.pid <> pg_backend_pid();
    EXCEPTION WHEN insufficient_privilege THEN
        -- Attached without a superuser: its functions refuse it all the same.
        ended := NULL;
    END;
    RETURN jsonb_build_object('repeated', false, 'ended', ended);
END;
$$;

-- The first of the two: asks for an active login to be made an admin's.
CREATE OR REPLACE FUNCTION greenroom.ask_admin(p_id uuid, p_login text, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    known greenroom.staff;
BEGIN
    IF greenroom.staffing_done(p_id) THEN
        RETURN jsonb_build_object('repeated', true);
    END IF;
    SELECT * INTO known FROM greenroom.staff AS s WHERE s.login = p_login AND s.active;
    IF known.login IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('%s is not a member of staff', p_login), '');
    END IF;
    IF greenroom.is_admin(p_login) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('%s is an admin already', p_login), '');
    END IF;
    INSERT INTO greenroom.admin_requests (request_id, login, asked_by, asked_at)
    VALUES (p_id, p_login, session_user, clock_timestamp())
    ON CONFLICT (login) WHERE answered_at IS NULL DO NOTHING;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'This has been asked for already', 'Another admin can grant it.');
    END IF;
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
    VALUES (clock_timestamp(), session_user, 'staff.ask_admin', p_id, 'user', known.user_id,
        jsonb_build_object('login', p_login), left(p_client, 100));
    RETURN jsonb_build_object('repeated', false);
END;
$$;

-- The second of the two: grants or declines. Whoever asked may take it back, but not grant it.
CREATE OR REPLACE FUNCTION greenroom.answer_admin(p_id uuid, p_request_id uuid, p_granted boolean, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    person greenroom.staff := greenroom.signed_in();
    asked greenroom.admin_requests;
    asker greenroom.staff;
    account uuid;
BEGIN
    IF greenroom.staffing_done(p_id) THEN
        RETURN jsonb_build_object('repeated', true);
    END IF;
    IF p_granted IS NULL THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'It is granted or declined', '');
    END IF;
    SELECT * INTO asked FROM greenroom.admin_requests AS r WHERE r.request_id = p_request_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'There is no such request', '');
    END IF;
    IF asked.answered_at IS NOT NULL THEN
        PERFORM greenroom.refuse('GR003', 'stale', format('%s has answered this', asked.answered_by), '');
    END IF;
    account := coalesce(asked.user_id, (SELECT s.user_id FROM greenroom.staff AS s WHERE s.login = asked.login));
    IF p_granted THEN
        SELECT * INTO asker FROM greenroom.staff AS s WHERE s.login = asked.asked_by AND s.active;
        -- By person as well as by login: two logins of one person are not two people.
        IF asked.asked_by = session_user OR asker.user_id = person.user_id THEN
            PERFORM greenroom.refuse('GR002', 'not_permitted', 'Making an admin takes two: you asked for this',
                'Another admin can grant it.');
        END IF;
        IF account = person.user_id OR asked.login = session_user THEN
            PERFORM greenroom.refuse('GR002', 'not_permitted', 'Nobody makes themselves an admin', 'Another admin can grant it.');
        END IF;
        IF asker.login IS NULL OR NOT greenroom.is_admin(asked.asked_by)
           OR asked.asked_at < clock_timestamp() - interval '7 days' THEN
            PERFORM greenroom.refuse('GR003', 'stale', 'Whoever asked is no admin any more, or it is more than seven days ago',
                'Decline it, and ask anew.');
        END IF;
        IF asked.login IS NULL THEN
            PERFORM greenroom.platform_make_admin(p_id, asked.user_id);
        ELSE
            IF NOT EXISTS (SELECT FROM greenroom.staff AS s WHERE s.login = asked.login AND s.active) THEN
                PERFORM greenroom.refuse('GR003', 'stale', format('%s is not a member of staff any more', asked.login), '');
            END IF;
            PERFORM greenroom.place_login(asked.login, 3, NULL);
        END IF;
    END IF;
    UPDATE greenroom.admin_requests AS r
    SET answered_by = session_user, answered_at = clock_timestamp(), granted = p_granted WHERE r.request_id = p_request_id;
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
    VALUES (clock_timestamp(), session_user, CASE WHEN p_granted THEN 'staff.grant_admin' ELSE 'staff.decline_admin' END,
        p_id, 'user', account, jsonb_strip_nulls(jsonb_build_object('request', p_request_id, 'login', asked.login,
        'asked_by', asked.asked_by)), left(p_client, 100));
    RETURN jsonb_build_object('repeated', false);
END;
$$;

-- For admins: who is staff, with the group that the server has them in.
CREATE OR REPLACE FUNCTION greenroom.staff_list()
RETURNS TABLE (login name, user_id uuid, display_name text, active boolean, rank integer, sessions bigint, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, greenroom, pg_temp AS $$
BEGIN
    PERFORM greenroom.signed_in();
    RETURN QUERY
    SELECT s.login, s.user_id, s.display_name, s.active,
        CASE WHEN NOT s.active OR r.oid IS NULL THEN 0 WHEN pg_has_role(r.oid, 'greenroom_admin', 'MEMBER') THEN 3
             WHEN pg_has_role(r.oid, 'greenroom_moderator', 'MEMBER') THEN 2
             WHEN pg_has_role(r.oid, 'greenroom_reviewer', 'MEMBER') THEN 1 ELSE 0 END,
        (SELECT count(*) FROM pg_stat_activity AS a WHERE a.usename = s.login), s.created_at
    FROM greenroom.staff AS s LEFT JOIN pg_roles AS r ON r.rolname = s.login
    ORDER BY NOT s.active, s.login;
END;
$$;

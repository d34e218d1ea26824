-- Policies, what follows from breaking one, and whom a decision is told to.

-- A template with its {fields} filled in, in one pass: what a field holds is text, whatever it looks like.
CREATE OR REPLACE FUNCTION greenroom.fill_template(p_template text, p_fields jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(string_agg(coalesce(p_fields ->> substring(m.part[1] FROM '^\{([a-z_]+)\}$'), m.part[1]), ''
        ORDER BY m.place), '')
    FROM regexp_matches(p_template, '\{[a-z_]+\}|[^{]+|\{', 'g') WITH ORDINALITY AS m(part, place)
$$;

-- For admins. A policy is never changed: another version of it comes into force. Decisions keep the one they used.
CREATE OR REPLACE FUNCTION greenroom.save_policy(
    p_save_id uuid, p_key text, p_base_version integer, p_title text, p_family text, p_severity integer,
    p_help_text text, p_example text, p_dsa_category text, p_statement text, p_points integer, p_points_days integer,
    p_active boolean, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    latest integer;
    known jsonb;
    unknown text;
BEGIN
    PERFORM greenroom.signed_in();
    IF p_save_id IS NULL OR p_key IS NULL OR p_key !~ '^[a-z][a-z0-9_]{0,49}$' OR p_severity IS NULL
       OR p_severity NOT BETWEEN 1 AND 5 OR p_active IS NULL OR coalesce(trim(p_title), '') = ''
       OR coalesce(trim(p_family), '') = '' OR length(p_title) > 100 OR length(p_family) > 100
       OR p_help_text IS NULL OR length(p_help_text) > 10000 OR length(p_dsa_category) > 100 THEN
        PERFORM greenroom.refuse('GR007', 'invalid',
            'A policy has an id, a key of small letters, a title, a family, a severity of 1 to 5 and a help text', '');
    END IF;
    IF p_example IS NULL OR length(p_example) > 10000 OR coalesce(trim(p_statement), '') = '' OR length(p_statement) > 10000
       OR p_points IS NULL OR p_points NOT BETWEEN 0 AND 100 OR p_points_days IS NULL OR p_points_days NOT BETWEEN 1 AND 3650 THEN
        PERFORM greenroom.refuse('GR007', 'invalid',
            'A policy says what its author is told, and costs 0 to 100 points for 1 to 3,650 days', '');
    END IF;
    unknown := (SELECT m.field[1] FROM regexp_matches(p_statement, '\{([^{}]*)\}', 'g') AS m(field)
                WHERE m.field[1] <> ALL ('{kind,item,action,date,policy}') LIMIT 1);
    IF unknown IS NOT NULL THEN
        PERFORM greenroom.refuse('GR007', 'invalid', format('There is no field {%s}', unknown),
            'Use {kind}, {item}, {action}, {date} or {policy}.');
    END IF;
    -- Two sendings of one save, and two admins at one policy, meet at its newest version.
    SELECT p.version INTO latest FROM greenroom.policies AS p WHERE p.policy_key = p_key
    ORDER BY p.version DESC LIMIT 1 FOR UPDATE;
    SELECT a.changed INTO known FROM greenroom.audit AS a
    WHERE a.decision_id = p_save_id AND a.login = session_user AND a.action = 'policy.save';
    IF FOUND THEN
        IF known ->> 'policy' <> p_key THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'This id was used for another policy', '');
        END IF;
        RETURN jsonb_build_object('version', known -> 'version', 'repeated', true);
    END IF;
    IF coalesce(latest, 0) = coalesce(p_base_version, 0) THEN
        INSERT INTO greenroom.policies (policy_key, version, title, family, severity, help_text, example, dsa_category,
            statement, points, points_days, active)
        VALUES (p_key, coalesce(latest, 0) + 1, p_title, p_family, p_severity, p_help_text, p_example, p_dsa_category,
            p_statement, p_points, p_points_days, p_active)
        ON CONFLICT DO NOTHING;
    END IF;
    IF coalesce(latest, 0) <> coalesce(p_base_version, 0) OR NOT FOUND THEN
        PERFORM greenroom.refuse('GR003', 'stale', 'Somebody has changed this policy meanwhile',
            'Look at it as it is now, then change it again.');
    END IF;
    INSERT INTO greenroom.audit (at, login, action, decision_id, changed, client)
    VALUES (clock_timestamp(), session_user, 'policy.save', p_save_id,
        jsonb_build_object('policy', p_key, 'version', coalesce(latest, 0) + 1, 'active', p_active), left(p_client, 100));
    RETURN jsonb_build_object('version', coalesce(latest, 0) + 1, 'repeated', false);
END;
$$;

-- Whether a verb holds against the author what a policy names: it asks for a reason, or agrees with reports.
CREATE OR REPLACE FUNCTION greenroom.holds_against(p_declared greenroom.verbs) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_declared.reason = 'required'
        OR p_declared.changes @> '[{"relation": "flags", "values": {"status": "resolved"}}]'
$$;

CREATE OR REPLACE FUNCTION greenroom.live_points(p_user_id uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(s.points), 0)::integer FROM greenroom.strikes AS s
    WHERE s.user_id = p_user_id AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
$$;

-- What a decision on this subject under this policy would add for its author, and what would follow.
CREATE OR REPLACE FUNCTION greenroom.consequence(p_kind text, p_id uuid, p_partition_key timestamptz, p_policy text)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    author uuid;
    policy greenroom.policies;
    held integer;
    rung greenroom.ladder;
BEGIN
    PERFORM greenroom.signed_in();
    author := greenroom.platform_author(p_kind, p_id, p_partition_key);
    SELECT * INTO policy FROM greenroom.policies AS p WHERE p.policy_key = p_policy ORDER BY p.version DESC LIMIT 1;
    IF author IS NULL OR policy.policy_key IS NULL THEN
        RETURN NULL;
    END IF;
    held := greenroom.live_points(author);
    SELECT * INTO rung FROM greenroom.ladder AS l
    WHERE policy.points > 0 AND l.points <= held + policy.points ORDER BY l.points DESC LIMIT 1;
    RETURN jsonb_build_object('held', held, 'adds', policy.points, 'days', policy.points_days,
        'sanction', rung.sanction, 'sanction_days', rung.days);
END;
$$;

-- The strikes of a decision, what follows from them, and whom both are told to. It runs last, with authors in the
-- order of their ids: whoever waits here holds no author that the other waits for.
CREATE OR REPLACE FUNCTION greenroom.strike(
    p_decision_id uuid, p_policy greenroom.policies, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    author uuid;
    rung greenroom.ladder;
    held integer;
    until timestamptz;
BEGIN
    FOR author IN
        SELECT DISTINCT a.id FROM greenroom.decision_items AS i,
            greenroom.platform_author(i.kind, i.id, i.partition_key) AS a(id)
        WHERE i.decision_id = p_decision_id AND a.id IS NOT NULL ORDER BY a.id
    LOOP
        INSERT INTO greenroom.struck AS s VALUES (author) ON CONFLICT (user_id) DO UPDATE SET user_id = s.user_id;
        held := greenroom.live_points(author) + p_policy.points;
        SELECT * INTO rung FROM greenroom.ladder AS l WHERE l.points <= held ORDER BY l.points DESC LIMIT 1;
        until := p_at + make_interval(days => rung.days);
        INSERT INTO greenroom.strikes (decision_id, user_id, policy_key, policy_version, points, struck_at, expires_at,
            sanction, sanction_points, sanction_until)
        VALUES (p_decision_id, author, p_policy.policy_key, p_policy.version, p_policy.points, p_at,
            p_at + make_interval(days => p_policy.points_days), rung.sanction, rung.points, until);
        IF rung.sanction IS NOT NULL THEN
            INSERT INTO greenroom.outbox (event, payload, decision_id)
            VALUES ('sanction', jsonb_build_object('recipient', author, 'sanction', rung.sanction, 'until', until,
                'points', held, 'policy', p_policy.policy_key, 'policy_version', p_policy.version, 'decided_at', p_at),
                p_decision_id);
        END IF;
    END LOOP;
END;
$$;

-- Undo takes the strikes of a decision back, and lifts what followed from later ones only because of them.
CREATE OR REPLACE FUNCTION greenroom.revoke_strikes(p_decision_id uuid, p_undo_id uuid, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    author uuid;
    held integer;
BEGIN
    FOR author IN SELECT s.user_id FROM greenroom.strikes AS s WHERE s.decision_id = p_decision_id ORDER BY s.user_id LOOP
        PERFORM 1 FROM greenroom.struck AS s WHERE s.user_id = author FOR UPDATE;
        UPDATE greenroom.strikes AS s SET revoked_at = p_at WHERE s.decision_id = p_decision_id AND s.user_id = author;
        held := greenroom.live_points(author);
        WITH lifted AS (
            UPDATE greenroom.strikes AS s SET sanction_lifted_at = p_at
            WHERE s.user_id = author AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
              AND s.sanction_lifted_at IS NULL AND s.sanction_points > held
            RETURNING s.sanction, s.decision_id
        )
        INSERT INTO greenroom.outbox (event, payload, decision_id)
        SELECT 'sanction_lifted', jsonb_build_object('recipient', author, 'sanction', l.sanction,
            'followed_from', l.decision_id, 'points', held, 'lifted_at', p_at), p_undo_id
        FROM lifted AS l;
    END LOOP;
END;
$$;

-- What the platform's services tell: a statement of reasons to each author, the outcome to each reporter.
CREATE OR REPLACE FUNCTION greenroom.tell_people(
    p_decision_id uuid, p_declared greenroom.verbs, p_policy greenroom.policies, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_policy.policy_key IS NOT NULL AND greenroom.holds_against(p_declared) THEN
        IF p_policy.points > 0 THEN
            PERFORM greenroom.strike(p_decision_id, p_policy, p_at);
        END IF;
        INSERT INTO greenroom.outbox (event, payload, decision_id)
        SELECT 'statement', jsonb_build_object('recipient', a.id, 'kind', i.kind, 'id', i.id,
            'partition_key', i.partition_key, 'action', p_declared.verb, 'policy', p_policy.policy_key,
            'policy_version', p_policy.version, 'dsa_category', p_policy.dsa_category, 'decided_at', p_at,
            'text', greenroom.fill_template(p_policy.statement, jsonb_build_object(
                'kind', replace(i.kind, '_', ' '), 'item', i.title, 'action', lower(p_declared.past),
                'date', to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'policy', p_policy.title))), p_decision_id
        FROM greenroom.decision_items AS i, greenroom.platform_author(i.kind, i.id, i.partition_key) AS a(id)
        WHERE i.decision_id = p_decision_id AND a.id IS NOT NULL;
    END IF;
    INSERT INTO greenroom.outbox (event, payload, decision_id)
    SELECT 'report', jsonb_build_object('recipient', r.reporter, 'flag', r.flag, 'kind', r.kind, 'id', r.id,
        'outcome', CASE c.after ->> 'status' WHEN 'resolved' THEN 'agreed' ELSE 'not agreed' END,
        'policy', p_policy.policy_key, 'policy_version', p_policy.version, 'decided_at', p_at), p_decision_id
    FROM greenroom.decision_changes AS c JOIN greenroom.platform_reporters(p_decision_id) AS r ON r.flag = c.row_id
    WHERE c.decision_id = p_decision_id AND c.relation = 'flag' AND c.after ->> 'status' IN ('resolved', 'dismissed');
END;
$$;

-- What is wrong, a row each: the area as db/greenroom/doctor.py names it, and a sentence.
WITH people AS (
    SELECT s.login, r.oid, r.rolcanlogin, r.rolconnlimit, r.rolsuper,
           r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS mighty
    FROM greenroom.staff AS s LEFT JOIN pg_roles AS r ON r.rolname = s.login
    WHERE s.active
), plain AS (
    SELECT p.login, p.oid FROM people AS p WHERE p.oid IS NOT NULL AND NOT p.rolsuper
)
SELECT 'prepared transactions' AS area, 'max_prepared_transactions is ' || s.setting AS message
FROM pg_settings AS s WHERE s.name = 'max_prepared_transactions' AND s.setting <> '0'
UNION ALL
SELECT 'passwords', 'password_encryption is ' || s.setting
FROM pg_settings AS s WHERE s.name = 'password_encryption' AND s.setting <> 'scram-sha-256'
UNION ALL
SELECT 'staff groups', p.login || ' is in no group or cannot sign in'
FROM people AS p
WHERE p.oid IS NULL OR NOT p.rolcanlogin OR NOT pg_has_role(p.oid, 'greenroom_reviewer', 'MEMBER')
UNION ALL
SELECT 'staff rights', p.login || ' has rights of its own'
FROM people AS p
WHERE p.mighty OR EXISTS (SELECT FROM pg_class AS c WHERE c.relowner = p.oid)
UNION ALL
SELECT 'staff rights', p.login || ' is a member of ' || g.rolname
FROM people AS p JOIN pg_auth_members AS m ON m.member = p.oid JOIN pg_roles AS g ON g.oid = m.roleid
WHERE g.rolname NOT IN ('greenroom_reviewer', 'greenroom_moderator', 'greenroom_admin')
UNION ALL
SELECT 'staff connections', p.login || ' may hold any number of connections'
FROM people AS p WHERE p.rolconnlimit < 0
UNION ALL
SELECT DISTINCT 'shared memory', p.login || ' may run ' || f.proname
FROM plain AS p CROSS JOIN pg_proc AS f
WHERE f.pronamespace = 'pg_catalog'::regnamespace
  AND f.proname IN ('pg_advisory_lock', 'pg_advisory_xact_lock', 'lo_create')
  AND has_function_privilege(p.oid, f.oid, 'EXECUTE')
UNION ALL
SELECT 'shared memory', p.login || ' may make temporary tables'
FROM plain AS p WHERE has_database_privilege(p.oid, current_database(), 'TEMP')
UNION ALL
SELECT 'shared memory', p.login || ' may create in the schema public'
FROM plain AS p WHERE has_schema_privilege(p.oid, 'public', 'CREATE')
UNION ALL
SELECT DISTINCT 'other databases', 'staff may connect to ' || d.datname
FROM plain AS p CROSS JOIN pg_database AS d
WHERE d.datallowconn AND d.datname <> current_database() AND has_database_privilege(p.oid, d.oid, 'CONNECT')
UNION ALL
SELECT 'watchdog', 'greenroom_owner lacks ' || r.rolname
FROM pg_roles AS r
WHERE r.rolname IN ('pg_read_all_stats', 'pg_signal_backend')
  AND NOT pg_has_role('greenroom_owner', r.oid, 'USAGE')
UNION ALL
SELECT 'functions', f.oid::regprocedure || ' is executable by PUBLIC'
FROM pg_proc AS f
WHERE f.pronamespace = 'greenroom'::regnamespace AND has_function_privilege('public', f.oid, 'EXECUTE')
UNION ALL
SELECT 'grants', 'greenroom_reviewer may not run ' || f.proname
FROM pg_proc AS f
WHERE f.pronamespace = 'greenroom'::regnamespace AND f.proname IN ('me', 'claim', 'claim_next', 'decide', 'undo')
  AND NOT has_function_privilege('greenroom_reviewer', f.oid, 'EXECUTE')
UNION ALL
SELECT 'grants', 'greenroom_reviewer may not read ' || t.name
FROM unnest(ARRAY['greenroom.subjects', 'greenroom.claims', 'greenroom.verbs', 'greenroom.decisions',
                  'greenroom.policies', 'greenroom.staff']) AS t (name)
WHERE NOT has_any_column_privilege('greenroom_reviewer', t.name, 'SELECT')
UNION ALL
SELECT 'triggers', t.name || ' is missing or off'
FROM (VALUES ('greenroom_flags_added'), ('greenroom_flags_changed'), ('greenroom_flags_deleted'),
             ('greenroom_segments_added')) AS t (name)
WHERE NOT EXISTS (
    SELECT FROM pg_trigger AS g WHERE g.tgname = t.name AND g.tgparentid = 0 AND g.tgenabled IN ('O', 'A'))
UNION ALL
-- The newest thousand subjects and flags: enough to see a trigger that is off, cheap on a million flags.
SELECT 'subjects', count(*) || ' of the newest subjects do not agree with their flags'
FROM (
    (SELECT s.kind, s.id FROM greenroom.subjects AS s
     WHERE s.open_flags > 0 AND s.escalated_at IS NULL ORDER BY s.last_flag_at DESC, s.id DESC LIMIT 1000)
    UNION
    (SELECT f.target_type, f.target_id FROM public.moderation_flags AS f ORDER BY f.created_at DESC LIMIT 1000)
) AS l LEFT JOIN greenroom.subjects AS s USING (kind, id)
WHERE coalesce(s.open_flags, 0) <> (
    SELECT count(*) FROM public.moderation_flags AS f
    WHERE f.target_type = l.kind AND f.target_id = l.id AND f.status IN ('pending', 'reviewing'))
HAVING count(*) > 0
ORDER BY 1, 2;

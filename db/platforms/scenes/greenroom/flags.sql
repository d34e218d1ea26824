-- Flags that staff raise themselves: rows of the platform's own table, with the person's platform user as reporter.

CREATE OR REPLACE FUNCTION greenroom.raise_flag(
    p_flag_id uuid, p_kind text, p_id uuid, p_partition_key timestamptz, p_reason text, p_description text,
    p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    person greenroom.staff := greenroom.signed_in();
    known record;
    open uuid;
BEGIN
    IF p_flag_id IS NULL OR length(p_description) > 2000 THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A flag has an id and a text of at most 2,000 characters', '');
    END IF;
    -- One after the other for each person, so that two consoles do not both find no open flag.
    PERFORM 1 FROM greenroom.staff AS s WHERE s.login = session_user FOR NO KEY UPDATE;
    SELECT f.reporter_id, f.target_type, f.target_id, f.created_at INTO known
    FROM moderation_flags AS f WHERE f.id = p_flag_id;
    IF FOUND THEN
        IF (known.reporter_id, known.target_type, known.target_id) IS DISTINCT FROM (person.user_id, p_kind, p_id) THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'This flag id was used for another flag', '');
        END IF;
        RETURN jsonb_build_object('flag_id', p_flag_id, 'at', known.created_at, 'repeated', true);
    END IF;
    IF (SELECT p.active FROM greenroom.policies AS p WHERE p.policy_key = p_reason
        ORDER BY p.version DESC LIMIT 1) IS NOT TRUE THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A flag needs a reason that is in force', 'Choose one of the policies.');
    END IF;
    IF (greenroom.platform_lock(p_kind, p_id, p_partition_key, false)).version IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('There is no %s %s', p_kind, p_id),
            'It may have been deleted.', jsonb_build_object('kind', p_kind, 'id', p_id));
    END IF;
    SELECT f.id INTO open FROM moderation_flags AS f
    WHERE f.target_type = p_kind AND f.target_id = p_id AND f.reporter_id = person.user_id
      AND f.status IN ('pending', 'reviewing') LIMIT 1;
    IF FOUND THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'Your flag on this is still open', 'Withdraw it first, or wait for the answer.',
            jsonb_build_object('kind', p_kind, 'id', p_id, 'flag', open));
    END IF;
    INSERT INTO moderation_flags (id, target_type, target_id, reporter_id, reason, description)
    VALUES (p_flag_id, p_kind, p_id, person.user_id, p_reason, nullif(p_description, ''));
    WITH logged AS (
        INSERT INTO greenroom.change_log (kind, id, partition_key, event)
        VALUES (p_kind, p_id, p_partition_key, 'flagged')
    )
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, partition_key, changed, client)
    VALUES (clock_timestamp(), session_user, 'scenes.flag.raise', p_flag_id, p_kind, p_id, p_partition_key,
        jsonb_build_object('flag', p_flag_id, 'reason', p_reason), left(p_client, 100));
    RETURN jsonb_build_object('flag_id', p_flag_id, 'at', clock_timestamp(), 'repeated', false);
END;
$$;

-- Takes back a flag of one's own that nobody has looked at yet. Sent twice, it is taken back once.
CREATE OR REPLACE FUNCTION greenroom.withdraw_flag(p_id uuid, p_flag_id uuid, p_client text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    person greenroom.staff := greenroom.signed_in();
    flag record;
BEGIN
    SELECT f.target_type, f.target_id, f.status, f.action_taken INTO flag FROM moderation_flags AS f
    WHERE f.id = p_flag_id AND f.reporter_id = person.user_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'You have raised no such flag', '');
    END IF;
    IF flag.action_taken = 'withdrawn' THEN
        RETURN jsonb_build_object('flag_id', p_flag_id, 'repeated', true);
    END IF;
    IF flag.status <> 'pending' THEN
        PERFORM greenroom.refuse('GR008', 'undo_refused', format('This flag is %s already', flag.status), '');
    END IF;
    UPDATE moderation_flags AS f
    SET status = 'dismissed', reviewed_by = person.user_id, reviewed_at = clock_timestamp(), action_taken = 'withdrawn'
    WHERE f.id = p_flag_id;
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
    VALUES (clock_timestamp(), session_user, 'scenes.flag.withdraw', p_id, flag.target_type, flag.target_id,
        jsonb_build_object('flag', p_flag_id), left(p_client, 100));
    RETURN jsonb_build_object('flag_id', p_flag_id, 'repeated', false);
END;
$$;

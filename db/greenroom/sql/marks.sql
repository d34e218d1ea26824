-- Marks: one's own in and out points on what plays, for colleagues to see and for a flag to carry.

-- Milliseconds as 0:12.400 or 1:02:03.000.
CREATE OR REPLACE FUNCTION greenroom.clock_text(p_ms integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_ms >= 3600000 THEN (p_ms / 3600000) || ':' || lpad((p_ms / 60000 % 60)::text, 2, '0')
                ELSE (p_ms / 60000)::text END
        || ':' || lpad((p_ms / 1000 % 60)::text, 2, '0') || '.' || lpad((p_ms % 1000)::text, 3, '0')
$$;

-- Sets a mark, or moves one of one's own: sent twice, it is set once.
CREATE OR REPLACE FUNCTION greenroom.save_mark(
    p_save_id uuid, p_mark_id uuid, p_kind text, p_id uuid, p_partition_key timestamptz, p_begins_ms integer, p_ends_ms integer,
    p_policy text, p_note text, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    written text := nullif(trim(p_note), '');
    known greenroom.marks;
BEGIN
    PERFORM greenroom.signed_in();
    IF p_mark_id IS NULL OR p_begins_ms IS NULL OR p_begins_ms NOT BETWEEN 0 AND 86400000
       OR p_ends_ms NOT BETWEEN p_begins_ms AND 86400000 OR length(p_note) > 2000 THEN
        PERFORM greenroom.refuse('GR007', 'invalid',
            'A mark has an id, a time, no end before its beginning, and a note of at most 2,000 characters', '');
    END IF;
    IF (SELECT p.active FROM greenroom.policies AS p WHERE p.policy_key = p_policy
        ORDER BY p.version DESC LIMIT 1) IS NOT TRUE THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A mark needs a reason that is in force', 'Choose one of the policies.');
    END IF;
    -- The subject's row: two sendings of one mark meet here.
    IF (greenroom.platform_lock(p_kind, p_id, p_partition_key, false)).version IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('There is no %s %s', p_kind, p_id),
            'It may have been deleted.', jsonb_build_object('kind', p_kind, 'id', p_id));
    END IF;
    SELECT * INTO known FROM greenroom.marks AS m WHERE m.mark_id = p_mark_id FOR NO KEY UPDATE;
    IF FOUND THEN
        IF (known.login, known.kind, known.id) IS DISTINCT FROM (session_user, p_kind, p_id) THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'This mark id was used for another mark', '');
        ELSIF known.removed_at IS NOT NULL THEN
            PERFORM greenroom.refuse('GR009', 'not_found', 'This mark was removed', 'Set a new one.');
        ELSIF (known.begins_ms, known.ends_ms, known.policy_key, known.note)
              IS NOT DISTINCT FROM (p_begins_ms, p_ends_ms, p_policy, written) THEN
            RETURN jsonb_build_object('mark_id', p_mark_id, 'at', known.created_at, 'repeated', true);
        ELSIF known.flag_id IS NOT NULL THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'A flag was raised from this mark', 'Set a new one beside it.');
        END IF;
        UPDATE greenroom.marks AS m
        SET begins_ms = p_begins_ms, ends_ms = p_ends_ms, policy_key = p_policy, note = written
        WHERE m.mark_id = p_mark_id;
    ELSE
        IF (SELECT count(*) FROM greenroom.marks AS m WHERE m.kind = p_kind AND m.id = p_id
            AND m.login = session_user AND m.removed_at IS NULL) >= 200 THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'You have set 200 marks here, as many as one person may',
                'Remove some first.');
        END IF;
        INSERT INTO greenroom.marks (mark_id, kind, id, partition_key, login, begins_ms, ends_ms, policy_key, note)
        VALUES (p_mark_id, p_kind, p_id, p_partition_key, session_user, p_begins_ms, p_ends_ms, p_policy, written)
        RETURNING * INTO known;
    END IF;
    PERFORM greenroom.tell_marked(p_save_id, p_kind, p_id, p_partition_key, 'mark.save', jsonb_build_object('mark', p_mark_id,
        'begins_ms', p_begins_ms, 'ends_ms', p_ends_ms, 'policy', p_policy), p_client);
    RETURN jsonb_build_object('mark_id', p_mark_id, 'at', known.created_at, 'repeated', false);
END;
$$;

-- Takes a mark of one's own away, or with p_removed false puts it back; an admin takes anybody's.
CREATE OR REPLACE FUNCTION greenroom.remove_mark(p_removal_id uuid, p_mark_id uuid, p_removed boolean, p_client text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    known greenroom.marks;
BEGIN
    PERFORM greenroom.signed_in();
    SELECT * INTO known FROM greenroom.marks AS m WHERE m.mark_id = p_mark_id FOR NO KEY UPDATE;
    IF NOT FOUND OR p_removed IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'There is no such mark', '');
    END IF;
    IF known.login <> session_user AND greenroom.rank() < 3 THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', format('This mark is %s''s', known.login),
            'They can remove it themselves, or an admin can.');
    END IF;
    IF (known.removed_at IS NOT NULL) = p_removed THEN
        RETURN;
    END IF;
    UPDATE greenroom.marks AS m SET removed_at = CASE WHEN p_removed THEN clock_timestamp() END
    WHERE m.mark_id = p_mark_id;
    PERFORM greenroom.tell_marked(p_removal_id, known.kind, known.id, known.partition_key,
        CASE WHEN p_removed THEN 'mark.remove' ELSE 'mark.restore' END,
        jsonb_build_object('mark', p_mark_id), p_client);
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.tell_marked(
    p_work_id uuid, p_kind text, p_id uuid, p_partition_key timestamptz, p_action text, p_changed jsonb, p_client text)
RETURNS void LANGUAGE sql AS $$
    WITH logged AS (
        INSERT INTO greenroom.change_log (kind, id, partition_key, event) VALUES (p_kind, p_id, p_partition_key, 'marked')
    )
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, partition_key, changed, client)
    VALUES (clock_timestamp(), session_user, p_action, p_work_id, p_kind, p_id, p_partition_key, p_changed, left(p_client, 100));
$$;

-- Flags what a mark of one's own is about, for its reason. The flag's text begins with the mark's time, since that
-- is all the platform keeps of it; the mark remembers the flag.
CREATE OR REPLACE FUNCTION greenroom.flag_mark(p_flag_id uuid, p_mark_id uuid, p_client text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    mark greenroom.marks;
    answer jsonb;
BEGIN
    PERFORM greenroom.signed_in();
    SELECT * INTO mark FROM greenroom.marks AS m
    WHERE m.mark_id = p_mark_id AND m.login = session_user AND m.removed_at IS NULL;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'You have set no such mark', '');
    END IF;
    answer := greenroom.raise_flag(p_flag_id, mark.kind, mark.id, mark.partition_key, mark.policy_key,
        left(concat_ws(': ', concat('At ', greenroom.clock_text(mark.begins_ms),
            '–' || greenroom.clock_text(mark.ends_ms)), mark.note), 2000), p_client);
    -- After the flag: it takes its locks in the order of save_mark().
    UPDATE greenroom.marks AS m SET flag_id = p_flag_id WHERE m.mark_id = p_mark_id AND m.removed_at IS NULL;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'This mark was removed meanwhile', '');
    END IF;
    RETURN answer;
END;
$$;

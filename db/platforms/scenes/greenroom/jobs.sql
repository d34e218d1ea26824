-- Jobs tried again or cancelled by admins, while workers run. What was seen is checked in the WHERE of the UPDATE: of an
-- admin and a worker who take the same job at once, one waits for the other's row and then finds another status.

-- The columns of a job that these functions write.
CREATE OR REPLACE FUNCTION greenroom.job_held(
    status text, stage text, progress integer, error_code text, error_message text, retry_count integer,
    started_at timestamptz, completed_at timestamptz) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('status', status, 'stage', stage, 'progress', progress, 'error_code', error_code,
        'error_message', error_message, 'retry_count', retry_count, 'started_at', started_at,
        'completed_at', completed_at)
$$;

-- For admins: `p_act` is retry (of one that failed or was cancelled) or cancel (of one that has not ended); `p_status` is the
-- status that the person saw. Answers {status, repeated}.
CREATE OR REPLACE FUNCTION greenroom.steer_job(
    p_work_id uuid, p_job_id uuid, p_created_at timestamptz, p_act text, p_status text, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' SET lock_timeout = '500ms' AS $$
DECLARE
    held jsonb;
    wrote jsonb;
    now_at timestamptz := clock_timestamp();
BEGIN
    PERFORM greenroom.signed_in();
    IF greenroom.rank() < 3 THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Only admins retry and cancel jobs', 'Ask an admin.');
    END IF;
    IF p_work_id IS NULL OR p_act IS NULL OR p_act NOT IN ('retry', 'cancel') THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A job is tried again or cancelled', '');
    END IF;
    -- The row first: of two sendings of one work the second waits here, and then finds it in the audit.
    SELECT greenroom.job_held(j.status, j.stage, j.progress, j.error_code, j.error_message,
        j.retry_count, j.started_at, j.completed_at) INTO held FROM jobs AS j
    WHERE j.id = p_job_id AND j.created_at = p_created_at FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'There is no such job', 'It was deleted or archived.');
    END IF;
    SELECT a.changed -> 'after' INTO wrote FROM greenroom.audit AS a
    WHERE a.decision_id = p_work_id AND a.login = session_user AND a.action = 'job.' || p_act AND a.id = p_job_id;
    IF FOUND THEN
        RETURN jsonb_build_object('status', wrote ->> 'status', 'repeated', true);
    END IF;
    IF EXISTS (SELECT FROM greenroom.audit AS a WHERE a.decision_id = p_work_id) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'This id was used for something else', '');
    END IF;
    IF p_act = 'retry' THEN
        UPDATE jobs AS j SET status = 'queued', stage = 'pending', progress = 0, error_code = NULL,
            error_message = NULL, retry_count = j.retry_count + 1, started_at = NULL, completed_at = NULL
        WHERE j.id = p_job_id AND j.created_at = p_created_at AND j.status = p_status
          AND j.status IN ('failed', 'cancelled')
        RETURNING greenroom.job_held(j.status, j.stage, j.progress, j.error_code, j.error_message,
        j.retry_count, j.started_at, j.completed_at) INTO wrote;
    ELSE
        UPDATE jobs AS j SET status = 'cancelled', completed_at = now_at
        WHERE j.id = p_job_id AND j.created_at = p_created_at AND j.status = p_status
          AND j.status NOT IN ('final_ready', 'failed', 'cancelled')
        RETURNING greenroom.job_held(j.status, j.stage, j.progress, j.error_code, j.error_message,
        j.retry_count, j.started_at, j.completed_at) INTO wrote;
    END IF;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR003', 'stale', format('The job is %s by now', held ->> 'status'),
            'Nothing was changed. Look at it again.', jsonb_build_object('kind', 'job', 'id', p_job_id));
    END IF;
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, partition_key, changed, client)
    VALUES (now_at, session_user, 'job.' || p_act, p_work_id, 'job', p_job_id, p_created_at,
        jsonb_build_object('before', held, 'after', wrote), left(p_client, 100));
    RETURN jsonb_build_object('status', wrote ->> 'status', 'repeated', false);
END;
$$;

-- Takes one of them back while the job is as it was left. A running job that was cancelled is not set running again:
-- its worker may have let it go.
CREATE OR REPLACE FUNCTION greenroom.undo_job(p_undo_id uuid, p_work_id uuid, p_client text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' SET lock_timeout = '500ms' AS $$
DECLARE
    done greenroom.audit;
    held jsonb;
    back jsonb;
BEGIN
    PERFORM greenroom.signed_in();
    IF greenroom.rank() < 3 THEN
        PERFORM greenroom.refuse('GR002', 'not_permitted', 'Only admins retry and cancel jobs', 'Ask an admin.');
    END IF;
    SELECT * INTO done FROM greenroom.audit AS a
    WHERE a.decision_id = p_work_id AND a.action IN ('job.retry', 'job.cancel');
    IF NOT FOUND OR p_undo_id IS NULL THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'No job was tried again or cancelled so', '');
    END IF;
    back := done.changed -> 'before';
    SELECT greenroom.job_held(j.status, j.stage, j.progress, j.error_code, j.error_message,
        j.retry_count, j.started_at, j.completed_at) INTO held FROM jobs AS j
    WHERE j.id = done.id AND j.created_at = done.partition_key FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM greenroom.audit AS a
               WHERE a.decision_id = p_undo_id AND a.login = session_user AND a.action = 'job.undo' AND a.id = done.id) THEN
        RETURN jsonb_build_object('status', back ->> 'status', 'repeated', true);
    END IF;
    IF EXISTS (SELECT FROM greenroom.audit AS a WHERE a.decision_id = p_undo_id) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'This id was used for something else', '');
    END IF;
    IF done.action = 'job.cancel' AND back ->> 'status' <> 'queued' THEN
        PERFORM greenroom.refuse('GR008', 'undo_refused', 'The job was running when it was cancelled',
            'Try it again: it begins anew.');
    END IF;
    IF held IS DISTINCT FROM done.changed -> 'after' THEN
        PERFORM greenroom.refuse('GR008', 'undo_refused', format('The job is %s by now', coalesce(held ->> 'status', 'gone')),
            'Nothing was changed. Look at it again.');
    END IF;
    UPDATE jobs AS j SET status = back ->> 'status', stage = back ->> 'stage', progress = (back ->> 'progress')::integer,
        error_code = back ->> 'error_code', error_message = back ->> 'error_message',
        retry_count = (back ->> 'retry_count')::integer, started_at = (back ->> 'started_at')::timestamptz,
        completed_at = (back ->> 'completed_at')::timestamptz
    WHERE j.id = done.id AND j.created_at = done.partition_key;
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, partition_key, changed, client)
    VALUES (clock_timestamp(), session_user, 'job.undo', p_undo_id, 'job', done.id, done.partition_key,
        jsonb_build_object('before', held, 'after', back, 'undoes', p_work_id), left(p_client, 100));
    RETURN jsonb_build_object('status', back ->> 'status', 'repeated', false);
END;
$$;

-- What staff write down beside their decisions: notes, and the erasure of evidence.

CREATE OR REPLACE FUNCTION greenroom.add_note(p_note_id uuid, p_kind text, p_id uuid, p_body text, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    note greenroom.notes;
BEGIN
    PERFORM greenroom.signed_in();
    IF p_note_id IS NULL OR p_kind IS NULL OR p_id IS NULL OR length(trim(p_body)) NOT BETWEEN 1 AND 10000
       OR p_body IS NULL THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A note has an id, a subject and 1 to 10,000 characters', '');
    END IF;
    INSERT INTO greenroom.notes (note_id, kind, id, login, body) VALUES (p_note_id, p_kind, p_id, session_user, p_body)
    ON CONFLICT (note_id) DO NOTHING RETURNING * INTO note;
    IF FOUND THEN
        INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
        VALUES (note.created_at, session_user, 'note.add', p_note_id, p_kind, p_id, jsonb_build_object('note', p_note_id),
            left(p_client, 100));
        RETURN jsonb_build_object('note_id', p_note_id, 'at', note.created_at, 'repeated', false);
    END IF;
    SELECT * INTO note FROM greenroom.notes AS n WHERE n.note_id = p_note_id;
    IF (note.login, note.kind, note.id) IS DISTINCT FROM (session_user, p_kind, p_id) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'This note id was used for another note', '');
    END IF;
    RETURN jsonb_build_object('note_id', p_note_id, 'at', note.created_at, 'repeated', true);
END;
$$;

-- Keeps a queue's filter, for oneself or shared with the team; with p_shared null it is forgotten. An admin forgets
-- anybody's shared one.
CREATE OR REPLACE FUNCTION greenroom.save_filter(p_id uuid, p_scope text, p_line text, p_shared boolean, p_client text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    present timestamptz := clock_timestamp();
BEGIN
    PERFORM greenroom.signed_in();
    IF p_id IS NULL OR p_line IS NULL OR length(p_line) NOT BETWEEN 1 AND 1000
       OR NOT EXISTS (SELECT FROM greenroom.verbs AS v WHERE v.scope = p_scope) THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'A filter has an id, a queue and 1 to 1,000 characters', '');
    END IF;
    -- Rare and short: two sendings of one save meet here.
    LOCK TABLE greenroom.saved_filters IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM greenroom.audit AS a WHERE a.decision_id = p_id) THEN
        RETURN;
    END IF;
    IF p_shared IS NULL THEN
        DELETE FROM greenroom.saved_filters AS f WHERE f.scope = p_scope AND f.line = p_line
            AND (f.login = session_user OR (f.shared AND greenroom.rank() = 3));
    ELSIF (SELECT count(*) FROM greenroom.saved_filters AS f WHERE f.login = session_user) >= 200 THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'You keep 200 filters, as many as one person may', 'Forget some first.');
    ELSE
        INSERT INTO greenroom.saved_filters AS f (scope, login, line, shared, saved_at)
        VALUES (p_scope, session_user, p_line, p_shared, present)
        ON CONFLICT (scope, login, line) DO UPDATE SET shared = excluded.shared, saved_at = excluded.saved_at;
    END IF;
    INSERT INTO greenroom.audit (at, login, action, decision_id, changed, client)
    VALUES (present, session_user, 'filter.save', p_id,
        jsonb_build_object('scope', p_scope, 'line', p_line, 'shared', p_shared), left(p_client, 100));
END;
$$;

-- The author takes a note back while the others can hardly have acted on it. The row stays, without its text.
CREATE OR REPLACE FUNCTION greenroom.retract_note(p_id uuid, p_note_id uuid, p_client text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    note greenroom.notes;
BEGIN
    PERFORM greenroom.signed_in();
    SELECT * INTO note FROM greenroom.notes AS n WHERE n.note_id = p_note_id AND n.login = session_user FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'You have written no such note', '');
    END IF;
    IF note.retracted_at IS NOT NULL THEN
        RETURN;
    END IF;
    IF note.created_at < clock_timestamp() - interval '10 minutes' THEN
        PERFORM greenroom.refuse('GR008', 'undo_refused', 'A note can be taken back for ten minutes',
            'Write another one that corrects it.');
    END IF;
    UPDATE greenroom.notes AS n SET body = '', retracted_at = clock_timestamp() WHERE n.note_id = p_note_id;
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
    VALUES (clock_timestamp(), session_user, 'note.retract', p_id, note.kind, note.id,
        jsonb_build_object('note', p_note_id), left(p_client, 100));
END;
$$;

-- For admins. Content that may not be kept goes; the audit keeps its digest, and says who erased it and why.
CREATE OR REPLACE FUNCTION greenroom.erase_evidence(p_digest text, p_reason text, p_client text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    kept greenroom.evidence;
BEGIN
    PERFORM greenroom.signed_in();
    IF coalesce(trim(p_reason), '') = '' OR length(p_reason) > 2000 THEN
        PERFORM greenroom.refuse('GR007', 'invalid', 'Erasing needs a reason of at most 2,000 characters', '');
    END IF;
    SELECT * INTO kept FROM greenroom.evidence AS e WHERE e.digest = p_digest FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', 'There is no evidence of this digest', '');
    END IF;
    IF kept.erased_at IS NOT NULL THEN
        RETURN;
    END IF;
    UPDATE greenroom.evidence AS e SET content = NULL, erased_at = clock_timestamp() WHERE e.digest = p_digest;
    INSERT INTO greenroom.audit (at, login, action, changed, evidence_digest, client)
    VALUES (clock_timestamp(), session_user, 'evidence.erase', jsonb_build_object('reason', p_reason), p_digest,
        left(p_client, 100));
END;
$$;

-- Saving a scene's bible: a new immutable version, if nobody saved one since the version that was edited.

CREATE OR REPLACE FUNCTION greenroom.save_bible(
    p_save_id uuid, p_scene_id uuid, p_base_version integer, p_document jsonb, p_note text, p_client text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    saved timestamptz := clock_timestamp();
    existing greenroom.document_versions;
    pointed integer;
    latest record;
    made integer;
BEGIN
    PERFORM greenroom.signed_in();
    IF p_save_id IS NULL OR p_base_version IS NULL OR p_base_version < 0
       OR jsonb_typeof(p_document) IS DISTINCT FROM 'object' OR length(p_note) > 10000 THEN
        PERFORM greenroom.refuse('GR007', 'invalid',
            'A save has an id, the version it was made from (0 for none), an object, and a note of at most 10,000 characters', '');
    END IF;
    -- The scene first, as the platform's own jobs do: two sendings of one save meet here too.
    SELECT s.bible_version INTO pointed FROM scenes AS s WHERE s.id = p_scene_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM greenroom.refuse('GR009', 'not_found', format('There is no scene %s', p_scene_id),
            'It may have been deleted.', jsonb_build_object('kind', 'scene', 'id', p_scene_id));
    END IF;
    SELECT * INTO existing FROM greenroom.document_versions AS d WHERE d.save_id = p_save_id;
    IF FOUND THEN
        IF (existing.login, existing.kind, existing.id) <> (session_user, 'scene', p_scene_id) THEN
            PERFORM greenroom.refuse('GR007', 'invalid', 'This save id was used for another save', '');
        END IF;
        RETURN jsonb_build_object('version', existing.version, 'saved_at', existing.saved_at,
            'repeated', true, 'unchanged', false);
    END IF;

    SELECT b.version, b.data, b.created_at INTO latest FROM scene_bibles AS b
    WHERE b.scene_id = p_scene_id ORDER BY b.version DESC LIMIT 1;
    -- A scene is made with bible_version 1 before it has any bible.
    IF p_base_version <> coalesce(greatest(latest.version, CASE WHEN latest.version IS NOT NULL THEN pointed END), 0) THEN
        PERFORM greenroom.refuse_bible(p_scene_id);
    END IF;
    IF latest.data - 'version' = p_document - 'version' THEN
        RETURN jsonb_build_object('version', latest.version, 'saved_at', latest.created_at,
            'repeated', false, 'unchanged', true);
    END IF;
    made := p_base_version + 1;
    INSERT INTO scene_bibles (scene_id, version, data)
    VALUES (p_scene_id, made, p_document || jsonb_build_object('version', made))
    ON CONFLICT (scene_id, version) DO NOTHING;
    IF NOT FOUND THEN
        -- A job that inserts before it locks the scene was first.
        PERFORM greenroom.refuse_bible(p_scene_id);
    END IF;
    UPDATE scenes AS s SET bible_version = made WHERE s.id = p_scene_id AND s.bible_version <> made;
    INSERT INTO greenroom.document_versions (save_id, kind, id, version, login, saved_at, note, client)
    VALUES (p_save_id, 'scene', p_scene_id, made, session_user, saved, p_note, left(p_client, 100));
    WITH logged AS (
        INSERT INTO greenroom.change_log (kind, id, event, decision_id)
        VALUES ('scene', p_scene_id, 'saved', p_save_id)
    )
    INSERT INTO greenroom.audit (at, login, action, decision_id, kind, id, changed, client)
    VALUES (saved, session_user, 'scenes.bible.save', p_save_id, 'scene', p_scene_id,
        jsonb_build_object('bible_version', jsonb_build_array(pointed, made)), left(p_client, 100));
    RETURN jsonb_build_object('version', made, 'saved_at', saved, 'repeated', false, 'unchanged', false);
END;
$$;

CREATE OR REPLACE FUNCTION greenroom.refuse_bible(p_scene_id uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, greenroom, public, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    latest record;
BEGIN
    SELECT b.version, b.created_at, d.login INTO latest FROM scene_bibles AS b
    LEFT JOIN greenroom.document_versions AS d ON (d.kind, d.id, d.version) = ('scene', b.scene_id, b.version)
    WHERE b.scene_id = p_scene_id ORDER BY b.version DESC LIMIT 1;
    PERFORM greenroom.refuse('GR003', 'stale',
        CASE WHEN latest.version IS NULL THEN 'This scene has no bible yet'
             ELSE format('%s saved version %s meanwhile', coalesce(latest.login::text, 'A job'), latest.version) END,
        'Merge your changes into it, then save.',
        jsonb_build_object('kind', 'scene', 'id', p_scene_id, 'version', latest.version,
            'by', latest.login, 'at', latest.created_at));
END;
$$;

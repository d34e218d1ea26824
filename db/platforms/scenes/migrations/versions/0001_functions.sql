-- Partitions by month, the rules that a partitioned table cannot carry itself, and the counters. The triggers run
-- with the rights of the tables' owner: whoever may change a status need not be able to write a counter.

CREATE FUNCTION create_monthly_partition(table_name text, year integer, month integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    start_date date := make_date(year, month, 1);
BEGIN
    IF table_name NOT IN ('segments', 'jobs') THEN
        RAISE EXCEPTION 'create_monthly_partition: % is not partitioned by month', table_name;
    END IF;
    -- One at a time: IF NOT EXISTS looks before it waits for the table, and then fails on what another has made.
    EXECUTE format('LOCK TABLE %I IN SHARE UPDATE EXCLUSIVE MODE', table_name);
    -- Bounds are UTC, whatever the caller's time zone: otherwise months overlap or leave gaps.
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
        table_name || '_' || year || '_' || lpad(month::text, 2, '0'),
        table_name,
        start_date::text || ' 00:00:00+00',
        (start_date + interval '1 month')::date::text || ' 00:00:00+00'
    );
END;
$$;

CREATE FUNCTION ensure_monthly_partitions(first_day date, last_day date)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month_start date;
    partitioned text;
BEGIN
    FOR month_start IN
        SELECT generate_series(date_trunc('month', first_day::timestamp), last_day::timestamp, interval '1 month')::date
    LOOP
        FOREACH partitioned IN ARRAY ARRAY['segments', 'jobs'] LOOP
            PERFORM create_monthly_partition(
                partitioned, extract(year FROM month_start)::int, extract(month FROM month_start)::int);
        END LOOP;
    END LOOP;
END;
$$;

-- segments.scene_id: a foreign key in all but name.
CREATE FUNCTION segments_scene_exists() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM scenes WHERE id = NEW.scene_id FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('scene %s of segment %s does not exist', NEW.scene_id, NEW.id);
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER segments_scene_exists AFTER INSERT OR UPDATE OF scene_id ON segments
    FOR EACH ROW EXECUTE FUNCTION segments_scene_exists();

CREATE FUNCTION scenes_keep_segments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM segments WHERE scene_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE = format('scene %s still has segments', OLD.id);
    END IF;
    RETURN coalesce(NEW, OLD);
END;
$$;
CREATE TRIGGER scenes_keep_segments BEFORE DELETE ON scenes
    FOR EACH ROW EXECUTE FUNCTION scenes_keep_segments();
CREATE TRIGGER scenes_keep_id BEFORE UPDATE OF id ON scenes
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION scenes_keep_segments();

-- jobs.idempotency_key: unique over all months.
CREATE FUNCTION jobs_claim_idempotency_key() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM job_idempotency_keys WHERE idempotency_key = OLD.idempotency_key AND job_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.idempotency_key IS NOT NULL THEN
        INSERT INTO job_idempotency_keys VALUES (NEW.idempotency_key, NEW.id, NEW.created_at);
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER jobs_claim_idempotency_key AFTER INSERT OR DELETE ON jobs
    FOR EACH ROW EXECUTE FUNCTION jobs_claim_idempotency_key();
CREATE TRIGGER jobs_change_idempotency_key AFTER UPDATE OF idempotency_key, id, created_at ON jobs
    FOR EACH ROW WHEN ((OLD.idempotency_key, OLD.id, OLD.created_at)
                       IS DISTINCT FROM (NEW.idempotency_key, NEW.id, NEW.created_at))
    EXECUTE FUNCTION jobs_claim_idempotency_key();

-- Counters. Rows are always locked scenes first, then ideas, then topics, each in the order of their ids, so that
-- two writers neither deadlock nor count each other's rows twice.
CREATE FUNCTION recount_scenes(scene_ids uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM scenes WHERE id = ANY (scene_ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE scenes AS s
    SET segment_count = c.segments, total_duration = c.duration,
        contributor_count = c.contributors, last_segment_at = c.last_at
    FROM (
        SELECT wanted.id,
               count(g.id)::int AS segments,
               coalesce(sum(g.duration), 0)::int AS duration,
               count(DISTINCT g.user_id)::int AS contributors,
               max(g.created_at) AS last_at
        FROM unnest(scene_ids) AS wanted (id)
        LEFT JOIN segments AS g ON g.scene_id = wanted.id AND g.status = 'active'
        GROUP BY wanted.id
    ) AS c
    WHERE s.id = c.id
      AND (s.segment_count, s.total_duration, s.contributor_count, s.last_segment_at)
          IS DISTINCT FROM (c.segments, c.duration, c.contributors, c.last_at);
END;
$$;

CREATE FUNCTION count_segments() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM recount_scenes(ARRAY(SELECT DISTINCT scene_id FROM new_rows));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM recount_scenes(ARRAY(SELECT DISTINCT scene_id FROM old_rows));
    ELSE
        PERFORM recount_scenes(ARRAY(SELECT scene_id FROM old_rows UNION SELECT scene_id FROM new_rows));
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON segments
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_segments();
CREATE TRIGGER count_updated AFTER UPDATE ON segments
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_segments();
CREATE TRIGGER count_deleted AFTER DELETE ON segments
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_segments();

-- How often each id came, less how often it went, in the order in which rows are locked. Without a search_path of
-- its own, so that it becomes part of the queries that call it.
CREATE FUNCTION net_changes(came uuid[], went uuid[]) RETURNS TABLE (id uuid, change integer) LANGUAGE sql IMMUTABLE AS $$
    SELECT e.id, sum(e.change)::int
    FROM (SELECT unnest(came) AS id, 1 AS change UNION ALL SELECT unnest(went), -1) AS e
    GROUP BY e.id HAVING sum(e.change) <> 0 ORDER BY e.id
$$;

-- ideas.scene_count and topics.scene_count count scenes that are active or locked.
CREATE FUNCTION count_scenes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ideas_left uuid[];
    topics_left uuid[];
    ideas_joined uuid[];
    topics_joined uuid[];
    changed record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT array_agg(idea_id), array_agg(topic_id) INTO ideas_left, topics_left
        FROM old_rows WHERE status IN ('active', 'locked');
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT array_agg(idea_id), array_agg(topic_id) INTO ideas_joined, topics_joined
        FROM new_rows WHERE status IN ('active', 'locked');
    END IF;
    -- Every view and like updates a scene too, and moves it nowhere.
    IF (ideas_joined, topics_joined) IS NOT DISTINCT FROM (ideas_left, topics_left) THEN
        RETURN NULL;
    END IF;
    FOR changed IN SELECT * FROM net_changes(ideas_joined, ideas_left) LOOP
        UPDATE ideas SET scene_count = scene_count + changed.change WHERE id = changed.id;
    END LOOP;
    FOR changed IN SELECT * FROM net_changes(topics_joined, topics_left) LOOP
        UPDATE topics SET scene_count = scene_count + changed.change WHERE id = changed.id;
    END LOOP;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON scenes
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_scenes();
CREATE TRIGGER count_updated AFTER UPDATE ON scenes
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_scenes();
CREATE TRIGGER count_deleted AFTER DELETE ON scenes
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_scenes();

CREATE FUNCTION count_likes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    scenes_lost uuid[];
    ideas_lost uuid[];
    scenes_won uuid[];
    ideas_won uuid[];
    changed record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT array_agg(target_id) FILTER (WHERE target_type = 'scene'),
               array_agg(target_id) FILTER (WHERE target_type = 'idea') INTO scenes_lost, ideas_lost FROM old_rows;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT array_agg(target_id) FILTER (WHERE target_type = 'scene'),
               array_agg(target_id) FILTER (WHERE target_type = 'idea') INTO scenes_won, ideas_won FROM new_rows;
    END IF;
    FOR changed IN SELECT * FROM net_changes(scenes_won, scenes_lost) LOOP
        UPDATE scenes SET like_count = like_count + changed.change WHERE id = changed.id;
    END LOOP;
    FOR changed IN SELECT * FROM net_changes(ideas_won, ideas_lost) LOOP
        UPDATE ideas SET like_count = like_count + changed.change WHERE id = changed.id;
    END LOOP;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_inserted AFTER INSERT ON likes
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_likes();
CREATE TRIGGER count_updated AFTER UPDATE ON likes
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_likes();
CREATE TRIGGER count_deleted AFTER DELETE ON likes
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_likes();

CREATE FUNCTION count_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed record;
BEGIN
    FOR changed IN SELECT * FROM net_changes(ARRAY(SELECT scene_id FROM new_rows), NULL) LOOP
        UPDATE scenes SET view_count = view_count + changed.change WHERE id = changed.id;
    END LOOP;
    -- An idea is seen through its scenes.
    FOR changed IN SELECT * FROM net_changes(
        ARRAY(SELECT s.idea_id FROM new_rows AS n JOIN scenes AS s ON s.id = n.scene_id), NULL) LOOP
        UPDATE ideas SET view_count = view_count + changed.change WHERE id = changed.id;
    END LOOP;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_views AFTER INSERT ON scene_views
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_views();

-- In and out points on a subject that plays, with their reason. The platform's rows have no place for a time.
CREATE TABLE greenroom.marks (
    mark_id uuid PRIMARY KEY,
    kind text NOT NULL,
    id uuid NOT NULL,
    partition_key timestamptz,
    login name NOT NULL,
    begins_ms integer NOT NULL,
    ends_ms integer,
    policy_key text NOT NULL,
    note text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz,
    flag_id uuid,
    CHECK (begins_ms >= 0 AND ends_ms >= begins_ms)
);
CREATE INDEX marks_subject ON greenroom.marks (kind, id);

ALTER TABLE greenroom.change_log DROP CONSTRAINT change_log_event_check;
ALTER TABLE greenroom.change_log ADD CONSTRAINT change_log_event_check
    CHECK (event IN ('claimed', 'released', 'decided', 'undone', 'saved', 'flagged', 'marked'));

-- Reviews: flagged first, and how far back what was there before attach has been brought in.
CREATE INDEX subjects_review_flagged ON greenroom.subjects ((open_flags > 0) DESC, review_due_at DESC, id DESC)
    WHERE review_due_at IS NOT NULL;
ALTER TABLE greenroom.settings ADD COLUMN review_back_to timestamptz;

-- Merges of topics: what goes into which, how far it has come, and the slugs that lead on.
CREATE TABLE greenroom.topic_merges (
    merge_id uuid PRIMARY KEY,
    topic_id uuid NOT NULL,
    survivor_id uuid NOT NULL,
    title text NOT NULL,
    login name NOT NULL,
    begun_at timestamptz NOT NULL,
    undo_until timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('moving', 'stopped', 'merged', 'undoing', 'undone')),
    was_active boolean NOT NULL,
    moved bigint NOT NULL DEFAULT 0,
    kept bigint NOT NULL DEFAULT 0,
    carried_at timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK (topic_id <> survivor_id)
);
CREATE UNIQUE INDEX topic_merges_topic ON greenroom.topic_merges (topic_id) WHERE state <> 'undone';
CREATE INDEX topic_merges_survivor ON greenroom.topic_merges (survivor_id) WHERE state <> 'undone';
-- What was moved, in the order of moving; slugs are those that categories had and could not keep.
CREATE TABLE greenroom.topic_merge_parts (
    merge_id uuid NOT NULL REFERENCES greenroom.topic_merges (merge_id),
    ordinal bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    relation text NOT NULL CHECK (relation IN ('categories', 'scenes', 'ideas', 'user_topics')),
    row_ids uuid[] NOT NULL,
    slug text,
    given text,
    PRIMARY KEY (merge_id, ordinal)
);
-- A slug of a topic that is no more, and the topic to look at instead; that one may have gone on itself.
CREATE TABLE greenroom.topic_redirects (
    slug text PRIMARY KEY,
    topic_id uuid NOT NULL,
    merge_id uuid NOT NULL REFERENCES greenroom.topic_merges (merge_id),
    since timestamptz NOT NULL
);

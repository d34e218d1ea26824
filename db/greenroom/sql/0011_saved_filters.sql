-- Filters that people keep for a queue, for themselves or for the team. A filter is its line; it has no other name.
CREATE TABLE greenroom.saved_filters (
    scope text NOT NULL,
    login name NOT NULL,
    line text NOT NULL,
    shared boolean NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (scope, login, line)
);
ALTER TABLE greenroom.saved_filters ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_shared ON greenroom.saved_filters FOR SELECT USING (shared OR login = session_user);

-- Making an admin takes two: one asks, another grants. It is asked for a staff login or for an account of the platform.
CREATE TABLE greenroom.admin_requests (
    request_id uuid PRIMARY KEY,
    login name,
    user_id uuid,
    asked_by name NOT NULL,
    asked_at timestamptz NOT NULL,
    answered_by name,
    answered_at timestamptz,
    granted boolean,
    CHECK (num_nonnulls(login, user_id) = 1),
    CHECK (num_nonnulls(answered_by, answered_at, granted) IN (0, 3))
);
CREATE UNIQUE INDEX admin_requests_login ON greenroom.admin_requests (login) WHERE answered_at IS NULL;
CREATE UNIQUE INDEX admin_requests_user ON greenroom.admin_requests (user_id) WHERE answered_at IS NULL;

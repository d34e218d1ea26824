-- What authors are told, and what breaking a policy costs: points that count for some days. A policy that was there
-- before costs nothing until an admin says so. `statement` is a template; fill_template() names its fields' form.
ALTER TABLE greenroom.policies ADD COLUMN example text NOT NULL DEFAULT '';
ALTER TABLE greenroom.policies ADD COLUMN statement text NOT NULL DEFAULT
    'Your {kind} “{item}” was {action} on {date} because it breaks our policy “{policy}”. '
    'A member of our staff decided this. If you think it is wrong, you can appeal.';
ALTER TABLE greenroom.policies ADD COLUMN points smallint NOT NULL DEFAULT 0 CHECK (points BETWEEN 0 AND 100);
ALTER TABLE greenroom.policies ADD COLUMN points_days integer NOT NULL DEFAULT 90 CHECK (points_days BETWEEN 1 AND 3650);

-- From how many points on which sanction follows, and for how long; without days it is not for a time.
CREATE TABLE greenroom.ladder (
    points smallint PRIMARY KEY CHECK (points > 0),
    sanction text NOT NULL CHECK (sanction IN ('warn', 'restrict', 'suspend')),
    days integer CHECK (days > 0)
);
INSERT INTO greenroom.ladder VALUES (1, 'warn', NULL), (4, 'restrict', 7), (8, 'suspend', 30);

-- Whoever ever got a strike: decisions about one author queue on this row, so that none misses another's points.
CREATE TABLE greenroom.struck (user_id uuid PRIMARY KEY);

-- One decision is one strike for an author, whatever the number of items. `sanction` is what followed from it.
CREATE TABLE greenroom.strikes (
    decision_id uuid NOT NULL,
    user_id uuid NOT NULL,
    policy_key text NOT NULL,
    policy_version integer NOT NULL,
    points smallint NOT NULL,
    struck_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    sanction text,
    sanction_points smallint,
    sanction_until timestamptz,
    sanction_lifted_at timestamptz,
    PRIMARY KEY (decision_id, user_id)
);
CREATE INDEX strikes_live ON greenroom.strikes (user_id, expires_at) WHERE revoked_at IS NULL;

-- Replaced by one that has an id and the new columns.
DROP FUNCTION IF EXISTS greenroom.save_policy(text, integer, text, text, integer, text, text, boolean, text);

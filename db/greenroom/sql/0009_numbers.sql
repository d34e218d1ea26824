-- How the work went, a day (UTC) at a time: written by count_numbers() from what the audit got since it ran last.
CREATE TABLE greenroom.daily_decisions (
    day date NOT NULL,
    scope text NOT NULL,
    policy_key text NOT NULL,  -- empty where a decision named none
    decided integer NOT NULL DEFAULT 0,
    taken_back integer NOT NULL DEFAULT 0,
    overturned integer NOT NULL DEFAULT 0,
    PRIMARY KEY (day, scope, policy_key)
);

-- How long what was decided on a day had waited: `look` until somebody opened it, `decision` until it was decided.
-- Two buckets an octave: bucket b holds waits from 2^(b/2) - 1 to 2^((b+1)/2) - 1 seconds.
CREATE TABLE greenroom.daily_waits (
    day date NOT NULL,
    scope text NOT NULL,
    policy_key text NOT NULL,
    measure text NOT NULL CHECK (measure IN ('look', 'decision')),
    bucket smallint NOT NULL,
    items integer NOT NULL,
    PRIMARY KEY (day, scope, policy_key, measure, bucket)
);

CREATE TABLE greenroom.hourly_queues (
    hour timestamptz NOT NULL,
    scope text NOT NULL,
    waiting integer NOT NULL,
    oldest_at timestamptz,
    PRIMARY KEY (hour, scope)
);

-- When what still waits was first opened by anybody.
CREATE TABLE greenroom.first_looks (
    kind text NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Everything of transactions below the horizon is counted.
CREATE TABLE greenroom.numbers_counted (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    horizon xid8 NOT NULL,
    at timestamptz NOT NULL
);
INSERT INTO greenroom.numbers_counted (horizon, at) VALUES ('0', '-infinity');

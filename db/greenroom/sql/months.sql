-- Tables partitioned by one range of time, and which of this and the next month (UTC) no partition holds whole.
WITH months AS (
    SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n) AS first_day
    FROM generate_series(0, 1) AS n
), partitioned AS (
    SELECT p.partrelid FROM pg_partitioned_table AS p
    JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
    WHERE p.partstrat = 'r' AND p.partnatts = 1
      AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
), bounds AS (
    SELECT i.inhparent, substring(b.said FROM $$FROM \('([^']+)'\)$$)::timestamptz AS lower,
           substring(b.said FROM $$TO \('([^']+)'\)$$)::timestamptz AS upper
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL pg_get_expr(c.relpartbound, c.oid) AS b (said)
)
SELECT p.partrelid::regclass::text, to_char(m.first_day, 'YYYY-MM')
FROM partitioned AS p CROSS JOIN months AS m
WHERE NOT EXISTS (
    SELECT FROM bounds AS b
    WHERE b.inhparent = p.partrelid AND b.lower <= m.first_day AT TIME ZONE 'UTC'
      AND b.upper >= (m.first_day + interval '1 month') AT TIME ZONE 'UTC')
ORDER BY 1, 2;

-- agent_operations beside committed edits, audit_heads, rate_counters, alerts

-- name: record_agent_operations
-- Audit rows beside the journal, in columns: agents $1 tried $2 on the diagrams whose id or uuid is
-- $3 (none where it names no diagram), with the data $4, in sessions $5; $6 says why it failed, or
-- is NULL; revisions $7, milliseconds $8, addresses $9, moments $10. In the order of their chains,
-- so that no two processes wait for each other's.
INSERT INTO agent_operations (
    chain, diagram_uuid, agent_id, operation_type, operation_data, user_session_id,
    success, error_message, revision, duration_ms, address, "timestamp"
)
SELECT 'agent:' || n.agent_id, d.uuid, n.agent_id, n.operation_type, n.operation_data, n.session_id,
    n.error IS NULL, n.error, n.revision, n.duration_ms, n.address, n.at
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::text[], $7::bigint[],
    $8::integer[], $9::text[], $10::timestamptz[]
) WITH ORDINALITY AS n (
    agent_id, operation_type, diagram, operation_data, session_id, error, revision, duration_ms,
    address, at, place
)
LEFT JOIN LATERAL (
    SELECT uuid FROM diagrams
    WHERE id = n.diagram OR uuid = n.diagram
    ORDER BY id = n.diagram DESC
    LIMIT 1
) AS d ON true
ORDER BY 'agent:' || n.agent_id COLLATE "C", n.place;

-- name: list_agent_operations
-- Audit rows, newest first: of the diagram whose id or uuid is $1, of agent $2, older than the row
-- $3, from $5 on, before $6, each where it is not NULL; $4 rows.
SELECT o.* FROM agent_operations AS o
WHERE ($1::text IS NULL
        OR o.diagram_uuid IN (SELECT uuid FROM diagrams WHERE id = $1::text OR uuid = $1::text))
    AND ($2::text IS NULL OR o.agent_id = $2)
    AND ($3::bigint IS NULL OR o.id < $3)
    AND ($5::timestamptz IS NULL OR o."timestamp" >= $5)
    AND ($6::timestamptz IS NULL OR o."timestamp" < $6)
ORDER BY o.id DESC
LIMIT $4;

-- name: export_agent_operations
-- The same filters, oldest first, after the row $3.
SELECT o.* FROM agent_operations AS o
WHERE ($1::text IS NULL
        OR o.diagram_uuid IN (SELECT uuid FROM diagrams WHERE id = $1::text OR uuid = $1::text))
    AND ($2::text IS NULL OR o.agent_id = $2)
    AND o.id > $3::bigint
    AND ($5::timestamptz IS NULL OR o."timestamp" >= $5)
    AND ($6::timestamptz IS NULL OR o."timestamp" < $6)
ORDER BY o.id
LIMIT $4;

-- name: read_audit_heads
-- The heads of chains after $1, in order; $2 rows.
SELECT * FROM audit_heads WHERE chain COLLATE "C" > $1
ORDER BY chain COLLATE "C"
LIMIT $2;

-- name: read_audit_head
-- The head of chain $1.
SELECT * FROM audit_heads WHERE chain = $1;

-- name: read_audit_chain
-- The rows of chain $1 after position $2, at most up to position $4, in order, each with
-- the text that is hashed; $3 rows.
SELECT position, id, previous_hash, hash, json_build_array(
    chain, id, diagram_uuid, agent_id, operation_type, operation_data,
    -- A moment without end is none that was written, and no number either.
    CASE WHEN isfinite("timestamp") THEN (extract(epoch FROM "timestamp") * 1000000)::bigint END,
    user_session_id, success, error_message, revision, duration_ms, address
)::text AS content
FROM agent_operations
WHERE chain = $1 AND position > $2 AND position <= $4
ORDER BY position
LIMIT $3;

-- name: find_audit_strays
-- Rows that belong to no chain that there is, or lie outside their chain; $1 of them.
SELECT o.id, o.chain, o.position FROM agent_operations AS o
LEFT JOIN audit_heads AS h ON h.chain = o.chain
WHERE h.chain IS NULL OR o.position <= h.base_position OR o.position > h.position
ORDER BY o.id
LIMIT $1;

-- name: find_prunable_chains
-- Chains whose first row is older than $1; $2 of them.
SELECT h.chain FROM audit_heads AS h
JOIN agent_operations AS o ON o.chain = h.chain AND o.position = h.base_position + 1
WHERE o."timestamp" < $1
ORDER BY h.chain
LIMIT $2;

-- name: prune_audit_chain
-- Drops rows of chain $1 from its beginning on that are older than $2, at most $3, and has its head
-- remember where it begins. Returns how many.
SELECT audit_prune($1, $2, $3) AS dropped;

-- name: save_rate_counters
-- Buckets of the subjects $1 and kinds $2 that are full in $3 seconds; drops what is full.
WITH full_ones AS (
    DELETE FROM rate_counters WHERE full_at <= now()
        AND NOT (subject, kind) IN (SELECT * FROM unnest($1::text[], $2::text[]))
)
INSERT INTO rate_counters (subject, kind, full_at)
SELECT subject, kind, now() + make_interval(secs => seconds)
FROM unnest($1::text[], $2::text[], $3::float8[]) AS c (subject, kind, seconds)
ORDER BY subject, kind
ON CONFLICT (subject, kind) DO UPDATE SET full_at = excluded.full_at;

-- name: load_rate_counters
-- The buckets that are not full, the emptiest first, with the seconds until they are; $1 rows.
SELECT subject, kind, extract(epoch FROM full_at - now())::float8 AS seconds
FROM rate_counters WHERE full_at > now()
ORDER BY full_at DESC
LIMIT $1;

-- name: measure_storage
-- What is counted as made by $1: diagrams that are not in the trash, and bytes in all, of the newest
-- snapshot of each as it is stored, the trash included.
SELECT count(*) FILTER (WHERE d.deleted_at IS NULL) AS diagrams,
    coalesce(sum(s.bytes), 0)::bigint AS bytes
FROM diagrams AS d
LEFT JOIN LATERAL (
    SELECT pg_column_size(document) AS bytes FROM snapshots
    WHERE diagram_id = d.id
    ORDER BY revision DESC
    LIMIT 1
) AS s ON true
WHERE d.made_by = $1;

-- name: note_makers
-- The diagrams $1 count as made by $2.
UPDATE diagrams SET made_by = $2 WHERE id = ANY ($1::text[]);

-- name: raise_alert
-- Stores an alert of rule $1 about $2, with the words $3 and the details $4.
INSERT INTO alerts (rule, subject, message, details) VALUES ($1, $2, $3, $4::jsonb)
RETURNING *;

-- name: list_alerts
-- Alerts, newest first, older than $1 where it is not NULL, only open ones where $2; $3 rows.
SELECT * FROM alerts
WHERE ($1::bigint IS NULL OR id < $1) AND (acknowledged_at IS NULL OR NOT $2)
ORDER BY id DESC
LIMIT $3;

-- name: acknowledge_alert
-- Person $2 has seen the alert $1. Returns it, as it was acknowledged first.
UPDATE alerts
SET acknowledged_at = coalesce(acknowledged_at, now()),
    acknowledged_by = coalesce(acknowledged_by, $2)
WHERE id = $1
RETURNING *;

-- name: drop_old_alerts
-- Drops all alerts but the newest $1.
DELETE FROM alerts
WHERE id <= (SELECT id FROM alerts ORDER BY id DESC OFFSET $1::integer LIMIT 1);

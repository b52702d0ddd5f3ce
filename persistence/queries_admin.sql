-- What the admin page asks, across agents and diagrams.

-- name: admin_agents
-- Agents, newest first: revoked ones too where $1, those whose id or name matches the pattern $2
-- where it is not NULL, only the agent $3 where it is not NULL; $4 rows. With what belongs to them.
SELECT c.*, c.active AND coalesce(c.expires_at > now(), true) AS in_force, c.expires_at AS ends_at,
    (
        SELECT max(k.expires_at) FROM agent_old_keys AS k
        WHERE k.agent_id = c.agent_id AND k.expires_at > now()
    ) AS old_key_until,
    (SELECT count(*) FROM diagram_permissions AS g WHERE g.agent_id = c.agent_id) AS grants,
    EXISTS (SELECT FROM oauth_grants AS o WHERE o.agent_id = c.agent_id) AS is_connected,
    p.name AS owner_name
FROM agent_credentials AS c
LEFT JOIN people AS p ON p.id = c.owner_id
WHERE (c.active OR $1::boolean)
    AND ($2::text IS NULL OR c.name ILIKE $2::text OR c.agent_id ILIKE $2::text)
    AND ($3::text IS NULL OR c.agent_id = $3::text)
ORDER BY c.id DESC
LIMIT $4;

-- name: admin_activity
-- How many calls each agent made in each hour by the clock since $1, and how many of them failed.
-- What people changed about it are no calls.
SELECT agent_id, date_trunc('hour', "timestamp" AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS hour,
    count(*) AS calls, count(*) FILTER (WHERE NOT success) AS failed
FROM agent_operations
WHERE "timestamp" >= $1 AND operation_type NOT LIKE 'access.%'
GROUP BY 1, 2;

-- name: admin_grants
-- What agents are granted on single diagrams, newest first: of agent $1, on the diagram whose id or
-- uuid is $2, before the row $3, each where it is not NULL; $4 rows.
SELECT g.id, g.agent_id, c.name, d.id AS diagram_id, d.title, g.permissions, g.granted_at,
    g.granted_by, p.name AS granted_by_name, d.deleted_at IS NOT NULL AS in_trash,
    d.agent_accessible
FROM diagram_permissions AS g
JOIN agent_credentials AS c ON c.agent_id = g.agent_id
JOIN diagrams AS d ON d.uuid = g.diagram_uuid
LEFT JOIN people AS p ON p.id = g.granted_by
WHERE ($1::text IS NULL OR g.agent_id = $1::text)
    AND ($2::text IS NULL OR d.id = $2::text OR d.uuid = $2::text)
    AND ($3::bigint IS NULL OR g.id < $3::bigint)
ORDER BY g.id DESC
LIMIT $4;

-- name: admin_audit
-- Rows of the audit with names, newest first: on the diagram whose id or uuid is $1, of agent $2,
-- whose operation matches the pattern $3, that succeeded or not as $4 says, from $5 on, before $6,
-- before the row $7, each where it is not NULL; $8 rows.
SELECT o.*, c.name AS agent_name, d.id AS diagram_id, d.title
FROM agent_operations AS o
LEFT JOIN agent_credentials AS c ON c.agent_id = o.agent_id
LEFT JOIN diagrams AS d ON d.uuid = o.diagram_uuid
WHERE ($1::text IS NULL
        OR o.diagram_uuid IN (SELECT uuid FROM diagrams WHERE id = $1::text OR uuid = $1::text))
    AND ($2::text IS NULL OR o.agent_id = $2::text)
    AND ($3::text IS NULL OR o.operation_type ILIKE $3::text)
    AND ($4::boolean IS NULL OR o.success = $4::boolean)
    AND ($5::timestamptz IS NULL OR o."timestamp" >= $5)
    AND ($6::timestamptz IS NULL OR o."timestamp" < $6)
    AND ($7::bigint IS NULL OR o.id < $7::bigint)
ORDER BY o.id DESC
LIMIT $8;

-- name: admin_titles
-- The titles of the diagrams $1.
SELECT id, title FROM diagrams WHERE id = ANY ($1::text[]);

-- name: admin_open_alerts
-- How many alerts nobody has acknowledged.
SELECT count(*) AS alerts FROM alerts WHERE acknowledged_at IS NULL;

-- name: end_person_session_by_id
-- Ends the session with the id $1, which is no secret.
WITH ended AS (
    DELETE FROM person_sessions WHERE id = $1 RETURNING id
), told AS (
    INSERT INTO access_changes (subject) SELECT 'session:' || id FROM ended
)
SELECT id FROM ended;

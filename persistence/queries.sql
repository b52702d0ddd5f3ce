-- Every query that this project sends to Postgres, except the migrations.
-- A query begins with its name; the comment below it says what it does and what it returns.

-- name: commit_group
-- Stores the batches of many diagrams: advances each diagram that stands just before its batch and
-- is not in the trash, and only for those inserts the journal entries and the agents' audit rows.
-- $1..$12 are columns of batches, one a diagram; $13..$25 are columns of entries.
-- Returns the ids of the diagrams that advanced. One statement, so all of it or nothing.
WITH batch AS (
    SELECT * FROM unnest(
        $1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
        $8::integer[], $9::integer[], $10::timestamptz[], $11::integer[], $12::timestamptz[]
    ) AS b (
        diagram_id, commit_id, before, head, title, description, kind,
        node_count, edge_count, updated_at, agent_edits, last_agent_edit
    )
), entry AS (
    SELECT * FROM unnest(
        $13::text[], $14::bigint[], $15::text[], $16::text[], $17::text[], $18::text[],
        $19::bigint[], $20::json[], $21::timestamptz[], $22::text[], $23::jsonb[],
        $24::integer[], $25::text[]
    ) AS e (
        diagram_id, revision, author_kind, author_id, author_name, client_id,
        sequence, operation, committed_at, label, audited, duration_ms, address
    )
), advanced AS (
    UPDATE diagrams AS d
    SET revision = b.head,
        title = b.title,
        description = b.description,
        kind = b.kind,
        format = CASE b.kind WHEN 'mermaid' THEN 'mermaid' ELSE 'reactflow' END,
        node_count = b.node_count,
        edge_count = b.edge_count,
        updated_at = b.updated_at,
        last_agent_edit = coalesce(b.last_agent_edit, d.last_agent_edit),
        agent_edit_count = d.agent_edit_count + b.agent_edits
    FROM batch AS b
    WHERE d.id = ANY ($1) AND d.id = b.diagram_id
        AND d.revision = b.before AND d.deleted_at IS NULL
    RETURNING d.id, d.uuid, b.commit_id
), written AS (
    INSERT INTO journal (
        diagram_id, revision, author_kind, author_id, author_name, client_id,
        sequence, operation, committed_at, label, commit_id
    )
    SELECT e.diagram_id, e.revision, e.author_kind, e.author_id, e.author_name, e.client_id,
        e.sequence, e.operation, e.committed_at, e.label, v.commit_id
    FROM entry AS e JOIN advanced AS v ON v.id = e.diagram_id
), audited AS (
    INSERT INTO agent_operations (
        chain, diagram_uuid, agent_id, operation_type, operation_data, "timestamp",
        user_session_id, revision, duration_ms, address
    )
    SELECT 'diagram:' || v.uuid, v.uuid, left(e.author_id, 255), left(e.label, 50), e.audited,
        e.committed_at, left(e.client_id, 255), e.revision, e.duration_ms, e.address
    FROM entry AS e JOIN advanced AS v ON v.id = e.diagram_id
    WHERE e.author_kind = 'agent'
    -- Each row locks its chain's head: always in this order, or two processes could deadlock.
    ORDER BY v.uuid COLLATE "C", e.revision
)
SELECT id FROM advanced;

-- name: describe_backend
-- The server process behind this connection, and whether commits survive a power cut.
SELECT pid, backend_start, current_setting('fsync') AS fsync
FROM pg_stat_activity WHERE pid = pg_backend_pid();

-- name: terminate_backend
-- Ends the server process $1 that started at $2, if it still lives. One row for a process that does.
SELECT pg_terminate_backend(pid) AS signalled
FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2;

-- name: read_back
-- Of the attempts $3 to commit, each beginning at revision $2 of diagram $1: those that are stored.
SELECT j.commit_id
FROM unnest($1::text[], $2::bigint[], $3::uuid[]) AS a (diagram_id, revision, commit_id)
JOIN journal AS j USING (diagram_id, revision, commit_id);

-- name: load_diagram
-- The diagram $1, its revision and its newest snapshot before revision $2, NULL where there is none;
-- no row if there is no such diagram or it is in the trash.
SELECT d.policy, d.revision AS head, s.revision, s.document
FROM diagrams AS d
LEFT JOIN snapshots AS s ON s.diagram_id = d.id AND s.revision < $2
WHERE d.id = $1 AND d.deleted_at IS NULL
ORDER BY s.revision DESC NULLS LAST
LIMIT 1;

-- name: read_entries
-- The journal of diagram $1 after revision $2 up to and with revision $3, in order.
SELECT diagram_id, revision, author_kind, author_id, author_name, client_id, sequence,
    operation, committed_at, label
FROM journal
WHERE diagram_id = $1 AND revision > $2 AND revision <= $3
ORDER BY revision;

-- name: find_last_submission
-- The submission with the highest sequence of author $2, $3 by client $4 on diagram $1.
SELECT sequence, revision
FROM journal
WHERE diagram_id = $1 AND author_kind = $2 AND author_id = $3 AND client_id = $4
ORDER BY sequence DESC
LIMIT 1;

-- name: find_submission
-- The revision as which submission $5 of client $4 of author ($2, $3) was committed on diagram $1.
SELECT revision FROM journal
WHERE diagram_id = $1 AND author_kind = $2 AND author_id = $3 AND client_id = $4 AND sequence = $5;

-- name: ping
-- Answers, if anybody does.
SELECT 1 AS answer;

-- name: save_snapshot
-- Stores the snapshot $3 of diagram $1 at revision $2 if that revision is committed, and drops all
-- but the newest $4 and the first, from which the whole journal can be replayed. Returns the revision
-- if it was stored now or before.
WITH stored AS (
    INSERT INTO snapshots (diagram_id, revision, document)
    SELECT id, $2, $3::json FROM diagrams WHERE id = $1 AND revision >= $2
    ON CONFLICT (diagram_id, revision) DO UPDATE SET document = excluded.document
    RETURNING diagram_id, revision
), kept AS (
    SELECT revision FROM snapshots WHERE diagram_id = $1
    UNION SELECT revision FROM stored
    ORDER BY revision DESC
    LIMIT $4
), dropped AS (
    DELETE FROM snapshots
    WHERE diagram_id = $1 AND revision > 0 AND revision < (SELECT min(revision) FROM kept)
)
SELECT revision FROM stored;

-- name: insert_diagram
-- A new diagram with its first snapshot ($19) at revision 0 and, where $20 is an agent, its grant of
-- the permissions $21. Returns its row, or no row where $1 or $2 already names a diagram, be it in
-- the trash.
WITH inserted AS (
    INSERT INTO diagrams (
        id, uuid, title, description, kind, format, tags, is_public, user_id, agent_accessible,
        created_by_agent, agent_metadata, policy, extra, node_count, edge_count,
        created_at, updated_at
    )
    SELECT $1::text, $2::text, $3, $4, $5, $6, $7::text[], $8, $9, $10,
        $11, $12::jsonb, $13, $14::jsonb, $15, $16,
        coalesce($17::timestamptz, now()), coalesce($18::timestamptz, $17::timestamptz, now())
    WHERE NOT EXISTS (SELECT FROM diagrams WHERE uuid = $1::text OR id = $2::text)
    ON CONFLICT DO NOTHING
    RETURNING *
), snapshot AS (
    INSERT INTO snapshots (diagram_id, revision, document)
    SELECT id, revision, $19::json FROM inserted
), granted AS (
    INSERT INTO diagram_permissions (diagram_uuid, agent_id, permissions, granted_by)
    SELECT uuid, $20::text, $21::jsonb, $20::text FROM inserted WHERE $20::text IS NOT NULL
)
SELECT * FROM inserted;

-- name: find_diagram
-- The diagram whose id or uuid is $1, of those in the trash if $4, else of the others; an id goes
-- before a uuid. With it the role of person $2 as a member, and what agent $3 is granted on it.
SELECT d.*, m.role AS member_role, g.permissions AS grant_permissions
FROM diagrams AS d
LEFT JOIN (
    SELECT m.diagram_id, m.role FROM diagram_members AS m
    LEFT JOIN share_links AS l ON l.id = m.link_id
    WHERE m.person_id = $2::text
        AND (m.link_id IS NULL OR (l.revoked_at IS NULL AND l.expires_at > now()))
) AS m ON m.diagram_id = d.id
LEFT JOIN diagram_permissions AS g ON g.diagram_uuid = d.uuid AND g.agent_id = $3::text
WHERE (d.id = $1::text OR d.uuid = $1::text) AND (d.deleted_at IS NOT NULL) = $4::boolean
ORDER BY d.id = $1::text DESC
LIMIT 1;

-- name: list_diagrams
-- A page, last changed first: those whose title or description matches the pattern $1 (all where
-- it is NULL), only those open to agents where $2, those in the trash where $3; and of these only
-- those that may be read, or in the trash restored, by person $4 or by agent $5 (whose owner $4 is,
-- if it is not NULL), by the rule of check_access: $6 for who sees everything, $7 for an agent that
-- needs no grant. $8 rows after $9, each with what find_diagram has beside it.
SELECT d.*, m.role AS member_role, g.permissions AS grant_permissions
FROM diagrams AS d
LEFT JOIN (
    SELECT m.diagram_id, m.role FROM diagram_members AS m
    LEFT JOIN share_links AS l ON l.id = m.link_id
    WHERE m.person_id = $4::text
        AND (m.link_id IS NULL OR (l.revoked_at IS NULL AND l.expires_at > now()))
) AS m ON m.diagram_id = d.id
LEFT JOIN diagram_permissions AS g ON g.diagram_uuid = d.uuid AND g.agent_id = $5::text
WHERE ($1::text IS NULL OR d.title ILIKE $1 OR d.description ILIKE $1)
    AND (d.agent_accessible OR NOT $2)
    AND (d.deleted_at IS NOT NULL) = $3
    AND ($6 OR d.user_id = $4::text OR (NOT $3 AND (m.role IS NOT NULL OR d.is_public)))
    AND ($5::text IS NULL OR (
        NOT $3 AND d.agent_accessible
        AND CASE WHEN g.permissions IS NULL THEN $7 ELSE g.permissions ?| '{read,full_access}' END
    ))
ORDER BY d.updated_at DESC, d.id
LIMIT $8 OFFSET $9;

-- name: list_diagrams_made_before
-- Those not in the trash, the last made first; where $1 is not NULL, those made before the diagram
-- $2 of that time. Of these only what person $3 or agent $4 may read: $5 and $6 are what $6 and $7
-- are in list_diagrams. $7 rows. Edits meanwhile move none of them.
SELECT d.*
FROM diagrams AS d
LEFT JOIN (
    SELECT m.diagram_id, m.role FROM diagram_members AS m
    LEFT JOIN share_links AS l ON l.id = m.link_id
    WHERE m.person_id = $3::text
        AND (m.link_id IS NULL OR (l.revoked_at IS NULL AND l.expires_at > now()))
) AS m ON m.diagram_id = d.id
LEFT JOIN diagram_permissions AS g ON g.diagram_uuid = d.uuid AND g.agent_id = $4::text
WHERE d.deleted_at IS NULL
    AND ($1::timestamptz IS NULL OR (d.created_at, d.id) < ($1, $2::text))
    AND ($5 OR d.user_id = $3::text OR m.role IS NOT NULL OR d.is_public)
    AND ($4::text IS NULL OR (
        d.agent_accessible
        AND CASE WHEN g.permissions IS NULL THEN $6 ELSE g.permissions ?| '{read,full_access}' END
    ))
ORDER BY d.created_at DESC, d.id DESC
LIMIT $7;

-- name: count_diagrams
-- How many diagrams list_diagrams has in all its pages; $1 to $7 as there.
SELECT count(*) AS total
FROM diagrams AS d
LEFT JOIN (
    SELECT m.diagram_id, m.role FROM diagram_members AS m
    LEFT JOIN share_links AS l ON l.id = m.link_id
    WHERE m.person_id = $4::text
        AND (m.link_id IS NULL OR (l.revoked_at IS NULL AND l.expires_at > now()))
) AS m ON m.diagram_id = d.id
LEFT JOIN diagram_permissions AS g ON g.diagram_uuid = d.uuid AND g.agent_id = $5::text
WHERE ($1::text IS NULL OR d.title ILIKE $1 OR d.description ILIKE $1)
    AND (d.agent_accessible OR NOT $2)
    AND (d.deleted_at IS NOT NULL) = $3
    AND ($6 OR d.user_id = $4::text OR (NOT $3 AND (m.role IS NOT NULL OR d.is_public)))
    AND ($5::text IS NULL OR (
        NOT $3 AND d.agent_accessible
        AND CASE WHEN g.permissions IS NULL THEN $7 ELSE g.permissions ?| '{read,full_access}' END
    ));

-- name: update_diagram
-- Writes what is not NULL beside the diagram $1, unless it is in the trash. Returns its row. Where
-- it is closed to agents or to the public, everybody who has it open is looked at again.
WITH before AS (
    SELECT id, is_public, agent_accessible FROM diagrams
    WHERE id = $1 AND deleted_at IS NULL
    FOR UPDATE
), told AS (
    INSERT INTO access_changes (subject)
    SELECT 'diagram:' || id FROM before
    WHERE (is_public AND NOT $3) OR (agent_accessible AND NOT $4)
)
UPDATE diagrams AS d
SET tags = coalesce($2::text[], d.tags),
    is_public = coalesce($3, d.is_public),
    agent_accessible = coalesce($4, d.agent_accessible),
    agent_metadata = coalesce($5::jsonb, d.agent_metadata),
    policy = coalesce($6, d.policy),
    updated_at = now()
FROM before AS b
WHERE d.id = b.id
RETURNING d.*;

-- name: trash_diagram
-- Moves the diagram $1 to the trash, where $2 is not NULL only if that is its revision; $3 named $4
-- does it.
UPDATE diagrams
SET deleted_at = now(), deleted_by = $3::text, deleted_by_name = $4::text
WHERE id = $1 AND deleted_at IS NULL AND ($2::bigint IS NULL OR revision = $2)
RETURNING *;

-- name: restore_diagram
-- Takes the diagram $1 out of the trash.
UPDATE diagrams SET deleted_at = NULL, deleted_by = NULL, deleted_by_name = NULL
WHERE id = $1 AND deleted_at IS NOT NULL
RETURNING *;

-- name: lock_migrations
-- Lets one process migrate at a time, until its transaction ends. The number is this project's.
SELECT pg_advisory_xact_lock(7242160901);

-- name: create_migrations_table
-- The table that remembers which migrations were applied, and what was in them.
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: list_migrations
-- The applied migrations in order.
SELECT version, name, sha256 FROM schema_migrations ORDER BY version;

-- name: record_migration
-- Notes the migration $1, named $2, whose file has the hash $3, as applied.
INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3);

-- name: find_legacy_columns
-- The columns of the old app's table of diagrams, wherever the search path finds it.
SELECT attname AS name FROM pg_attribute
WHERE attrelid = to_regclass('diagrams') AND attnum > 0 AND NOT attisdropped;

-- name: read_legacy_diagrams
-- Every row of the old app's table of diagrams.
SELECT * FROM diagrams;

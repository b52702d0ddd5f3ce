-- Every query that this project sends to Postgres, except the migrations.
-- A query begins with its name; the comment below it says what it does and what it returns.

-- name: commit_group
-- Stores the batches of many diagrams: advances each diagram that stands just before its batch and
-- is not in the trash, and only for those inserts the journal entries and the agents' audit rows.
-- $1..$12 are columns of batches, one a diagram; $13..$23 are columns of entries.
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
        $19::bigint[], $20::json[], $21::timestamptz[], $22::text[], $23::jsonb[]
    ) AS e (
        diagram_id, revision, author_kind, author_id, author_name, client_id,
        sequence, operation, committed_at, label, audited
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
        diagram_uuid, agent_id, operation_type, operation_data, "timestamp",
        user_session_id, revision
    )
    SELECT v.uuid, left(e.author_id, 255), left(e.label, 50), e.audited, e.committed_at,
        left(e.client_id, 255), e.revision
    FROM entry AS e JOIN advanced AS v ON v.id = e.diagram_id
    WHERE e.author_kind = 'agent'
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
-- The diagram $1 as far as its newest snapshot; no row if there is none or it is in the trash.
SELECT d.policy, s.revision, s.document
FROM diagrams AS d
JOIN snapshots AS s ON s.diagram_id = d.id
WHERE d.id = $1 AND d.deleted_at IS NULL
ORDER BY s.revision DESC
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
-- A new diagram with its first snapshot ($19) at revision 0. Returns its row, or no row where $1 or
-- $2 already names a diagram, be it in the trash.
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
)
SELECT * FROM inserted;

-- name: find_diagram
-- The diagram whose id or uuid is $1, unless it is in the trash; an id goes before a uuid.
SELECT * FROM diagrams
WHERE (id = $1::text OR uuid = $1::text) AND deleted_at IS NULL
ORDER BY id = $1::text DESC
LIMIT 1;

-- name: list_diagrams
-- A page, last changed first: those whose title or description matches the pattern $1 (all where
-- it is NULL), only those open to agents where $2, those in the trash where $3. $4 rows after $5.
SELECT * FROM diagrams
WHERE ($1::text IS NULL OR title ILIKE $1 OR description ILIKE $1)
    AND (agent_accessible OR NOT $2)
    AND (deleted_at IS NOT NULL) = $3
ORDER BY updated_at DESC, id
LIMIT $4 OFFSET $5;

-- name: list_diagrams_made_before
-- Those not in the trash, the last made first, only those open to agents where $1. Where $2 is not
-- NULL, those made before the diagram $3 of that time. $4 rows. Edits meanwhile move none of them.
SELECT * FROM diagrams
WHERE deleted_at IS NULL
    AND (agent_accessible OR NOT $1)
    AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::text))
ORDER BY created_at DESC, id DESC
LIMIT $4;

-- name: count_diagrams
-- How many diagrams list_diagrams has in all its pages; $1 to $3 as there.
SELECT count(*) AS total FROM diagrams
WHERE ($1::text IS NULL OR title ILIKE $1 OR description ILIKE $1)
    AND (agent_accessible OR NOT $2)
    AND (deleted_at IS NOT NULL) = $3;

-- name: update_diagram
-- Writes what is not NULL beside the diagram $1, unless it is in the trash. Returns its row.
UPDATE diagrams
SET tags = coalesce($2::text[], tags),
    is_public = coalesce($3, is_public),
    agent_accessible = coalesce($4, agent_accessible),
    agent_metadata = coalesce($5::jsonb, agent_metadata),
    policy = coalesce($6, policy),
    updated_at = now()
WHERE id = $1 AND deleted_at IS NULL
RETURNING *;

-- name: trash_diagram
-- Moves the diagram $1 to the trash, where $2 is not NULL only if that is its revision.
UPDATE diagrams
SET deleted_at = now()
WHERE id = $1 AND deleted_at IS NULL AND ($2::bigint IS NULL OR revision = $2)
RETURNING *;

-- name: restore_diagram
-- Takes the diagram $1 out of the trash.
UPDATE diagrams SET deleted_at = NULL
WHERE id = $1 AND deleted_at IS NOT NULL
RETURNING *;

-- name: create_credential
-- A new agent: $1 its id, $2 its name, $3 its key's prefix, $4 the key's hash, $5 its permissions,
-- $6 its requests a minute. No row where the id or the prefix is taken.
INSERT INTO agent_credentials (agent_id, name, key_prefix, api_key, permissions, rate_limit)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
RETURNING *;

-- name: find_credential
-- The agent whose key begins with $1, revoked or not.
SELECT * FROM agent_credentials WHERE key_prefix = $1;

-- name: list_credentials
-- Every agent, revoked ones included, in the order of their creation.
SELECT * FROM agent_credentials ORDER BY id;

-- name: revoke_credential
-- Ends the credential of agent $1. No row where there is none or it was ended before.
UPDATE agent_credentials SET active = false WHERE agent_id = $1 AND active RETURNING *;

-- name: touch_credential
-- Notes that agent $1 is at work now, unless that was noted less than $2 seconds ago.
UPDATE agent_credentials SET last_used = now()
WHERE agent_id = $1
    AND (last_used IS NULL OR last_used < now() - make_interval(secs => $2));

-- name: issue_sign_in_code
-- Stores the hash $1 of a code for person $2 named $3, good until $4, and drops expired ones.
WITH expired AS (
    DELETE FROM sign_in_codes WHERE expires_at <= now()
)
INSERT INTO sign_in_codes (code_hash, person_id, person_name, expires_at)
VALUES ($1, $2, $3, $4);

-- name: consume_sign_in_code
-- Removes the code with the hash $1 and returns whose it was, if it is still good.
DELETE FROM sign_in_codes WHERE code_hash = $1
RETURNING person_id, person_name, expires_at > now() AS is_good;

-- name: start_person_session
-- Stores the hash $1 of a token for person $2 named $3, good until $4, and drops expired ones.
WITH expired AS (
    DELETE FROM person_sessions WHERE expires_at <= now()
)
INSERT INTO person_sessions (token_hash, person_id, person_name, expires_at)
VALUES ($1, $2, $3, $4)
RETURNING *;

-- name: find_person_session
-- The session of the token with the hash $1, if it is still good.
SELECT * FROM person_sessions WHERE token_hash = $1 AND expires_at > now();

-- name: end_person_session
-- Ends the session of the token with the hash $1.
DELETE FROM person_sessions WHERE token_hash = $1 RETURNING token_hash;

-- name: record_agent_operation
-- An audit row beside the journal: agent $1 tried $2 on the diagram whose id or uuid is $3 (none
-- where it names no diagram), with the data $4, in session $5; $6 says why it failed, or is NULL.
INSERT INTO agent_operations (
    diagram_uuid, agent_id, operation_type, operation_data, user_session_id,
    success, error_message, revision
)
VALUES (
    (
        SELECT uuid FROM diagrams
        WHERE id = $3::text OR uuid = $3::text
        ORDER BY id = $3::text DESC
        LIMIT 1
    ),
    $1, $2, $4::jsonb, $5, $6::text IS NULL, $6::text, $7
);

-- name: list_agent_operations
-- Audit rows, newest first: of the diagram whose id or uuid is $1, of agent $2, older than the row
-- $3, each where it is not NULL; $4 rows.
SELECT o.* FROM agent_operations AS o
WHERE ($1::text IS NULL
        OR o.diagram_uuid IN (SELECT uuid FROM diagrams WHERE id = $1::text OR uuid = $1::text))
    AND ($2::text IS NULL OR o.agent_id = $2)
    AND ($3::bigint IS NULL OR o.id < $3)
ORDER BY o.id DESC
LIMIT $4;

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

-- The first schema. Names and columns of diagrams' agent fields, agent_operations,
-- agent_credentials and diagram_permissions, and of their indexes, are those that other programs
-- around DiagramAI expect.

CREATE TABLE diagrams (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
    uuid varchar(36) NOT NULL DEFAULT gen_random_uuid()::text,
    title text NOT NULL DEFAULT '' CHECK (length(title) <= 1000),
    description text,
    format varchar(20) NOT NULL DEFAULT 'reactflow',
    kind text NOT NULL DEFAULT 'flowchart',
    tags text[] NOT NULL DEFAULT '{}',
    is_public boolean NOT NULL DEFAULT false,
    user_id text,
    agent_accessible boolean NOT NULL DEFAULT true,
    last_agent_edit timestamptz,
    agent_edit_count integer NOT NULL DEFAULT 0,
    created_by_agent boolean NOT NULL DEFAULT false,
    agent_metadata jsonb,
    policy text NOT NULL DEFAULT 'later_wins'
        CHECK (policy IN ('later_wins', 'humans_first', 'agents_first')),
    revision bigint NOT NULL DEFAULT 0 CHECK (revision >= 0),
    node_count integer NOT NULL DEFAULT 0,
    edge_count integer NOT NULL DEFAULT 0,
    extra jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
)
-- Every commit updates its row: free space in the page keeps the new version beside the old one,
-- without touching an index. No column that a commit writes may be indexed, for the same reason.
WITH (fillfactor = 60);

CREATE UNIQUE INDEX idx_diagrams_uuid ON diagrams (uuid);
CREATE INDEX idx_diagrams_agent_accessible ON diagrams (agent_accessible);

CREATE TABLE journal (
    diagram_id text NOT NULL REFERENCES diagrams (id),
    revision bigint NOT NULL CHECK (revision > 0),
    author_kind text NOT NULL CHECK (author_kind IN ('user', 'agent', 'system')),
    author_id text NOT NULL,
    author_name text NOT NULL,
    client_id text,
    sequence bigint,
    -- json, not jsonb: jsonb sorts keys, and an export should show them in the order they came.
    operation json NOT NULL,
    committed_at timestamptz NOT NULL,
    label text NOT NULL,
    commit_id uuid NOT NULL,
    CONSTRAINT journal_pkey PRIMARY KEY (diagram_id, revision),
    CONSTRAINT journal_client_has_sequence CHECK ((client_id IS NULL) = (sequence IS NULL))
);

CREATE UNIQUE INDEX idx_journal_submission
    ON journal (diagram_id, author_kind, author_id, client_id, sequence)
    WHERE client_id IS NOT NULL;

CREATE TABLE snapshots (
    diagram_id text NOT NULL REFERENCES diagrams (id) ON DELETE CASCADE,
    revision bigint NOT NULL CHECK (revision >= 0),
    document json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (diagram_id, revision)
);

CREATE TABLE agent_operations (
    id bigserial PRIMARY KEY,
    diagram_uuid varchar(36) REFERENCES diagrams (uuid),
    agent_id varchar(255) NOT NULL,
    operation_type varchar(50) NOT NULL,
    operation_data jsonb,
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    user_session_id varchar(255),
    success boolean NOT NULL DEFAULT true,
    error_message text,
    revision bigint
);

CREATE INDEX idx_agent_operations_diagram ON agent_operations (diagram_uuid);
CREATE INDEX idx_agent_operations_timestamp ON agent_operations ("timestamp");

CREATE TABLE agent_credentials (
    id bigserial PRIMARY KEY,
    agent_id varchar(255) NOT NULL UNIQUE,
    name text NOT NULL,
    -- The public first part of the key, by which it is found.
    key_prefix text NOT NULL UNIQUE,
    -- SHA-256 of the whole key, in hexadecimal. The key itself is never stored.
    api_key varchar(255) NOT NULL UNIQUE,
    permissions jsonb NOT NULL,
    rate_limit integer NOT NULL DEFAULT 100 CHECK (rate_limit > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used timestamptz,
    active boolean NOT NULL DEFAULT true
);

CREATE TABLE diagram_permissions (
    id bigserial PRIMARY KEY,
    diagram_uuid varchar(36) NOT NULL REFERENCES diagrams (uuid),
    agent_id varchar(255) NOT NULL REFERENCES agent_credentials (agent_id),
    permissions jsonb NOT NULL,
    granted_by varchar(255),
    granted_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (diagram_uuid, agent_id)
);

CREATE TABLE sign_in_codes (
    code_hash text PRIMARY KEY,
    person_id text NOT NULL,
    person_name text NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE person_sessions (
    token_hash text PRIMARY KEY,
    person_id text NOT NULL,
    person_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

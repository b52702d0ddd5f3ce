-- Agents that connect by an address: their programs (OAuth clients), what people approved, and the
-- tokens given for it. An approved program is an agent in agent_credentials, one without a key.
-- Every secret is stored as its SHA-256, in hexadecimal.

CREATE TABLE oauth_clients (
    -- Made up here, or the address of the document in which the program describes itself.
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 2000),
    name text NOT NULL CHECK (length(name) <= 100),
    redirect_uris text[] NOT NULL,
    auth_method text NOT NULL
        CHECK (auth_method IN ('none', 'client_secret_post', 'client_secret_basic')),
    secret_hash text CHECK ((secret_hash IS NULL) = (auth_method = 'none')),
    -- The address that it registered from; NULL for one that was read from its document.
    registered_from text,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_oauth_clients_from ON oauth_clients (registered_from);

-- What a person approved. A code is kept for a while after it is spent: used again, it was stolen.
CREATE TABLE oauth_codes (
    code_hash text PRIMARY KEY,
    client_id text NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
    redirect_uri text NOT NULL,
    names_redirect_uri boolean NOT NULL,
    challenge text NOT NULL,
    resource text NOT NULL,
    person_id text NOT NULL,
    permissions jsonb NOT NULL,
    all_diagrams boolean NOT NULL,
    diagram_uuids text[] NOT NULL,
    -- Until when what was approved lasts, and until when the code is good.
    ends_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- What it was spent for.
    grant_id text
);

CREATE INDEX idx_oauth_codes_client ON oauth_codes (client_id);
CREATE INDEX idx_oauth_codes_expires ON oauth_codes (expires_at);

CREATE TABLE oauth_grants (
    id text PRIMARY KEY,
    agent_id varchar(255) NOT NULL UNIQUE REFERENCES agent_credentials (agent_id) ON DELETE CASCADE,
    client_id text NOT NULL REFERENCES oauth_clients (id),
    redirect_uri text NOT NULL,
    resource text NOT NULL,
    -- All refresh tokens of a grant begin with one secret and end with one of their own; whoever
    -- comes with the first and not with the newest second has a token that was used before.
    family_hash text NOT NULL UNIQUE,
    refresh_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_oauth_grants_client ON oauth_grants (client_id);

CREATE TABLE oauth_tokens (
    token_hash text PRIMARY KEY,
    grant_id text NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    permissions jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

CREATE INDEX idx_oauth_tokens_grant ON oauth_tokens (grant_id);
CREATE INDEX idx_agent_credentials_owner ON agent_credentials (owner_id)
    WHERE owner_id IS NOT NULL;

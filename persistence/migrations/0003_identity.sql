-- Who somebody is: keys that are being replaced, agents' session tokens, and names for sessions by
-- which they are ended and looked at again without their secrets.

ALTER TABLE agent_credentials
    -- An agent that a person approved in the browser has no key.
    ALTER COLUMN key_prefix DROP NOT NULL,
    ALTER COLUMN api_key DROP NOT NULL,
    -- The person on whose behalf it acts; it may do no more than they may.
    ADD COLUMN owner_id text,
    -- False: only the diagrams that it has a grant on.
    ADD COLUMN all_diagrams boolean NOT NULL DEFAULT true,
    ADD COLUMN expires_at timestamptz;

-- Keys that a newer one has replaced, for as long as they still work.
CREATE TABLE agent_old_keys (
    key_prefix text PRIMARY KEY,
    agent_id varchar(255) NOT NULL REFERENCES agent_credentials (agent_id) ON DELETE CASCADE,
    api_key varchar(255) NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX idx_agent_old_keys_agent ON agent_old_keys (agent_id);

-- Session tokens, each made with a key; it ends with that key.
CREATE TABLE agent_sessions (
    id text PRIMARY KEY,
    token_hash text NOT NULL UNIQUE,
    agent_id varchar(255) NOT NULL REFERENCES agent_credentials (agent_id) ON DELETE CASCADE,
    key_prefix text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

CREATE INDEX idx_agent_sessions_agent ON agent_sessions (agent_id);

ALTER TABLE person_sessions
    ADD COLUMN id text NOT NULL DEFAULT gen_random_uuid()::text UNIQUE;

CREATE INDEX idx_person_sessions_person ON person_sessions (person_id);

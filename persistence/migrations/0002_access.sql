-- Who may do what: people, their roles on diagrams, share links; and what tells every process that
-- something was taken away.

CREATE TABLE people (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 300),
    name text NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_people_name ON people (lower(name));

-- Whoever is signed in already is known.
INSERT INTO people (id, name)
SELECT DISTINCT ON (person_id) person_id, person_name FROM person_sessions
WHERE length(person_id) BETWEEN 1 AND 300
ORDER BY person_id, created_at DESC;

CREATE TABLE share_links (
    id text PRIMARY KEY,
    diagram_id text NOT NULL REFERENCES diagrams (id) ON DELETE CASCADE,
    -- SHA-256 of the secret part of the link, in hexadecimal. The secret itself is never stored.
    token_hash text NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('viewer', 'editor')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    -- Its end by time was told to those who came through it.
    is_over boolean NOT NULL DEFAULT false
);

CREATE INDEX idx_share_links_diagram ON share_links (diagram_id);
CREATE INDEX idx_share_links_expires ON share_links (expires_at) WHERE NOT is_over;

-- An owner stands in diagrams.user_id. A member through a link is one as long as the link lasts.
CREATE TABLE diagram_members (
    diagram_id text NOT NULL REFERENCES diagrams (id) ON DELETE CASCADE,
    person_id text NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('viewer', 'editor')),
    link_id text REFERENCES share_links (id) ON DELETE CASCADE,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (diagram_id, person_id)
);

CREATE INDEX idx_diagram_members_person ON diagram_members (person_id);
CREATE INDEX idx_diagram_members_link ON diagram_members (link_id) WHERE link_id IS NOT NULL;

CREATE INDEX idx_diagrams_user ON diagrams (user_id);

ALTER TABLE diagrams
    ADD COLUMN deleted_by text,
    ADD COLUMN deleted_by_name text;

-- A row for whatever was taken from somebody: "diagram:<id>", "person:<id>", "agent:<id>",
-- "session:<id>". Every server process reads the new ones and looks again at what it has open.
CREATE TABLE access_changes (
    id bigserial PRIMARY KEY,
    subject text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_access_changes_at ON access_changes (at);

-- Agents that connect by an address. Whoever ends such an agent does it with revoke_credential: every
-- token is looked up together with its agent.

-- name: drop_unused_oauth_clients
-- Forgets programs that nobody approves and that were not seen for $1 seconds, what is left of agents
-- that have ended, and the programs that were seen longest ago of those that nobody approves, as many
-- as it takes for one more to be among $2 in all.
WITH ended AS (
    DELETE FROM oauth_grants AS g USING agent_credentials AS a
    WHERE a.agent_id = g.agent_id AND (NOT a.active OR a.expires_at <= now())
    RETURNING g.id
)
DELETE FROM oauth_clients AS c
WHERE NOT EXISTS (SELECT FROM oauth_grants AS g WHERE g.client_id = c.id) AND (
    c.used_at < now() - make_interval(secs => $1) OR c.id IN (
        SELECT o.id FROM oauth_clients AS o
        WHERE NOT EXISTS (SELECT FROM oauth_grants AS g WHERE g.client_id = o.id)
        ORDER BY o.used_at
        LIMIT greatest(0, (SELECT count(*) FROM oauth_clients) - $2::bigint + 1)
    )
);

-- name: register_oauth_client
-- Stores the program $1 named $2, with the redirect URIs $3, the method $4 and the secret's hash $5,
-- registered from $6. No row where there are $7 in all, or $8 from there that nobody has approved.
INSERT INTO oauth_clients (id, name, redirect_uris, auth_method, secret_hash, registered_from)
SELECT $1, $2, $3::text[], $4, $5, $6::text
WHERE (SELECT count(*) FROM oauth_clients) < $7::bigint AND (
    SELECT count(*) FROM oauth_clients AS c
    WHERE c.registered_from = $6::text
        AND NOT EXISTS (SELECT FROM oauth_grants AS g WHERE g.client_id = c.id)
) < $8::bigint
RETURNING *;

-- name: remember_oauth_client
-- Stores what the document at $1 says of a program: its name $2 and its redirect URIs $3. No row
-- where it is new and there are $4 in all.
INSERT INTO oauth_clients AS c (id, name, redirect_uris, auth_method)
SELECT $1::text, $2, $3::text[], 'none'
WHERE (SELECT count(*) FROM oauth_clients) < $4::bigint
    OR EXISTS (SELECT FROM oauth_clients WHERE id = $1::text)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, redirect_uris = excluded.redirect_uris, used_at = now()
RETURNING *;

-- name: find_oauth_client
-- The program whose id is $1, if it is registered.
SELECT * FROM oauth_clients WHERE id = $1;

-- name: issue_oauth_code
-- Stores a code by its hash $1, good for $12 seconds: for program $2, the redirect URI $3 and whether
-- the program named it ($4), the challenge $5 and the resource $6; for it person $7 approved the
-- permissions $8, all their diagrams ($9) or those with the uuids $10, until $11. Codes older than $13
-- seconds are dropped. No row where the person has $14 such agents already.
WITH dropped AS (
    DELETE FROM oauth_codes WHERE expires_at < now() - make_interval(secs => $13)
), used AS (
    UPDATE oauth_clients SET used_at = now() WHERE id = $2
)
INSERT INTO oauth_codes (
    code_hash, client_id, redirect_uri, names_redirect_uri, challenge, resource, person_id,
    permissions, all_diagrams, diagram_uuids, ends_at, expires_at
)
SELECT $1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10::text[], $11,
    now() + make_interval(secs => $12)
WHERE (
    SELECT count(*) FROM oauth_grants AS g
    JOIN agent_credentials AS a ON a.agent_id = g.agent_id
    WHERE a.owner_id = $7 AND a.active AND coalesce(a.expires_at > now(), true)
) < $14::bigint
RETURNING code_hash;

-- name: find_oauth_code
-- The code with the hash $1, spent or not, and the agent that it was spent for.
SELECT c.*, g.agent_id FROM oauth_codes AS c
LEFT JOIN oauth_grants AS g ON g.id = c.grant_id
WHERE c.code_hash = $1;

-- name: spend_oauth_code
-- Turns the code with the hash $1 into an agent $3 with the grant $2, whose refresh tokens are of the
-- family with the hash $4 and whose first has the hash $5, and an access token with the hash $6, good
-- for $7 seconds. No row where the code was spent, or is too old.
WITH spent AS (
    UPDATE oauth_codes SET grant_id = $2::text
    WHERE code_hash = $1 AND grant_id IS NULL AND expires_at > now()
    RETURNING *
), agent AS (
    INSERT INTO agent_credentials (
        agent_id, name, permissions, owner_id, all_diagrams, expires_at, last_used
    )
    SELECT $3::text, c.name, s.permissions, s.person_id, s.all_diagrams, s.ends_at, now()
    FROM spent AS s JOIN oauth_clients AS c ON c.id = s.client_id
), allowed AS (
    INSERT INTO diagram_permissions (diagram_uuid, agent_id, permissions, granted_by)
    SELECT d.uuid, $3::text, s.permissions, s.person_id
    FROM spent AS s JOIN diagrams AS d ON d.uuid = ANY (s.diagram_uuids)
    WHERE d.deleted_at IS NULL
), kept AS (
    INSERT INTO oauth_grants (
        id, agent_id, client_id, redirect_uri, resource, family_hash, refresh_hash
    )
    SELECT $2::text, $3::text, client_id, redirect_uri, resource, $4, $5 FROM spent
)
INSERT INTO oauth_tokens (token_hash, grant_id, permissions, expires_at)
SELECT $6, $2::text, permissions, least(now() + make_interval(secs => $7), ends_at) FROM spent
RETURNING permissions, extract(epoch FROM expires_at - now())::float8 AS seconds;

-- name: find_oauth_grant
-- The grant whose refresh tokens are of the family with the hash $1, or the one with the id $2,
-- whichever is not NULL, with its agent; only one in force.
SELECT g.id AS grant_id, g.client_id, g.resource, g.refresh_hash, a.permissions AS scopes,
    a.agent_id, a.name, a.permissions, a.owner_id, a.all_diagrams, a.rate_limit, a.last_used,
    a.expires_at AS ends_at
FROM oauth_grants AS g JOIN agent_credentials AS a ON a.agent_id = g.agent_id
WHERE (g.family_hash = $1::text OR g.id = $2::text)
    AND a.active AND coalesce(a.expires_at > now(), true);

-- name: rotate_oauth_tokens
-- Gives grant $1 the refresh token with the hash $3 in the place of the one with the hash $2, and an
-- access token with the hash $4 for the permissions $5, good for $6 seconds; of the older ones the
-- newest $7 stay. No row where the refresh token was another one by then, or the agent has ended.
WITH rotated AS (
    UPDATE oauth_grants AS g SET refresh_hash = $3
    FROM agent_credentials AS a
    WHERE g.id = $1 AND g.refresh_hash = $2 AND a.agent_id = g.agent_id
        AND a.active AND coalesce(a.expires_at > now(), true)
    RETURNING g.id, a.expires_at AS ends_at
), dropped AS (
    DELETE FROM oauth_tokens AS t USING rotated AS r
    WHERE t.grant_id = r.id AND (
        t.expires_at <= now() OR t.token_hash NOT IN (
            SELECT o.token_hash FROM oauth_tokens AS o WHERE o.grant_id = $1
            ORDER BY o.created_at DESC
            LIMIT $7
        )
    )
)
INSERT INTO oauth_tokens (token_hash, grant_id, permissions, expires_at)
SELECT $4, id, $5::jsonb, least(now() + make_interval(secs => $6), ends_at) FROM rotated
RETURNING permissions, extract(epoch FROM expires_at - now())::float8 AS seconds;

-- name: find_oauth_token
-- The access token with the hash $1 and its agent; only one in force. Its scopes may be fewer than
-- the agent's permissions.
SELECT g.id AS grant_id, g.client_id, g.resource, g.refresh_hash, t.permissions AS scopes,
    a.agent_id, a.name, a.permissions, a.owner_id, a.all_diagrams, a.rate_limit, a.last_used,
    least(t.expires_at, a.expires_at) AS ends_at
FROM oauth_tokens AS t
JOIN oauth_grants AS g ON g.id = t.grant_id
JOIN agent_credentials AS a ON a.agent_id = g.agent_id
WHERE t.token_hash = $1 AND t.expires_at > now()
    AND a.active AND coalesce(a.expires_at > now(), true);

-- name: list_connections
-- The agents that person $1 approved and that are in force, newest first; at most $2.
SELECT a.agent_id, a.name, a.permissions, a.owner_id, a.all_diagrams, a.created_at, a.last_used,
    a.expires_at, g.client_id, g.redirect_uri,
    (SELECT count(*) FROM diagram_permissions AS p WHERE p.agent_id = a.agent_id) AS diagrams
FROM agent_credentials AS a JOIN oauth_grants AS g ON g.agent_id = a.agent_id
WHERE a.owner_id = $1 AND a.active AND coalesce(a.expires_at > now(), true)
ORDER BY a.id DESC
LIMIT $2;

-- name: find_connection_owner
-- Who approved agent $1, which is in force.
SELECT a.owner_id FROM agent_credentials AS a JOIN oauth_grants AS g ON g.agent_id = a.agent_id
WHERE a.agent_id = $1 AND a.active AND coalesce(a.expires_at > now(), true);

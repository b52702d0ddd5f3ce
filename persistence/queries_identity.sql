-- Who somebody is: agents with their keys and session tokens, people's sign-in codes and sessions.
-- Whatever takes something away says so in access_changes, in the same statement.

-- name: create_credential
-- A new agent: $1 its id, $2 its name, $3 its key's prefix, $4 the key's hash (both NULL where it has
-- none), $5 its permissions, $6 its requests a minute, $7 its owner, $8 whether it needs no grants,
-- $9 until when, if not for good. No row where the id or the prefix is taken.
INSERT INTO agent_credentials AS c (
    agent_id, name, key_prefix, api_key, permissions, rate_limit, owner_id, all_diagrams, expires_at
)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
WHERE NOT EXISTS (SELECT FROM agent_old_keys WHERE key_prefix = $3)
ON CONFLICT DO NOTHING
RETURNING *, c.expires_at IS NULL OR c.expires_at > now() AS in_force, c.expires_at AS ends_at;

-- name: find_credential
-- The agent that a key beginning with $1 is or was of, and as api_key the hash of that key: whether
-- it is in_force, and when it ends_at, by itself or with the agent.
SELECT c.*,
    coalesce(k.key_prefix, c.key_prefix) AS key_prefix,
    coalesce(k.api_key, c.api_key) AS api_key,
    c.active AND coalesce(c.expires_at > now(), true) AND coalesce(k.expires_at > now(), true)
        AS in_force,
    least(c.expires_at, k.expires_at) AS ends_at
FROM agent_credentials AS c
LEFT JOIN agent_old_keys AS k ON k.agent_id = c.agent_id AND k.key_prefix = $1::text
WHERE c.agent_id = coalesce(
    (SELECT agent_id FROM agent_credentials WHERE key_prefix = $1::text),
    (SELECT agent_id FROM agent_old_keys WHERE key_prefix = $1::text)
);

-- name: list_credentials
-- Every agent, revoked ones included, in the order of their creation.
SELECT c.*, c.active AND coalesce(c.expires_at > now(), true) AS in_force, c.expires_at AS ends_at
FROM agent_credentials AS c
ORDER BY c.id;

-- name: update_credential
-- Writes what is not NULL of agent $1: permissions $2, requests a minute $3, $4 whether it needs no
-- grants, $9 its name; where $5, its owner becomes $6, and where $7, its end becomes $8. Returns its
-- row.
WITH told AS (
    INSERT INTO access_changes (subject)
    SELECT 'agent:' || agent_id FROM agent_credentials WHERE agent_id = $1
)
UPDATE agent_credentials AS c
SET permissions = coalesce($2::jsonb, c.permissions),
    rate_limit = coalesce($3::integer, c.rate_limit),
    all_diagrams = coalesce($4::boolean, c.all_diagrams),
    owner_id = CASE WHEN $5::boolean THEN $6::text ELSE c.owner_id END,
    expires_at = CASE WHEN $7::boolean THEN $8::timestamptz ELSE c.expires_at END,
    name = coalesce($9::text, c.name)
WHERE c.agent_id = $1
RETURNING c.*, c.active AND coalesce(c.expires_at > now(), true) AS in_force,
    c.expires_at AS ends_at;

-- name: rotate_credential
-- Gives agent $1 the key with the prefix $2 and the hash $3; the one before goes on working for $4
-- seconds, and so do the tokens made with it; of those replaced earlier the newest $5. No row where
-- there is no such agent in force with a key.
WITH before AS (
    SELECT agent_id, key_prefix, api_key FROM agent_credentials
    WHERE agent_id = $1 AND active AND key_prefix IS NOT NULL
    FOR UPDATE
), dropped AS (
    DELETE FROM agent_old_keys AS k USING before AS b
    WHERE k.agent_id = b.agent_id AND (
        k.expires_at <= now() OR $4::double precision <= 0 OR k.key_prefix NOT IN (
            SELECT o.key_prefix FROM agent_old_keys AS o WHERE o.agent_id = b.agent_id
            ORDER BY o.expires_at DESC
            LIMIT $5
        )
    )
    RETURNING k.key_prefix
), kept AS (
    INSERT INTO agent_old_keys (key_prefix, agent_id, api_key, expires_at)
    SELECT key_prefix, agent_id, api_key, now() + make_interval(secs => $4) FROM before
    WHERE $4::double precision > 0
), shortened AS (
    UPDATE agent_sessions AS s
    SET expires_at = least(s.expires_at, now() + make_interval(secs => $4))
    FROM before AS b
    WHERE s.agent_id = b.agent_id AND s.key_prefix = b.key_prefix
), ended AS (
    DELETE FROM agent_sessions AS s USING dropped AS d WHERE s.key_prefix = d.key_prefix
), told AS (
    INSERT INTO access_changes (subject) SELECT 'agent:' || agent_id FROM before
)
UPDATE agent_credentials AS c SET key_prefix = $2, api_key = $3
FROM before AS b
WHERE c.agent_id = b.agent_id
RETURNING c.*, coalesce(c.expires_at > now(), true) AS in_force, c.expires_at AS ends_at;

-- name: revoke_credential
-- Ends agent $1, with all its keys and tokens. No row where there is none or it was ended before.
WITH ended AS (
    UPDATE agent_credentials SET active = false WHERE agent_id = $1 AND active
    RETURNING agent_id
), old_keys AS (
    DELETE FROM agent_old_keys AS k USING ended AS e WHERE k.agent_id = e.agent_id
), tokens AS (
    DELETE FROM agent_sessions AS s USING ended AS e WHERE s.agent_id = e.agent_id
), told AS (
    INSERT INTO access_changes (subject) SELECT 'agent:' || agent_id FROM ended
)
SELECT agent_id FROM ended;

-- name: touch_credential
-- Notes that agent $1 is at work now, unless that was noted less than $2 seconds ago.
UPDATE agent_credentials SET last_used = now()
WHERE agent_id = $1
    AND (last_used IS NULL OR last_used < now() - make_interval(secs => $2));

-- name: start_agent_session
-- A token with the id $1 and the hash $2 for the agent whose key begins with $3, good for $4 seconds
-- or as long as that key; expired tokens are dropped. No row where the key is in force no more, or
-- the agent has $5 tokens already.
WITH expired AS (
    DELETE FROM agent_sessions WHERE expires_at <= now()
), key AS (
    SELECT c.agent_id, least(c.expires_at, k.expires_at) AS ends_at
    FROM agent_credentials AS c
    LEFT JOIN agent_old_keys AS k ON k.agent_id = c.agent_id AND k.key_prefix = $3::text
    WHERE c.active AND (c.key_prefix = $3::text OR k.key_prefix IS NOT NULL)
        AND coalesce(c.expires_at > now(), true) AND coalesce(k.expires_at > now(), true)
        AND (
            SELECT count(*) FROM agent_sessions AS s
            WHERE s.agent_id = c.agent_id AND s.expires_at > now()
        ) < $5::bigint
)
INSERT INTO agent_sessions (id, token_hash, agent_id, key_prefix, expires_at)
SELECT $1, $2, agent_id, $3, least(now() + make_interval(secs => $4), ends_at) FROM key
RETURNING id, expires_at;

-- name: find_agent_session
-- The agent of the token with the hash $1 or the id $2, whichever is not NULL, and until when; only
-- one that is in force.
SELECT c.*, true AS in_force, least(c.expires_at, s.expires_at) AS ends_at, s.id AS session_id
FROM agent_sessions AS s
JOIN agent_credentials AS c ON c.agent_id = s.agent_id
WHERE (s.token_hash = $1::text OR s.id = $2::text)
    AND s.expires_at > now() AND c.active AND coalesce(c.expires_at > now(), true);

-- name: end_agent_session
-- Ends the token with the hash $1.
WITH ended AS (
    DELETE FROM agent_sessions WHERE token_hash = $1 RETURNING id
), told AS (
    INSERT INTO access_changes (subject) SELECT 'token:' || id FROM ended
)
SELECT id FROM ended;

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
-- Stores the hash $1 of a token for person $2 named $3, good until $4, drops expired ones, and notes
-- that the person was here.
WITH expired AS (
    DELETE FROM person_sessions WHERE expires_at <= now()
), noted AS (
    INSERT INTO people (id, name) VALUES ($2, $3)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, last_seen = now()
)
INSERT INTO person_sessions (token_hash, person_id, person_name, expires_at)
VALUES ($1, $2, $3, $4)
RETURNING *;

-- name: find_person_session
-- The session of the token with the hash $1 or with the id $2, whichever is not NULL, if it is still
-- good.
SELECT * FROM person_sessions
WHERE (token_hash = $1::text OR id = $2::text) AND expires_at > now();

-- name: end_person_session
-- Ends the session of the token with the hash $1.
WITH ended AS (
    DELETE FROM person_sessions WHERE token_hash = $1 RETURNING id
), told AS (
    INSERT INTO access_changes (subject) SELECT 'session:' || id FROM ended
)
SELECT id FROM ended;

-- name: recent_access_changes
-- What was taken from somebody in the last $1 seconds, oldest first; at most $2 rows. Ids are given
-- before rows can be seen, so a newer one may be seen first: hence all of the last while.
SELECT id, subject FROM access_changes
WHERE at > now() - make_interval(secs => $1)
ORDER BY id
LIMIT $2;

-- name: prune_access_changes
-- Drops what every process has read, $1 seconds ago and longer.
DELETE FROM access_changes WHERE at < now() - make_interval(secs => $1);

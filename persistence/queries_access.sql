-- People, their roles on diagrams, share links, and the grants of agents.
-- Whatever takes something away says so in access_changes, in the same statement.

-- name: note_person
-- Person $1 named $2 was here now.
INSERT INTO people (id, name) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, last_seen = now();

-- name: find_people
-- People whose id is $1 or whose name matches the pattern $2, last seen first; none of those who came
-- through a link. $3 rows.
SELECT id, name, last_seen FROM people
WHERE (id = $1::text OR name ILIKE $2) AND id NOT LIKE 'guest:%'
ORDER BY last_seen DESC, id
LIMIT $3;

-- name: name_people
-- The names of the people $1, of those that are known.
SELECT id, name FROM people WHERE id = ANY ($1::text[]);

-- name: list_members
-- The members of diagram $1 with their roles, in the order in which they came; those through a link
-- only while it lasts.
SELECT m.person_id, p.name, m.role, m.link_id, m.added_by, m.added_at
FROM diagram_members AS m
JOIN people AS p ON p.id = m.person_id
LEFT JOIN share_links AS l ON l.id = m.link_id
WHERE m.diagram_id = $1
    AND (m.link_id IS NULL OR (l.revoked_at IS NULL AND l.expires_at > now()))
ORDER BY m.added_at, m.person_id;

-- name: set_member
-- Makes person $2 a member of diagram $1 with the role $3, given by $4, unless that were more than
-- $5 members, those apart who came through links. Returns the person's name. No row where there is no
-- such person, or no room. A guest is here by a link, also with another role, and goes when the link
-- does.
WITH person AS (
    SELECT p.id, p.name FROM people AS p
    WHERE p.id = $2 AND (
        (SELECT count(*) FROM diagram_members WHERE diagram_id = $1 AND link_id IS NULL)
            < $5::bigint
        OR EXISTS (SELECT FROM diagram_members WHERE diagram_id = $1 AND person_id = $2)
    )
), written AS (
    INSERT INTO diagram_members AS m (diagram_id, person_id, role, added_by)
    SELECT $1, p.id, $3, $4 FROM person AS p
    ON CONFLICT (diagram_id, person_id) DO UPDATE
    SET role = excluded.role, added_by = excluded.added_by,
        link_id = CASE WHEN m.person_id LIKE 'guest:%' THEN m.link_id END
    RETURNING diagram_id, person_id
), told AS (
    INSERT INTO access_changes (subject) SELECT 'diagram:' || diagram_id FROM written
)
SELECT p.name FROM written AS w JOIN person AS p ON p.id = w.person_id;

-- name: remove_member
-- Person $2 is no member of diagram $1 any more. No row where they were none.
WITH removed AS (
    DELETE FROM diagram_members WHERE diagram_id = $1 AND person_id = $2
    RETURNING diagram_id, person_id
), told AS (
    INSERT INTO access_changes (subject) SELECT 'diagram:' || diagram_id FROM removed
)
SELECT person_id FROM removed;

-- name: transfer_diagram
-- Person $2 owns diagram $1 from now on, where $3 owned it; $3 becomes an editor, if known. Returns
-- the new owner's name. No row where there is no such person, or somebody else owns it by now.
WITH person AS (
    SELECT id, name FROM people WHERE id = $2 AND id NOT LIKE 'guest:%'
), moved AS (
    UPDATE diagrams AS d SET user_id = p.id FROM person AS p
    WHERE d.id = $1 AND d.deleted_at IS NULL AND d.user_id IS NOT DISTINCT FROM $3::text
    RETURNING d.id
), owner_now AS (
    DELETE FROM diagram_members AS m USING moved AS d
    WHERE m.diagram_id = d.id AND m.person_id = $2
), editor_now AS (
    INSERT INTO diagram_members (diagram_id, person_id, role, added_by)
    SELECT d.id, p.id, 'editor', $2 FROM moved AS d, people AS p
    WHERE p.id = $3::text AND p.id <> $2
    ON CONFLICT (diagram_id, person_id) DO UPDATE SET role = 'editor', link_id = NULL
), told AS (
    INSERT INTO access_changes (subject) SELECT 'diagram:' || id FROM moved
)
SELECT p.name FROM moved, person AS p;

-- name: create_share_link
-- A link $1 to diagram $2, by whose secret's hash $3 one gets the role $4 until $6; $5 makes it. No
-- row where the diagram has $7 links in force already.
INSERT INTO share_links (id, diagram_id, token_hash, role, created_by, expires_at)
SELECT $1, $2, $3, $4, $5, $6
WHERE (
    SELECT count(*) FROM share_links
    WHERE diagram_id = $2 AND revoked_at IS NULL AND expires_at > now()
) < $7::bigint
RETURNING id, diagram_id, role, created_by, created_at, expires_at, revoked_at;

-- name: list_share_links
-- The links of diagram $1 that are neither revoked nor expired, newest first, and how many people
-- came through each.
SELECT l.id, l.diagram_id, l.role, l.created_by, l.created_at, l.expires_at, l.revoked_at,
    (SELECT count(*) FROM diagram_members AS m WHERE m.link_id = l.id) AS members
FROM share_links AS l
WHERE l.diagram_id = $1 AND l.revoked_at IS NULL AND l.expires_at > now()
ORDER BY l.created_at DESC, l.id;

-- name: revoke_share_link
-- Ends link $2 of diagram $1, and what came through it: memberships, and the sessions of guests who
-- have nothing else. No row where there is no such link, or it was revoked before.
WITH revoked AS (
    UPDATE share_links SET revoked_at = now()
    WHERE id = $2 AND diagram_id = $1 AND revoked_at IS NULL
    RETURNING id, diagram_id
), ended AS (
    DELETE FROM diagram_members AS m USING revoked AS l
    WHERE m.link_id = l.id
    RETURNING m.person_id
), gone AS (
    SELECT e.person_id FROM ended AS e
    WHERE e.person_id LIKE 'guest:%' AND NOT EXISTS (
        SELECT FROM diagram_members AS m
        WHERE m.person_id = e.person_id AND m.link_id IS DISTINCT FROM $2
    )
), signed_out AS (
    DELETE FROM person_sessions AS s USING gone AS g WHERE s.person_id = g.person_id
), told AS (
    INSERT INTO access_changes (subject)
    SELECT 'diagram:' || diagram_id FROM revoked
    UNION ALL SELECT 'person:' || person_id FROM gone
)
SELECT id FROM revoked;

-- name: find_share_link
-- The link of the secret with the hash $1, in force or not, with its diagram's title and owner.
SELECT l.id, l.diagram_id, l.role, l.expires_at, d.title, d.user_id,
    l.revoked_at IS NOT NULL AS is_revoked,
    l.expires_at <= now() AS is_expired,
    d.deleted_at IS NOT NULL AS is_in_trash
FROM share_links AS l JOIN diagrams AS d ON d.id = l.diagram_id
WHERE l.token_hash = $1;

-- name: join_by_link
-- Person $2 comes through link $1. A role that an owner gave them stays as it is; one through a link
-- gives way to a better one, or to any where its own link has ended. No row where the link ended
-- meanwhile, or $3 are here through links in force: who has a link takes no room from those whom
-- owners name.
WITH link AS (
    SELECT id, diagram_id, role, created_by FROM share_links
    WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()
    FOR SHARE
), written AS (
    INSERT INTO diagram_members AS m (diagram_id, person_id, role, link_id, added_by)
    SELECT l.diagram_id, $2, l.role, l.id, l.created_by FROM link AS l
    WHERE (
            SELECT count(*) FROM diagram_members AS o
            JOIN share_links AS s ON s.id = o.link_id
            WHERE o.diagram_id = l.diagram_id AND s.revoked_at IS NULL AND s.expires_at > now()
        ) < $3::bigint
        OR EXISTS (
            SELECT FROM diagram_members AS o
            WHERE o.diagram_id = l.diagram_id AND o.person_id = $2
        )
    ON CONFLICT (diagram_id, person_id) DO UPDATE
    SET role = CASE
            WHEN m.link_id IS NULL THEN m.role
            WHEN excluded.role = 'editor' THEN 'editor'
            WHEN EXISTS (
                SELECT FROM share_links AS o
                WHERE o.id = m.link_id AND o.revoked_at IS NULL AND o.expires_at > now()
            ) THEN m.role
            ELSE excluded.role
        END,
        link_id = CASE
            WHEN m.link_id IS NULL THEN NULL
            WHEN excluded.role = m.role OR excluded.role = 'editor' THEN excluded.link_id
            WHEN EXISTS (
                SELECT FROM share_links AS o
                WHERE o.id = m.link_id AND o.revoked_at IS NULL AND o.expires_at > now()
            ) THEN m.link_id
            ELSE excluded.link_id
        END
    RETURNING m.role
)
SELECT role FROM written;

-- name: end_expired_links
-- Tells of links that have expired since; what came through them is over.
WITH over AS (
    UPDATE share_links SET is_over = true
    WHERE NOT is_over AND expires_at <= now()
    RETURNING diagram_id
)
INSERT INTO access_changes (subject) SELECT DISTINCT 'diagram:' || diagram_id FROM over;

-- name: list_grants
-- What agents are granted on diagram $1, by name.
SELECT g.agent_id, a.name, g.permissions, g.granted_by, g.granted_at
FROM diagrams AS d
JOIN diagram_permissions AS g ON g.diagram_uuid = d.uuid
JOIN agent_credentials AS a ON a.agent_id = g.agent_id
WHERE d.id = $1
ORDER BY a.name, g.agent_id;

-- name: set_grant
-- Grants agent $2 the permissions $3 on diagram $1, by $4, instead of what it had. Returns its name;
-- no row where there is no such agent, or the diagram has $5 grants already.
WITH agent AS (
    SELECT a.agent_id, a.name, d.id, d.uuid FROM agent_credentials AS a, diagrams AS d
    WHERE a.agent_id = $2 AND d.id = $1 AND (
        (SELECT count(*) FROM diagram_permissions AS g WHERE g.diagram_uuid = d.uuid) < $5::bigint
        OR EXISTS (
            SELECT FROM diagram_permissions AS g WHERE g.diagram_uuid = d.uuid AND g.agent_id = $2
        )
    )
), written AS (
    INSERT INTO diagram_permissions (diagram_uuid, agent_id, permissions, granted_by)
    SELECT uuid, agent_id, $3::jsonb, $4 FROM agent
    ON CONFLICT (diagram_uuid, agent_id) DO UPDATE
    SET permissions = excluded.permissions, granted_by = excluded.granted_by, granted_at = now()
    RETURNING agent_id
), told AS (
    INSERT INTO access_changes (subject) SELECT 'diagram:' || id FROM agent
)
SELECT a.name FROM written JOIN agent AS a USING (agent_id);

-- name: remove_grant
-- Agent $2 has no grant of its own on diagram $1 any more. No row where it had none.
WITH removed AS (
    DELETE FROM diagram_permissions AS g USING diagrams AS d
    WHERE d.id = $1 AND g.diagram_uuid = d.uuid AND g.agent_id = $2
    RETURNING d.id, g.agent_id
), told AS (
    INSERT INTO access_changes (subject) SELECT 'diagram:' || id FROM removed
)
SELECT agent_id FROM removed;

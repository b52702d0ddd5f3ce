-- The audit becomes append-only, and each row carries the hash of the one before it in its chain:
-- "diagram:<uuid>" for committed edits, "agent:<id>" for everything else that an agent did or tried.
-- Beside it: how much of a rate limit is used up, and alerts.

ALTER TABLE agent_operations
    ADD COLUMN duration_ms integer,
    ADD COLUMN address text,
    ADD COLUMN chain text,
    ADD COLUMN position bigint,
    ADD COLUMN previous_hash bytea,
    ADD COLUMN hash bytea;

-- The last row of each chain, so that its loss is noticed, and where the chain begins after older
-- rows were dropped by the policy of retention. One update for each audited row: free space keeps it
-- in its page.
CREATE TABLE audit_heads (
    chain text PRIMARY KEY,
    position bigint NOT NULL,
    hash bytea NOT NULL,
    previous_hash bytea NOT NULL,
    -- Of the last row that was dropped; the first row that is kept comes after it.
    base_position bigint NOT NULL DEFAULT 0,
    base_hash bytea NOT NULL DEFAULT ''
)
WITH (fillfactor = 50);

-- Everything a row says, its position apart, as a JSON array. Checking the audit asks for the same
-- with an expression of its own.
CREATE FUNCTION audit_text(o agent_operations) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT json_build_array(
        o.chain, o.id, o.diagram_uuid, o.agent_id, o.operation_type, o.operation_data,
        (extract(epoch FROM o."timestamp") * 1000000)::bigint, o.user_session_id, o.success,
        o.error_message, o.revision, o.duration_ms, o.address
    )::text
$$;

CREATE FUNCTION audit_hash(previous bytea, place bigint, content bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT sha256(previous || int8send(place) || content) $$;

-- Who inserts several rows inserts them in the order of their chains: so heads are always locked in
-- one order, and two processes cannot wait for each other.
CREATE FUNCTION audit_append() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    content bytea;
BEGIN
    IF NEW.chain IS NULL THEN
        NEW.chain := 'agent:' || NEW.agent_id;
    END IF;
    content := convert_to(audit_text(NEW), 'UTF8');
    LOOP
        UPDATE audit_heads AS h
        SET position = h.position + 1,
            previous_hash = h.hash,
            hash = audit_hash(h.hash, h.position + 1, content)
        WHERE h.chain = NEW.chain
        RETURNING h.position, h.previous_hash, h.hash
        INTO NEW.position, NEW.previous_hash, NEW.hash;
        EXIT WHEN FOUND;
        INSERT INTO audit_heads (chain, position, hash, previous_hash)
        VALUES (NEW.chain, 0, '', '')
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN NEW;
END $$;

-- Rows from before are chained in the order in which they came. Each head is written once: one that
-- is updated again and again within a transaction is found ever more slowly.
UPDATE agent_operations
SET chain = CASE
    WHEN success AND revision IS NOT NULL AND diagram_uuid IS NOT NULL
        THEN 'diagram:' || diagram_uuid
    ELSE 'agent:' || agent_id
END;

DO $$
DECLARE
    o agent_operations;
    h audit_heads;
BEGIN
    FOR o IN SELECT * FROM agent_operations ORDER BY chain, id LOOP
        IF h.chain IS DISTINCT FROM o.chain THEN
            IF h.chain IS NOT NULL THEN
                INSERT INTO audit_heads VALUES (h.*);
            END IF;
            h := ROW (o.chain, 0, ''::bytea, ''::bytea, 0, ''::bytea);
        END IF;
        h.position := h.position + 1;
        h.previous_hash := h.hash;
        h.hash := audit_hash(h.hash, h.position, convert_to(audit_text(o), 'UTF8'));
        UPDATE agent_operations
        SET position = h.position, previous_hash = h.previous_hash, hash = h.hash
        WHERE id = o.id;
    END LOOP;
    IF h.chain IS NOT NULL THEN
        INSERT INTO audit_heads VALUES (h.*);
    END IF;
END $$;

ALTER TABLE agent_operations
    ALTER COLUMN chain SET NOT NULL,
    ALTER COLUMN position SET NOT NULL,
    ALTER COLUMN previous_hash SET NOT NULL,
    ALTER COLUMN hash SET NOT NULL;

CREATE UNIQUE INDEX idx_agent_operations_chain ON agent_operations (chain, position);

CREATE TRIGGER audit_append BEFORE INSERT ON agent_operations
    FOR EACH ROW EXECUTE FUNCTION audit_append();

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('diagramai.audit_retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The audit is append-only: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON agent_operations
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON agent_operations
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_keep_heads BEFORE DELETE ON audit_heads
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_keep_all_heads BEFORE TRUNCATE ON audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Drops rows of one chain from its beginning on, as long as they are older than a moment, at most so
-- many, and lets its head remember where it begins now. Returns how many.
CREATE FUNCTION audit_prune(pruned text, older_than timestamptz, most bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    head audit_heads;
    up_to bigint;
    dropped bigint;
BEGIN
    SELECT * INTO head FROM audit_heads WHERE chain = pruned FOR UPDATE;
    SELECT coalesce(min(position) - 1, head.position) INTO up_to
    FROM agent_operations WHERE chain = pruned AND "timestamp" >= older_than;
    up_to := least(up_to, head.base_position + most);
    IF up_to IS NULL OR up_to <= head.base_position THEN
        RETURN 0;
    END IF;
    UPDATE audit_heads
    SET base_position = up_to,
        base_hash = (SELECT hash FROM agent_operations WHERE chain = pruned AND position = up_to)
    WHERE chain = pruned;
    PERFORM set_config('diagramai.audit_retention', 'on', true);
    DELETE FROM agent_operations WHERE chain = pruned AND position <= up_to;
    GET DIAGNOSTICS dropped = ROW_COUNT;
    PERFORM set_config('diagramai.audit_retention', 'off', true);
    RETURN dropped;
END $$;

-- A token bucket that is not full: when it will be. What was full before it was looked at again
-- needs no row.
CREATE TABLE rate_counters (
    subject text NOT NULL,
    kind text NOT NULL,
    full_at timestamptz NOT NULL,
    PRIMARY KEY (subject, kind)
);

CREATE INDEX idx_rate_counters_full_at ON rate_counters (full_at);

CREATE TABLE alerts (
    id bigserial PRIMARY KEY,
    rule text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    details jsonb NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT now(),
    acknowledged_at timestamptz,
    acknowledged_by text
);

CREATE INDEX idx_alerts_open ON alerts (id) WHERE acknowledged_at IS NULL;

-- By whom a diagram was made, for those whose diagrams are counted: a person, or an agent that acts
-- for nobody.
ALTER TABLE diagrams ADD COLUMN made_by text;
CREATE INDEX idx_diagrams_made_by ON diagrams (made_by) WHERE made_by IS NOT NULL;

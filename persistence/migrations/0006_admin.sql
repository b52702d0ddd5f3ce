-- The admin page asks for what one agent did, newest first.

CREATE INDEX idx_agent_operations_agent ON agent_operations (agent_id, id);

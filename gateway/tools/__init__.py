"""The MCP tools: what an agent can ask of DiagramAI, one file a family."""

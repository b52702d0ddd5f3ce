"""How MCP travels: sessions, streams and subscriptions. The tools are in ``gateway.tools``."""

"""The front door: WebSocket, HTTP, MCP and the command line. Holds no diagram state."""

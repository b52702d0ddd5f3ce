"""Diagrams as MCP resources: ``diagram://{id}`` and what can be seen of it."""

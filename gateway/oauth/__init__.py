"""Agents that connect by an address: OAuth 2.1, with this server as both of its ends."""

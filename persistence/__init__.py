"""Storage in Postgres: what ``actors.ports.Storage`` asks for, and the tables around it.

Everything that talks to Postgres runs on one dedicated thread (``bridge``); callers are on trio.
"""

"""A client of DiagramAI for scripts and agents' frameworks, on trio and on asyncio.

``connect`` opens a connection, its ``open`` a diagram. Written down in docs/python-client.md.
"""

from client.changes import Change, ChangeFeed, News, Resync
from client.conflicts import Conflict
from client.connection import Connection, ConnectionState, connect
from client.diagram import LiveDiagram, Status
from client.draft import Draft
from client.errors import (
    ClientError,
    ConnectionFailed,
    DiagramUnavailable,
    EditRefused,
    NotSaved,
)
from client.messages import Author
from client.presence import Peer
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.operation import Operation

__all__ = [
    "Author",
    "Change",
    "ChangeFeed",
    "ClientError",
    "Conflict",
    "Connection",
    "ConnectionFailed",
    "ConnectionState",
    "Diagram",
    "DiagramUnavailable",
    "Draft",
    "EditRefused",
    "LiveDiagram",
    "News",
    "NotSaved",
    "Operation",
    "OperationError",
    "Peer",
    "Resync",
    "Status",
    "connect",
]

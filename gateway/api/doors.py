"""What the HTTP API needs from the rest of the server."""

from collections.abc import Awaitable, Callable

import msgspec

from gateway.administration import Administration
from gateway.authentication import Authenticator
from gateway.editor_files import EditorFiles
from gateway.engine.engine import Engine
from gateway.live_sessions import LiveSessions
from gateway.oauth.connections import Connections
from gateway.service import DiagramService
from gateway.sharing import Sharing


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """``check_database`` returns once the database answers, and raises PersistenceError where it
    does not. ``hosts`` and ``origins`` are the Host and Origin headers that are answered,
    in any case."""

    service: DiagramService
    sharing: Sharing
    engine: Engine
    editor: EditorFiles
    authenticator: Authenticator
    live: LiveSessions
    connections: Connections
    admin: Administration
    check_database: Callable[[], Awaitable[object]]
    version: str
    hosts: frozenset[str]
    origins: frozenset[str]

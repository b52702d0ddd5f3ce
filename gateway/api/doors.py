"""What the HTTP API needs from the rest of the server."""

from collections.abc import Awaitable, Callable

import msgspec

from gateway.authentication import Authenticator
from gateway.editor_files import EditorFiles
from gateway.engine.engine import Engine
from gateway.service import DiagramService


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """``check_database`` returns once the database answers, and raises PersistenceError where it
    does not. ``hosts`` and ``origins`` are the Host and Origin headers that are answered,
    in any case."""

    service: DiagramService
    engine: Engine
    editor: EditorFiles
    authenticator: Authenticator
    check_database: Callable[[], Awaitable[object]]
    version: str
    hosts: frozenset[str]
    origins: frozenset[str]
